//! As little as a server can do: it tells what the system allows.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket as StdSocket};

use bytes::Bytes;
use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};

/// One datagram a system call.
pub(crate) fn one_by_one(port: u16) {
    let socket = StdSocket::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
    let mut buffer = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let _ = socket.send_to(&buffer[..length], from);
    }
}

/// As many datagrams a system call as there are, and each answered from where it was sent to.
pub(crate) fn in_batches(port: u16) {
    let socket = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port)).unwrap();
    socket.as_std().set_nonblocking(false).unwrap();
    let mut buffer = ReceiveBuffer::new();
    let mut batch = Vec::new();
    loop {
        socket.receive(&mut buffer).unwrap();
        batch.extend(buffer.datagrams().map(|datagram| Transmit {
            source: datagram.destination,
            ..Transmit::new(datagram.source, Bytes::from_static(b"SERVER_IP:127.0.0.1"))
        }));
        socket.send(&batch, |failure| panic!("{failure:?}"));
        batch.clear();
    }
}
