//! Systems without IPv6.

use std::io;

/// Whether an error of opening or binding a socket says that the system has no such address family:
/// it was built without, or is told not to use it. Anything else may be over soon.
pub fn lacks_family(error: &io::Error) -> bool {
    #[cfg(not(windows))]
    use libc::{EAFNOSUPPORT as FAMILY, EPROTONOSUPPORT as PROTOCOL};
    #[cfg(windows)]
    use windows_sys::Win32::Networking::WinSock::{
        WSAEAFNOSUPPORT as FAMILY, WSAEPROTONOSUPPORT as PROTOCOL,
    };
    // Linux with `net.ipv6.conf.all.disable_ipv6` has the family, and no addresses of it.
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error().is_some_and(|number| [FAMILY, PROTOCOL].contains(&number))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_may_not_be_had_says_nothing_of_the_family() {
        for (number, lacks) in [
            (libc::EAFNOSUPPORT, true),
            (libc::EADDRNOTAVAIL, true),
            (libc::EACCES, false),
            (libc::EADDRINUSE, false),
            (libc::EMFILE, false),
            (libc::ENOBUFS, false),
        ] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(lacks_family(&error), lacks, "{error}");
        }
    }
}
