//! A socket whose peers are gone.
#![cfg(target_os = "linux")]

use std::collections::HashSet;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdSocket};

use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};

const MANY: usize = 100;

/// So many addresses at which nobody is any more.
fn gone(ip: IpAddr) -> Vec<SocketAddr> {
    let bound: Vec<_> = (0..MANY).map(|_| StdSocket::bind((ip, 0)).expect("a port")).collect();
    bound.iter().map(|socket| socket.local_addr().expect("bound")).collect()
}

fn to(destination: SocketAddr) -> Transmit {
    Transmit::new(destination, b"?".as_slice())
}

fn client(ip: IpAddr) -> UdpSocket {
    let client = UdpSocket::bind((ip, 0)).expect("bind");
    client.enable_error_queue().expect("Linux has one");
    client
}

fn refused_by(client: &UdpSocket) -> HashSet<SocketAddr> {
    let mut refused = HashSet::new();
    client.receive_refusals(|refusal| {
        assert_eq!(refusal.error.kind(), ErrorKind::ConnectionRefused);
        refused.insert(refusal.destination);
    });
    refused
}

#[test]
fn peers_that_are_gone_keep_nothing_from_being_received() {
    let client = client(Ipv4Addr::LOCALHOST.into());
    let mut buffer = ReceiveBuffer::new();
    for destination in gone(Ipv4Addr::LOCALHOST.into()) {
        client.send(&[to(destination)], |failure| panic!("{failure:?}"));
        let error = client.receive(&mut buffer).expect_err("nobody sent anything");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    let batch: Vec<_> = gone(Ipv4Addr::LOCALHOST.into()).into_iter().map(to).collect();
    client.send(&batch, |failure| panic!("{failure:?}"));
    for one in batch.chunks(1) {
        client.send(one, |failure| panic!("{failure:?}"));
    }
    let peer = StdSocket::bind("127.0.0.1:0").expect("bind");
    peer.send_to(b"!", client.local_addr().expect("bound")).expect("sent");
    client.receive(&mut buffer).expect("a datagram is waiting");
    let received: Vec<_> = buffer.datagrams().map(|datagram| datagram.payload.to_vec()).collect();
    assert_eq!(received, [b"!"]);
}

#[test]
fn each_refusal_names_whom_the_datagram_was_for() {
    let mut families = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    families.extend(StdSocket::bind("[::1]:0").is_ok().then_some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    for ip in families {
        let client = client(ip);
        let gone = gone(ip);
        // One after the other: the kernel bounds how many it says at once.
        let mut refused = HashSet::new();
        for &destination in &gone {
            client.send(&[to(destination)], |failure| panic!("{failure:?}"));
            refused.extend(refused_by(&client));
        }
        assert_eq!(refused, gone.into_iter().collect(), "{ip}");
        assert!(refused_by(&client).is_empty(), "they are told once");
    }
}

#[test]
fn a_datagram_that_is_refused_itself_is_reported_in_spite_of_the_queue() {
    let client = client(Ipv4Addr::LOCALHOST.into());
    let not_ours = Some(Ipv4Addr::new(198, 51, 100, 1).into());
    let destination = client.local_addr().expect("bound");
    let batch = [to(destination), Transmit { source: not_ours, ..to(destination) }];
    let mut failed = Vec::new();
    client.send(&batch, |failure| failed.push(failure.index));
    assert_eq!(failed, [1]);
}
