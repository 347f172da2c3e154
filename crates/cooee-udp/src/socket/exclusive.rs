//! On Windows two sockets can be bound to one port, one of them to all addresses, and who asks for
//! it can take a port that is in use. `SO_EXCLUSIVEADDRUSE` rules out both, as elsewhere the system
//! does ("Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", Microsoft).

use std::io;
use std::os::windows::io::AsRawSocket;

use socket2::Socket;
use windows_sys::Win32::Networking::WinSock::{
    SO_EXCLUSIVEADDRUSE, SOCKET, SOL_SOCKET, setsockopt,
};

/// Has no other socket bind where `socket`, which is not bound yet, is going to be.
///
/// # Errors
/// As the system says.
pub(super) fn make(socket: &Socket) -> io::Result<()> {
    // A BOOL.
    let on: i32 = 1;
    // SAFETY: the socket is open, and the option's value is a BOOL, which `on` is, with its size.
    let result = unsafe {
        setsockopt(
            socket.as_raw_socket() as SOCKET,
            SOL_SOCKET,
            SO_EXCLUSIVEADDRUSE,
            (&raw const on).cast(),
            size_of_val(&on) as i32,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
