//! Who has a port, as Windows tells everybody.

use std::net::SocketAddrV4;

use windows_sys::Win32::NetworkManagement::IpHelper::{GetExtendedUdpTable, UDP_TABLE_OWNER_PID};
use windows_sys::Win32::Networking::WinSock::AF_INET;

use crate::ownership::bound::Bound;
use crate::ownership::owner::Owner;
use crate::ownership::udp_rows::{UdpRow, rows};
use crate::windows::{Process, Table};

/// Every socket on the port that excludes one at `address`. One of IPv6 that takes IPv4 too is listed
/// for both.
pub(in crate::ownership) fn bound(address: SocketAddrV4) -> Vec<Bound> {
    all_bound(address).unwrap_or_default()
}

/// The same; `None` if Windows does not tell.
pub(in crate::ownership) fn all_bound(address: SocketAddrV4) -> Option<Vec<Bound>> {
    let table = Table::fill(|buffer, size| {
        // SAFETY: `buffer` has `size` bytes, aligned for the table that goes there.
        unsafe { GetExtendedUdpTable(buffer, size, 0, AF_INET.into(), UDP_TABLE_OWNER_PID, 0) }
    });
    let sockets = rows(&table.ok()?.numbers()).into_iter();
    let excludes = |row: &UdpRow| {
        let any = row.ip.is_unspecified() || address.ip().is_unspecified();
        row.port == address.port() && (any || row.ip == *address.ip())
    };
    let bound = sockets.filter(excludes);
    Some(bound.map(|row| Bound { ip: row.ip.into(), inode: row.pid.into() }).collect())
}

/// The process of the first of the sockets.
pub(in crate::ownership) fn holder(sockets: &[Bound]) -> Option<Owner> {
    holders(sockets, 1).pop()
}

/// The processes of the sockets, up to `most`.
pub(in crate::ownership) fn holders(sockets: &[Bound], most: usize) -> Vec<Owner> {
    // Of a socket whose process has ended, while others have it still.
    const NOBODY: u32 = 0;
    let mut pids = vec![NOBODY];
    for pid in sockets.iter().filter_map(|socket| u32::try_from(socket.inode).ok()) {
        if !pids.contains(&pid) {
            pids.push(pid);
        }
    }
    pids.remove(0);
    pids.into_iter().take(most).map(named).collect()
}

/// Whether a process has one of the sockets.
pub(in crate::ownership) fn holds(owner: &Owner, sockets: &[Bound]) -> bool {
    sockets.iter().any(|socket| socket.inode == u64::from(owner.pid))
}

fn named(pid: u32) -> Owner {
    let image = Process::to_name(pid).and_then(|process| process.image());
    let name = image.and_then(|image| Some(image.file_name()?.to_string_lossy().into_owned()));
    Owner { pid, name }
}

/// Tells whether a process has ended.
#[derive(Debug)]
pub(in crate::ownership) struct ProcessEnd {
    process: Process,
}

impl ProcessEnd {
    /// `None` where it may not be seen.
    pub(in crate::ownership) fn of(pid: u32) -> Option<Self> {
        Some(Self { process: Process::to_outlive(pid)? })
    }

    pub(in crate::ownership) fn has_come(&self) -> bool {
        self.process.has_ended()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};
    use std::process::{Command, Stdio};

    use super::*;
    use crate::ownership::{BindError, OwnedPort};

    #[test]
    fn a_port_that_is_taken_says_by_which_process() {
        let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        // Wine learns whose it is from its first use.
        taken.set_nonblocking(true).expect("it can be set");
        taken.recv(&mut [0]).expect_err("nothing was sent");
        let port = taken.local_addr().expect("bound").port();
        let error = OwnedPort::take(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
        let Err(BindError::PortInUse { owner: Some(owner), .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(owner.pid, std::process::id());
        let own = std::env::current_exe().expect("it runs");
        assert_eq!(owner.name.as_deref().map(str::as_ref), own.file_name());
    }

    #[test]
    fn the_end_of_a_process_is_told() {
        let mut waits = Command::new("cmd.exe");
        waits.args(["/c", "pause"]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = waits.spawn().expect("it is part of Windows");
        let end = ProcessEnd::of(child.id()).expect("it is ours");
        assert!(!end.has_come());
        child.kill().expect("it is ours");
        child.wait().expect("it is ours");
        assert!(end.has_come());
    }
}
