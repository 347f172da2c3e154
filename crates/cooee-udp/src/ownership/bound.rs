use std::net::IpAddr;

/// A socket that is bound to the port in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) ip: IpAddr,
    /// Its number, which no other socket has as long as it is open; on Windows and macOS, where it has none,
    /// that of its process.
    pub(super) inode: u64,
}
