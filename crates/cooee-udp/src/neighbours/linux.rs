use std::io;
use std::net::IpAddr;

use netlink_packet_route::AddressFamily;
use netlink_packet_route::neighbour::NeighbourState as Entry;

use super::{NeighbourRoom, NeighbourState};
use crate::netlink::{Neighbour, NeighbourTable, Netlink, Topic};

/// The kernel's tables, ARP's and those of neighbour discovery.
#[derive(Debug)]
pub(super) struct Table {
    netlink: Netlink,
}

impl std::os::fd::AsFd for Table {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}

impl Table {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { netlink: Netlink::open(Topic::Routes)? })
    }

    pub(super) fn state(&mut self, address: IpAddr, interface: u32) -> NeighbourState {
        let question = Neighbour::question(address, interface);
        match self.netlink.get(&question, Neighbour::read) {
            Ok(neighbour) => of(neighbour.state),
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => NeighbourState::Unresolved,
            Err(error) => {
                tracing::debug!(%error, %address, interface, "the neighbour's state is unknown");
                NeighbourState::Unknown
            }
        }
    }

    pub(super) fn room(&mut self) -> Option<NeighbourRoom> {
        let (mut table, mut waiting, mut failed) = (None, 0, 0);
        let told = self
            .netlink
            .dump(&NeighbourTable::question(AddressFamily::Inet), |body| {
                let read = NeighbourTable::read(body);
                table = read.filter(|of| of.family == AddressFamily::Inet).or(table.take());
            })
            .and_then(|_| {
                self.netlink.dump(&Neighbour::question_all(AddressFamily::Inet), |body| {
                    let state = Neighbour::read(body).map(|neighbour| neighbour.state);
                    waiting += u32::from(state == Some(Entry::Incomplete));
                    failed += u32::from(state == Some(Entry::Failed));
                })
            });
        if let Err(error) = told {
            tracing::debug!(%error, "the room for neighbours is unknown");
            return None;
        }
        // The kernel drops entries that have failed when it needs their places.
        table.map(|table| NeighbourRoom {
            waiting,
            free: (table.capacity + failed).saturating_sub(table.entries).min(table.capacity),
        })
    }

    pub(super) fn resolved(&mut self, interfaces: &[u32], most: usize) -> Vec<(IpAddr, u32)> {
        let mut hosts = Vec::new();
        let told = self.netlink.dump(&Neighbour::question_all(AddressFamily::Unspec), |body| {
            let Some(neighbour) = Neighbour::read(body) else { return };
            let is_host = neighbour.state != Entry::Noarp && !neighbour.address.is_multicast();
            if is_host
                && of(neighbour.state) == NeighbourState::Resolved
                && interfaces.contains(&neighbour.interface)
                && hosts.len() < most
            {
                hosts.push((neighbour.address, neighbour.interface));
            }
        });
        if let Err(error) = told {
            tracing::debug!(%error, listed = hosts.len(), "not all neighbours are known");
        }
        hosts
    }
}

fn of(state: Entry) -> NeighbourState {
    match state {
        Entry::Reachable
        | Entry::Stale
        | Entry::Delay
        | Entry::Probe
        | Entry::Permanent
        | Entry::Noarp => NeighbourState::Resolved,
        Entry::Incomplete | Entry::Failed | Entry::None => NeighbourState::Unresolved,
        _ => NeighbourState::Unknown,
    }
}
