//! Windows lets receiving fail when a datagram sent earlier was refused, unless it is told not to.

use std::net::UdpSocket as StdSocket;
use std::os::windows::io::AsRawSocket;
use std::{io, ptr};

use windows_sys::Win32::Networking::WinSock::{
    IOC_IN, IOC_VENDOR, SIO_UDP_CONNRESET, SOCKET, WSAIoctl,
};

/// Of "TTL expired", as `SIO_UDP_CONNRESET` is of "port unreachable" (mswsock.h).
const SIO_UDP_NETRESET: u32 = IOC_IN | IOC_VENDOR | 15;

/// Has both not be told. Where that is refused, the errors are passed over one by one.
pub(super) fn turn_off(socket: &StdSocket) {
    for control in [SIO_UDP_CONNRESET, SIO_UDP_NETRESET] {
        if let Err(error) = turn_one_off(socket, control) {
            tracing::debug!(%error, control, "refused datagrams make receiving fail");
        }
    }
}

fn turn_one_off(socket: &StdSocket, control: u32) -> io::Result<()> {
    // A BOOL.
    let off: i32 = 0;
    let mut returned = 0_u32;
    // SAFETY: the socket is open; the input is a BOOL, which `off` is, with its size; there is no
    // output, nor an overlapped operation that would outlive the call.
    let result = unsafe {
        WSAIoctl(
            socket.as_raw_socket() as SOCKET,
            control,
            (&raw const off).cast(),
            size_of_val(&off) as u32,
            ptr::null_mut(),
            0,
            &raw mut returned,
            ptr::null_mut(),
            None,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
