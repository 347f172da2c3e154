//! A host that leaves an address out of an answer, since it multicast it within the last second
//! (RFC 6762 section 6).

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::scene::programs::{DEADLINE, SERVER, Search, pair};

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const PRINTER: [&str; 2] = ["printer", "local"];
const A: u16 = 1;
const PTR: u16 = 12;
const TXT: u16 = 16;
const AAAA: u16 = 28;
const SRV: u16 = 33;

fn name(labels: &[&str]) -> Vec<u8> {
    let label = |label: &&str| [&[label.len() as u8], label.as_bytes()].concat();
    labels.iter().flat_map(label).chain([0]).collect()
}

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let (ttl, length) = (120_u32.to_be_bytes(), (data.len() as u16).to_be_bytes());
    [name, &kind.to_be_bytes(), &[0, 1], &ttl, &length, data].concat()
}

fn response(records: &[Vec<u8>]) -> Vec<u8> {
    let head = [0, 0, 0x84, 0, 0, 0, 0, records.len() as u8, 0, 0, 0, 0];
    [&head[..], &records.concat()].concat()
}

/// The printer as it answers a query for its type: without its IPv6 address.
fn without_v6() -> Vec<u8> {
    let service = ["_ipp", "_tcp", "local"];
    let (instance, host) = (name(&[&["Laser"][..], &service].concat()), name(&PRINTER));
    let target = [&[0, 0, 0, 0, 0x02, 0x77], &host[..]].concat();
    response(&[
        record(&name(&service), PTR, &instance),
        record(&instance, SRV, &target),
        record(&instance, TXT, &[0]),
        record(&host, A, &SERVER.parse::<Ipv4Addr>().unwrap().octets()),
    ])
}

fn v6() -> Vec<u8> {
    let address = "fe80::7".parse::<std::net::Ipv6Addr>().unwrap();
    response(&[record(&name(&PRINTER), AAAA, &address.octets())])
}

/// Answers queries until `is_over` is set, or for as long as a test may take. Returns how many of them asked for
/// IPv6 addresses.
fn answer(socket: &UdpSocket, is_over: &AtomicBool) -> usize {
    let (mut buffer, mut told, mut asked) = ([0; 9000], None, 0);
    let end = Instant::now() + DEADLINE;
    while !is_over.load(Ordering::Relaxed) && Instant::now() < end {
        let Ok((length, _)) = socket.recv_from(&mut buffer) else { continue };
        let query = &buffer[..length];
        let has = |part: &[u8]| query.windows(part.len()).any(|window| window == part);
        if query[2] & 0x80 != 0 {
            continue;
        }
        if has(b"\x07printer") && has(&AAAA.to_be_bytes()) {
            asked += 1;
            let is_left_out = |told: Instant| told.elapsed() < Duration::from_secs(1);
            if !told.is_some_and(is_left_out) {
                socket.send_to(&v6(), (GROUP, 5353)).unwrap();
            }
        } else if has(b"\x04_ipp\x04_tcp") {
            told.get_or_insert_with(Instant::now);
            socket.send_to(&without_v6(), (GROUP, 5353)).unwrap();
        }
    }
    asked
}

#[test]
fn an_address_that_a_host_leaves_out_is_asked_for_once_more() {
    let lab = pair();
    lab.server.ip(&["route", "add", "224.0.0.0/4", "dev", "eth0"]).unwrap();
    let socket = lab.server.enter(|| {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 5353))?;
        socket.join_multicast_v4(&GROUP, &SERVER.parse().unwrap())?;
        socket.set_read_timeout(Some(Duration::from_millis(50)))?;
        std::io::Result::Ok(socket)
    });
    let (socket, is_over) = (socket.unwrap(), AtomicBool::new(false));
    thread::scope(|scope| {
        let answering = scope.spawn(|| answer(&socket, &is_over));
        let all = ["--service", "_ipp._tcp", "--wait", "full", "--timeout", "4s"];
        let search = Search::run(&lab.client, &all);
        is_over.store(true, Ordering::Relaxed);
        let asked = answering.join().unwrap();
        let [server] = &search.servers[..] else { panic!("{search:#?}") };
        assert_eq!(server["addresses"].as_array().unwrap().len(), 2, "{server:#}");
        assert!((1..=2).contains(&asked), "it was asked {asked} times");
    });
}
