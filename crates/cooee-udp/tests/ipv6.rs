//! The socket for IPv6, on loopback. Where the host has none there is nothing to test.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

use cooee_core::Transmit;
use cooee_core::interface::LinkKind;
use cooee_udp::{ReceiveBuffer, UdpSocket};

const DEADLINE: Duration = Duration::from_secs(10);

fn bind(ip: Ipv6Addr) -> Option<(UdpSocket, u16)> {
    let Ok(socket) = UdpSocket::bind(SocketAddrV6::new(ip, 0, 0, 0)) else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "this needs IPv6");
        return None;
    };
    let port = socket.local_addr().expect("bound").port();
    Some((socket, port))
}

fn loopback() -> u32 {
    let interfaces = cooee_udp::interfaces().expect("the system lists interfaces");
    interfaces.iter().find(|of| of.kind == LinkKind::Loopback).expect("loopback").index
}

fn transmit(destination: SocketAddr, payload: &[u8]) -> Transmit {
    Transmit::new(destination, payload.to_vec())
}

type Received = (SocketAddr, Option<IpAddr>, Option<u32>, Vec<u8>);

fn receive(socket: &UdpSocket, count: usize) -> Vec<Received> {
    let (mut buffer, mut received) = (ReceiveBuffer::new(), Vec::new());
    let end = Instant::now() + DEADLINE;
    while received.len() < count {
        assert!(Instant::now() < end, "{} of {count} datagrams", received.len());
        if socket.receive(&mut buffer).is_ok() {
            received.extend(
                buffer
                    .datagrams()
                    .map(|d| (d.source, d.destination, d.interface, d.payload.into())),
            );
        }
    }
    received
}

#[test]
fn datagrams_arrive_with_source_destination_and_interface() {
    let Some((receiver, port)) = bind(Ipv6Addr::UNSPECIFIED) else { return };
    let Some((sender, from)) = bind(Ipv6Addr::UNSPECIFIED) else { return };
    let here = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let batch: Vec<_> = (0..100_u8)
        .map(|n| Transmit {
            socket: cooee_core::SocketId::default(),
            source: Some(here),
            interface: Some(loopback()),
            ..transmit((here, port).into(), &[n])
        })
        .collect();
    sender.send(&batch, |failure| panic!("{failure:?}"));
    for (n, received) in receive(&receiver, 100).into_iter().enumerate() {
        let expected = (SocketAddr::from((here, from)), Some(here), Some(loopback()));
        assert_eq!(received, (expected.0, expected.1, expected.2, vec![n as u8]));
    }
}

#[test]
fn each_socket_is_for_one_family() {
    let Some((six, port)) = bind(Ipv6Addr::UNSPECIFIED) else { return };
    let four = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).expect("IPv4 has ports of its own");
    let mut refused = 0;
    six.send(&[transmit((Ipv4Addr::LOCALHOST, port).into(), b"")], |_| refused += 1);
    four.send(&[transmit((Ipv6Addr::LOCALHOST, port).into(), b"")], |_| refused += 1);
    assert_eq!(refused, 2);
}

#[test]
fn a_refused_datagram_is_reported_and_the_rest_goes_out() {
    let Some((receiver, port)) = bind(Ipv6Addr::LOCALHOST) else { return };
    let Some((sender, _)) = bind(Ipv6Addr::UNSPECIFIED) else { return };
    let there = SocketAddr::from((Ipv6Addr::LOCALHOST, port));
    let not_ours = Some("2001:db8::1".parse().expect("an address"));
    let other_family = transmit((Ipv4Addr::LOCALHOST, port).into(), b"x");
    let batch = [
        transmit(there, b"a"),
        Transmit { source: not_ours, ..transmit(there, b"b") },
        transmit(there, b"c"),
        other_family,
        transmit(there, b"d"),
    ];
    let mut refused = Vec::new();
    sender.send(&batch, |failure| refused.push(failure.index));
    assert_eq!(refused, [1, 3]);
    let payloads: Vec<_> = receive(&receiver, 3).into_iter().map(|received| received.3).collect();
    assert_eq!(payloads, [b"a", b"c", b"d"]);
}
