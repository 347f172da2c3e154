//! What the kernel says of neighbours, beside a host that is there and one that is not.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use cooee_core::Transmit;
use cooee_lab::netns::{Host, eventually};
use cooee_udp::{NeighbourState, Neighbours};
use nix::sys::socket::{getsockopt, sockopt::SndBuf};

use crate::programs::{DEADLINE, SERVER, pair};

const NOBODY: &str = "10.0.1.77";

fn open(host: &Host) -> (Neighbours, u32) {
    host.enter(|| {
        let interfaces = cooee_udp::interfaces().unwrap();
        let eth0 = interfaces.iter().find(|of| of.name == "eth0").unwrap();
        (Neighbours::new().unwrap(), eth0.index)
    })
}

fn send(host: &Host, to: &str) {
    let socket = host.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    socket.send_to(b"", (to, 9)).unwrap();
}

#[test]
fn a_neighbour_is_resolved_once_it_has_answered_and_nobody_never_is() {
    let lab = pair();
    let (mut neighbours, eth0) = open(&lab.client);
    let [server, nobody] = [SERVER, NOBODY].map(|address| address.parse::<IpAddr>().unwrap());
    lab.client.ip(&["neigh", "flush", "all"]).unwrap();
    assert_eq!(neighbours.state(server, eth0), NeighbourState::Unresolved);
    assert_eq!(neighbours.resolved(&[eth0]), []);
    let before = neighbours.room().unwrap();
    assert_eq!(before.waiting, 0, "{before:?}");

    send(&lab.client, SERVER);
    send(&lab.client, NOBODY);
    let room = neighbours.room().unwrap();
    assert!((1..=2).contains(&room.waiting), "{room:?}");
    assert!(room.free > 0 && room.free < before.free, "{room:?}");
    let resolved = || (neighbours.state(server, eth0) == NeighbourState::Resolved).then_some(());
    eventually(DEADLINE, resolved).expect("the server answers for its address");
    assert_eq!(neighbours.state(nobody, eth0), NeighbourState::Unresolved);
    let given_up = || (neighbours.room().unwrap().waiting == 0).then_some(());
    eventually(DEADLINE, given_up).expect("the kernel gives up");
    assert_eq!(neighbours.resolved(&[eth0]), [(server, eth0)]);
    assert_eq!(neighbours.resolved(&[eth0 + 1]), []);
    assert_eq!(neighbours.state(server, u32::MAX >> 1), NeighbourState::Unknown);
}

#[test]
fn what_waits_for_a_neighbour_is_seen_in_the_send_buffer() {
    let lab = pair();
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let socket = lab.client.enter(|| cooee_udp::UdpSocket::bind(any)).unwrap();
    let empty = socket.send_room().unwrap();
    assert_eq!(empty.used, 0);
    let default = lab.client.enter(|| UdpSocket::bind(any)).unwrap();
    let default = getsockopt(&default, SndBuf).unwrap();
    assert!(empty.capacity as usize > default, "{empty:?}");

    let transmit = Transmit {
        socket: cooee_core::SocketId::default(),
        destination: format!("{NOBODY}:9").parse().unwrap(),
        source: None,
        interface: None,
        payload: b"SERVER_IP:10.0.1.2".as_slice().into(),
    };
    socket.send(&vec![transmit; 50], |failure| panic!("{failure:?}"));
    let full = socket.memory().unwrap();
    assert!(full.send_used >= 50 * 256, "{full:?}");
    assert_eq!((full.send_capacity, full.drops), (empty.capacity, 0));
}

#[test]
fn neighbours_of_ipv6_are_told_too() {
    let lab = pair();
    let (mut neighbours, eth0) = open(&lab.client);
    let there: IpAddr = "fe80::77".parse().unwrap();
    assert_eq!(neighbours.state(there, eth0), NeighbourState::Unresolved);
    let entry = ["neigh", "replace", "fe80::77", "lladdr", "02:00:00:00:00:77", "dev", "eth0"];
    lab.client.ip(&entry).unwrap();
    assert_eq!(neighbours.state(there, eth0), NeighbourState::Resolved);
    assert!(neighbours.resolved(&[eth0]).contains(&(there, eth0)));
}

#[test]
fn a_large_table_is_counted_whole_and_listed_within_bounds() {
    let lab = pair();
    let (mut neighbours, eth0) = open(&lab.client);
    // Permanent entries are not bounded by the table's capacity.
    let script = "printf 'neigh add fd00::%x lladdr 02:00:00:00:00:01 dev eth0\\n' $(seq 0 4999) \
                  | ip -batch -";
    assert!(lab.client.command("sh").args(["-c", script]).status().unwrap().success());
    assert_eq!(neighbours.resolved(&[eth0]).len(), Neighbours::RESOLVED_MAX);
    assert_eq!(neighbours.state("fd00::1387".parse().unwrap(), eth0), NeighbourState::Resolved);
    assert_eq!(neighbours.state("fd00::1388".parse().unwrap(), eth0), NeighbourState::Unresolved);
}
