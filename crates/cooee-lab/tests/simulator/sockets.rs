//! Nodes with more than one socket.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use cooee_core::{Datagram, Transmit};
use cooee_lab::sim::{Arp, Handle, Link, Network, Node, Socket};

use crate::ear::{Ear, MS, ear, segment, transmit};

/// A node with a socket for each family on one port, and another for IPv4 on the next. The first
/// byte of what it sends says by which.
#[derive(Default)]
struct Three {
    sends: Vec<Transmit>,
    heard: Vec<u8>,
    unsent: Vec<u8>,
}

const PORT: u16 = crate::ear::PORT;

impl Node for Three {
    fn port(&self) -> u16 {
        PORT
    }

    fn sockets(&self) -> Vec<Socket> {
        vec![Socket::v4(PORT), Socket::v6(PORT), Socket::v4(PORT + 1)]
    }

    fn socket_for(&self, transmit: &Transmit) -> usize {
        transmit.payload[0].into()
    }

    fn handle_datagram(&mut self, _: Instant, datagram: &Datagram<'_>) {
        self.heard.push(datagram.payload[0]);
    }

    fn handle_unsent(&mut self, _: Instant, transmit: Transmit) {
        self.unsent.push(transmit.payload[0]);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.sends.pop()
    }
}

fn send(network: &mut Network, from: Handle<Three>, socket: u8, to: &str) {
    let transmit = transmit(to.parse().unwrap(), socket);
    network.act(from, |three, _| three.sends.push(transmit));
}

#[test]
fn a_datagram_comes_from_the_port_of_its_socket() {
    let mut network = Network::new(1);
    let nets = ["10.0.0.0/24", "2001:db8::/64"].map(|net| net.parse().unwrap());
    let segment = network.segment_of(&nets);
    let three = network.attach(segment, Link::default(), |_| Three::default());
    let hearer = network.attach(segment, Link::default(), ear);
    for (socket, to) in [(0, "10.0.0.2:9"), (1, "[2001:db8::2]:9"), (2, "10.0.0.2:9")] {
        send(&mut network, three, socket, to);
    }
    network.run_until_idle(MS * 10);
    let mut heard: Vec<(u8, SocketAddr)> =
        network[hearer].heard.iter().map(|&(_, source, _, byte)| (byte, source)).collect();
    heard.sort_unstable();
    let expected = [(0, "10.0.0.1:9"), (1, "[2001:db8::1]:9"), (2, "10.0.0.1:10")];
    assert_eq!(heard, expected.map(|(byte, source)| (byte, source.parse().unwrap())));
}

#[test]
fn a_node_hears_what_is_sent_to_any_of_its_sockets() {
    let mut network = Network::new(1);
    let nets = ["10.0.0.0/24", "2001:db8::/64"].map(|net| net.parse().unwrap());
    let segment = network.segment_of(&nets);
    let sender: Handle<Ear> = network.attach(segment, Link::default(), ear);
    let three = network.attach(segment, Link::default(), |_| Three::default());
    let to = ["10.0.0.2:9", "[2001:db8::2]:9", "10.0.0.2:10", "[2001:db8::2]:10", "10.0.0.2:11"];
    for (byte, to) in (0..).zip(to) {
        let payload = Bytes::copy_from_slice(&[byte]);
        let transmit = Transmit { payload, ..transmit(to.parse().unwrap(), 0) };
        network.act(sender, |ear, _| ear.sends.push(transmit));
    }
    network.run_until_idle(MS * 10);
    let mut heard = network[three].heard.clone();
    heard.sort_unstable();
    assert_eq!(heard, [0, 1, 2]);
    assert_eq!(network.traffic(three).refused, 2);
}

#[test]
fn a_full_send_buffer_silences_its_own_socket_only() {
    let arp = Arp { send_buffer: Some(3), ..Arp::default() };
    let mut network = Network::new(1).with_arp(arp);
    let segment = segment(&mut network, "10.0.0.0/24");
    let three = network.attach(segment, Link::default(), |_| Three::default());
    let hearer = network.attach(segment, Link::default(), ear);
    for host in 100..105 {
        send(&mut network, three, 2, &format!("10.0.0.{host}:9"));
    }
    send(&mut network, three, 0, "10.0.0.255:9");
    network.advance(MS * 10);
    assert_eq!(network[three].unsent, [2, 2]);
    assert_eq!(network[hearer].heard.len(), 1, "the other socket still sends");
    assert_eq!(network.waiting(three), 3);
    network.advance(MS * 3000);
    assert_eq!((network.waiting(three), network.traffic(three).unresolved), (0, 3));
}
