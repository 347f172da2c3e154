use std::net::SocketAddrV4;

use procfs::process::{FDTarget, Process, all_processes};

use super::process;
use crate::ownership::bound::Bound;
use crate::ownership::owner::Owner;

/// The UDP sockets that are bound where `address` would be, in this network namespace.
pub(in crate::ownership) fn bound(address: SocketAddrV4) -> Vec<Bound> {
    let sockets = procfs::net::udp().into_iter().chain(procfs::net::udp6()).flatten();
    sockets
        .map(|socket| (socket.local_address, socket.inode))
        .filter(|(local, _)| {
            let same = local.ip() == *address.ip();
            let any = local.ip().is_unspecified() || address.ip().is_unspecified();
            local.port() == address.port() && (same || any)
        })
        .map(|(local, inode)| Bound { ip: local.ip(), inode })
        .collect()
}

/// The same for every address of the port.
pub(in crate::ownership) fn all_bound(address: SocketAddrV4) -> Option<Vec<Bound>> {
    procfs::net::udp().is_ok().then(|| bound(address))
}

/// The first process, of those we may see into, that has one of the sockets.
///
/// Reads all descriptors of all processes until then.
pub(in crate::ownership) fn holder(sockets: &[Bound]) -> Option<Owner> {
    let holder = all_processes().ok()?.flatten().find(|process| has_one(process, sockets))?;
    Some(process::named(u32::try_from(holder.pid).ok()?))
}

/// Every process, of those we may see into, that has one of the sockets, up to `most`.
pub(in crate::ownership) fn holders(sockets: &[Bound], most: usize) -> Vec<Owner> {
    let Ok(processes) = all_processes() else { return Vec::new() };
    let holders = processes.flatten().filter(|process| has_one(process, sockets));
    let pids = holders.filter_map(|process| u32::try_from(process.pid).ok());
    pids.take(most).map(process::named).collect()
}

/// Whether a process is seen to have one of the sockets.
pub(in crate::ownership) fn holds(owner: &Owner, sockets: &[Bound]) -> bool {
    Process::new(owner.pid.cast_signed()).is_ok_and(|process| has_one(&process, sockets))
}

fn has_one(process: &Process, sockets: &[Bound]) -> bool {
    let is_one = |inode| sockets.iter().any(|socket| socket.inode == inode);
    process.fd().is_ok_and(|mut descriptors| {
        descriptors.any(|descriptor| {
            matches!(descriptor, Ok(d) if matches!(d.target, FDTarget::Socket(i) if is_one(i)))
        })
    })
}
