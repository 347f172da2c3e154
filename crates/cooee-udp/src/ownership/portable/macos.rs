//! Who has a port, as macOS tells: root of all processes, everybody else of those of the same user.

use std::ffi::{c_int, c_void};
use std::net::SocketAddrV4;
use std::ptr;

use crate::ownership::bound::Bound;
use crate::ownership::owner::Owner;
use crate::ownership::socket_info::{LENGTH, udp_v4};

/// `PROC_ALL_PIDS` and `PROC_PIDFDSOCKETINFO` of `<sys/proc_info.h>`.
const ALL_PROCESSES: u32 = 1;
const SOCKET_INFO: c_int = 3;

/// Every socket on the port that excludes one at `address`, as far as they may be seen.
pub(in crate::ownership) fn bound(address: SocketAddrV4) -> Vec<Bound> {
    let excludes = |of: &SocketAddrV4| {
        let any = of.ip().is_unspecified() || address.ip().is_unspecified();
        of.port() == address.port() && (any || of.ip() == address.ip())
    };
    let mut bound = Vec::new();
    for pid in processes() {
        let sockets = descriptors(pid).into_iter().filter_map(|number| socket(pid, number));
        let inode = u64::from(pid.unsigned_abs());
        bound.extend(sockets.filter(excludes).map(|of| Bound { ip: (*of.ip()).into(), inode }));
    }
    bound
}

/// The same; `None` where none is seen, and there may be others.
pub(in crate::ownership) fn all_bound(address: SocketAddrV4) -> Option<Vec<Bound>> {
    // SAFETY: it only reads a number.
    let sees_all = unsafe { libc::geteuid() } == 0;
    Some(bound(address)).filter(|bound| sees_all || !bound.is_empty())
}

/// The process of the first of the sockets.
pub(in crate::ownership) fn holder(sockets: &[Bound]) -> Option<Owner> {
    holders(sockets, 1).pop()
}

/// The processes of the sockets, up to `most`.
pub(in crate::ownership) fn holders(sockets: &[Bound], most: usize) -> Vec<Owner> {
    let mut pids: Vec<u32> = Vec::new();
    for pid in sockets.iter().filter_map(|socket| u32::try_from(socket.inode).ok()) {
        if !pids.contains(&pid) {
            pids.push(pid);
        }
    }
    pids.into_iter().take(most).map(|pid| Owner { pid, name: name(pid) }).collect()
}

/// Whether a process has one of the sockets.
pub(in crate::ownership) fn holds(owner: &Owner, sockets: &[Bound]) -> bool {
    sockets.iter().any(|socket| socket.inode == u64::from(owner.pid))
}

fn processes() -> Vec<libc::pid_t> {
    filled(|buffer, size| {
        // SAFETY: `buffer` has `size` bytes, or is null and `size` is 0.
        unsafe { libc::proc_listpids(ALL_PROCESSES, 0, buffer, size) }
    })
}

/// The numbers of the sockets that a process has open.
fn descriptors(pid: libc::pid_t) -> Vec<i32> {
    let all: Vec<libc::proc_fdinfo> = filled(|buffer, size| {
        // SAFETY: as above.
        unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDLISTFDS, 0, buffer, size) }
    });
    let is_socket = |of: &libc::proc_fdinfo| of.proc_fdtype == libc::PROX_FDTYPE_SOCKET as u32;
    all.iter().filter(|of| is_socket(of)).map(|of| of.proc_fd).collect()
}

fn socket(pid: libc::pid_t, number: i32) -> Option<SocketAddrV4> {
    let mut info = [0_u8; LENGTH];
    // SAFETY: the buffer has so many bytes.
    let written = unsafe {
        libc::proc_pidfdinfo(pid, number, SOCKET_INFO, info.as_mut_ptr().cast(), LENGTH as c_int)
    };
    udp_v4(info.get(..usize::try_from(written).ok()?)?)
}

fn name(pid: u32) -> Option<String> {
    // Twice MAXCOMLEN, with room to spare.
    let mut name = [0_u8; 64];
    // SAFETY: the buffer has so many bytes.
    let length = unsafe {
        libc::proc_name(c_int::try_from(pid).ok()?, name.as_mut_ptr().cast(), name.len() as u32)
    };
    let name = name.get(..usize::try_from(length).ok()?)?;
    (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
}

/// What `list` writes, asked first for how many bytes that takes. Only for plain numbers.
fn filled<T>(list: impl Fn(*mut c_void, c_int) -> c_int) -> Vec<T> {
    /// For those that come meanwhile.
    const SPARE: usize = 32;
    let needed = usize::try_from(list(ptr::null_mut(), 0)).unwrap_or_default();
    if needed == 0 {
        return Vec::new();
    }
    let mut items: Vec<T> = Vec::with_capacity(needed / size_of::<T>() + SPARE);
    let Ok(size) = c_int::try_from(items.capacity() * size_of::<T>()) else { return Vec::new() };
    let written = usize::try_from(list(items.as_mut_ptr().cast(), size)).unwrap_or_default();
    let count = (written / size_of::<T>()).min(items.capacity());
    // SAFETY: the system has written that many, and any bytes are numbers.
    unsafe { items.set_len(count) };
    items
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use super::*;
    use crate::ownership::{BindError, OwnedPort};

    #[test]
    fn a_port_that_is_taken_says_by_which_process() {
        let taken = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let port = taken.local_addr().expect("bound").port();
        let error = OwnedPort::take(SocketAddrV4::new(Ipv4Addr::LOCALHOST, port));
        let Err(BindError::PortInUse { owner: Some(owner), .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(owner.pid, std::process::id());
        assert!(owner.name.is_some());
    }
}
