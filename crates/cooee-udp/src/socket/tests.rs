//! The portable half of this module, wherever the tests run.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, UdpSocket as StdSocket};
use std::time::{Duration, Instant};

use cooee_core::Transmit;

#[path = "portable/mod.rs"]
#[allow(unreachable_pub, reason = "public where it is not only tested")]
mod portable;

use portable::{Io, ReceiveBuffer};

fn bind(address: impl Into<IpAddr>) -> (Io, u16) {
    let socket = StdSocket::bind((address.into(), 0)).expect("bound");
    let port = socket.local_addr().expect("bound").port();
    (Io::new(socket).expect("set up"), port)
}

#[test]
fn the_portable_half_sends_and_receives() {
    let (receiver, port) = bind(Ipv4Addr::UNSPECIFIED);
    let (sender, sender_port) = bind(Ipv4Addr::LOCALHOST);
    let destination = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into();
    let huge = vec![7; 60_000];
    let payloads: [&[u8]; 4] = [b"a", b"", &huge, b"b"];
    let batch = payloads.map(|payload| Transmit {
        socket: cooee_core::SocketId::default(),
        destination,
        source: Some(Ipv4Addr::LOCALHOST.into()),
        interface: None,
        payload: payload.to_vec().into(),
    });
    sender.send(&batch, |failure| panic!("{failure:?}"));

    let mut buffer = ReceiveBuffer::new();
    let mut received = Vec::new();
    let end = Instant::now() + Duration::from_secs(10);
    while received.len() < payloads.len() {
        assert!(Instant::now() < end, "{} of {}", received.len(), payloads.len());
        match receiver.receive(&mut buffer) {
            Ok(()) => received.extend(buffer.datagrams().map(|datagram| {
                assert_eq!(datagram.source, SocketAddr::from((Ipv4Addr::LOCALHOST, sender_port)));
                assert_eq!(datagram.destination, Some(Ipv4Addr::LOCALHOST.into()));
                datagram.payload.to_vec()
            })),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
        }
    }
    assert_eq!(received, payloads);
    assert!(receiver.as_std().local_addr().is_ok());
}

#[test]
fn the_portable_half_tells_nothing_of_memory_and_refusals() {
    let (socket, _) = bind(Ipv4Addr::LOCALHOST);
    assert!(socket.memory().is_none());
    assert!(socket.patience() > 0);
    socket.enable_error_queue().expect("it never fails");
    socket.receive_refusals(|refusal| panic!("{refusal:?}"));
}

#[test]
fn the_portable_half_speaks_ipv6() {
    if StdSocket::bind("[::1]:0").is_err() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "this needs IPv6");
        return;
    }
    let (receiver, port) = bind(Ipv6Addr::UNSPECIFIED);
    let (sender, sender_port) = bind(Ipv6Addr::UNSPECIFIED);
    let here = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let transmit = Transmit {
        socket: cooee_core::SocketId::default(),
        destination: (here, port).into(),
        source: Some(here),
        interface: Some(1),
        payload: b"a".to_vec().into(),
    };
    sender.send(&[transmit], |failure| panic!("{failure:?}"));
    let mut buffer = ReceiveBuffer::new();
    let end = Instant::now() + Duration::from_secs(10);
    while receiver.receive(&mut buffer).is_err() {
        assert!(Instant::now() < end, "nothing arrives");
    }
    let datagram = buffer.datagrams().next().expect("one was received");
    assert_eq!(datagram.source, SocketAddr::from((here, sender_port)));
    assert_eq!((datagram.destination, datagram.payload), (Some(here), b"a".as_slice()));
}
