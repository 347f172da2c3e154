//! IPv6 between neighbours, with nothing but link-local addresses.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use cooee_core::Transmit;
use cooee_lab::netns::{Host, eventually};
use cooee_udp::{ReceiveBuffer, UdpSocket};

use crate::programs::{DEADLINE, pair};

struct End {
    socket: UdpSocket,
    eth0: u32,
    own: IpAddr,
}

fn open(host: &Host) -> End {
    host.enter(|| {
        let interfaces = cooee_udp::interfaces().unwrap();
        let eth0 = interfaces.iter().find(|of| of.name == "eth0").unwrap();
        let own = eth0.addresses.iter().map(ipnet::IpNet::addr).find(IpAddr::is_ipv6).unwrap();
        let any = SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0);
        End { socket: UdpSocket::bind(any).unwrap(), eth0: eth0.index, own }
    })
}

fn receive(end: &End) -> (SocketAddr, Option<IpAddr>, Option<u32>) {
    let mut buffer = ReceiveBuffer::new();
    eventually(DEADLINE, || end.socket.receive(&mut buffer).ok()).expect("it arrives");
    let datagram = buffer.datagrams().next().unwrap();
    (datagram.source, datagram.destination, datagram.interface)
}

#[test]
fn a_call_to_a_group_is_answered_to_the_scope_that_it_came_from() {
    let lab = pair();
    let (server, client) = (open(&lab.server), open(&lab.client));
    let group: Ipv6Addr = "ff02::1".parse().unwrap();
    let port = server.socket.local_addr().unwrap().port();
    let call = Transmit {
        socket: cooee_core::SocketId::default(),
        destination: (group, port).into(),
        source: None,
        interface: Some(client.eth0),
        payload: b"call".as_slice().into(),
    };
    client.socket.send(&[call], |failure| panic!("{failure:?}"));
    let (from, to, by) = receive(&server);
    assert_eq!((to, by), (Some(group.into()), Some(server.eth0)));
    let SocketAddr::V6(scoped) = from else { panic!("{from}") };
    assert_eq!((IpAddr::V6(*scoped.ip()), scoped.scope_id()), (client.own, server.eth0));

    let answer = Transmit {
        socket: cooee_core::SocketId::default(),
        destination: from,
        source: Some(server.own),
        interface: by,
        payload: b"answer".as_slice().into(),
    };
    server.socket.send(&[answer], |failure| panic!("{failure:?}"));
    let (from, to, by) = receive(&client);
    assert_eq!((from.ip(), to, by), (server.own, Some(client.own), Some(client.eth0)));
}

#[test]
fn the_way_to_a_link_local_address_begins_on_its_interface() {
    let lab = pair();
    let (server, client) = (open(&lab.server), open(&lab.client));
    let towards = |interface| lab.client.enter(|| cooee_udp::source_towards(server.own, interface));
    assert_eq!(towards(Some(client.eth0)), Some(client.own));
    assert_eq!(towards(None), None);
}
