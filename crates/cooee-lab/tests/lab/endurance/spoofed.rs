//! Probes that carry somebody else's address, to real servers.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, SocketAddrV4, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab, Segment, eventually};
use cooee_lab::scene::over::Over;
use cooee_udp::ReceiveBuffer;

use super::asker::PROBE;
use super::extent::{at_least, at_most, exactly, note, short_or_long};
use crate::programs::{CLIENT, DEADLINE, SERVER, pair, serve, stop};

const OTHER: &str = "10.0.1.3:9999";
const ECHO: &str = "10.0.1.3:7";

fn address(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

fn server_port() -> SocketAddrV4 {
    address(&format!("{SERVER}:9999"))
}

/// How many datagrams have left the process's host, and how many came for one of its sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Traffic {
    received: u64,
    sent: u64,
}

fn traffic(server: &Child) -> Traffic {
    let table = fs::read_to_string(format!("/proc/{}/net/snmp", server.pid())).unwrap();
    let row = table.lines().filter(|line| line.starts_with("Udp:")).nth(1).unwrap();
    let counts: Vec<u64> = row.split(' ').skip(1).map(|count| count.parse().unwrap()).collect();
    Traffic { received: counts[0], sent: counts[3] }
}

/// Waits until the server's host has had `expected`, and watches that nothing follows.
fn then_silence(server: &Child, expected: Traffic) {
    let reached = eventually(DEADLINE, || (traffic(server) == expected).then_some(()));
    assert!(reached.is_some(), "{:?} instead of {expected:?}", traffic(server));
    // The silence itself is what is looked at.
    thread::sleep(short_or_long(Duration::from_millis(300), Duration::from_secs(10)));
    assert_eq!(traffic(server), expected);
}

fn last_line(server: Child) -> String {
    stop(server).stderr.lines().last().unwrap().to_owned()
}

#[test]
fn two_servers_set_upon_each_other_exchange_one_datagram() {
    let lab = pair();
    let attacker = attacker(&lab.segment);
    let (a, b) = (serve(&lab.server, &[]), serve(&lab.client, &[]));
    attacker.send_raw_udp(address(OTHER), server_port(), "eth0", PROBE).unwrap();
    then_silence(&a, Traffic { received: 1, sent: 1 });
    then_silence(&b, Traffic { received: 1, sent: 0 });
    exactly("two servers", "sent by the one called", "answered 1, refused 0", &last_line(a));
    let refused = "answered 0, refused 1 (1 answer)";
    exactly("two servers", "sent by the other", refused, &last_line(b));
}

#[test]
fn an_echo_service_as_the_asker_draws_one_datagram() {
    let lab = pair();
    let attacker = attacker(&lab.segment);
    let server = serve(&lab.server, &[]);
    let echo = lab.client.enter(|| UdpSocket::bind(ECHO)).unwrap();
    echo.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let over = Over::default();
    let echoed = thread::scope(|scope| {
        let say_over = over.when_dropped();
        let echoing = scope.spawn(|| {
            let (mut buffer, mut echoed) = ([0; 64], 0);
            while !over.is_over() {
                if let Ok((length, from)) = echo.recv_from(&mut buffer) {
                    echo.send_to(&buffer[..length], from).unwrap();
                    echoed += 1;
                }
            }
            echoed
        });
        attacker.send_raw_udp(address(ECHO), server_port(), "eth0", PROBE).unwrap();
        then_silence(&server, Traffic { received: 2, sent: 1 });
        drop(say_over);
        echoing.join().unwrap()
    });
    exactly("echo service", "datagrams echoed", 1, echoed);
    let counts = "answered 1, refused 1 (1 answer)";
    exactly("echo service", "sent by the server", counts, &last_line(server));
}

#[test]
fn a_server_as_its_own_asker_sends_itself_one_datagram() {
    let lab = pair();
    let attacker = attacker(&lab.segment);
    // The kernel drops what claims to be from itself, unless it is told not to.
    let accept = || fs::write("/proc/sys/net/ipv4/conf/all/accept_local", "1");
    lab.server.enter(accept).unwrap();
    let server = serve(&lab.server, &[]);
    attacker.send_raw_udp(server_port(), server_port(), "eth0", PROBE).unwrap();
    then_silence(&server, Traffic { received: 2, sent: 1 });
    let counts = "answered 1, refused 1 (1 answer)";
    exactly("own address", "sent by the server", counts, &last_line(server));
}

#[test]
fn a_victim_gets_no_more_than_the_rate_of_one_source_from_each_server() {
    const SCENARIO: &str = "victim";
    const PORT: u16 = 5000;
    let servers = short_or_long(8, 50);
    let time = short_or_long(Duration::from_secs(2), Duration::from_secs(10));
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let hosts: Vec<Host> = (0..servers)
        .map(|n| {
            let host = lab.host(&format!("server-{n}")).unwrap();
            host.join(&segment, &format!("10.0.1.{}/24", 100 + n)).unwrap();
            host
        })
        .collect();
    let victim = lab.host("victim").unwrap();
    victim.join(&segment, &format!("{CLIENT}/24")).unwrap();
    let attacker = attacker(&segment);
    let serving: Vec<Child> = hosts.iter().map(|host| serve(host, &[])).collect();

    let hears = SocketAddrV4::new(CLIENT.parse().unwrap(), PORT);
    let socket = victim.enter(|| cooee_udp::UdpSocket::bind(hears)).unwrap();
    let mut sender = attacker.raw_sender("eth0").unwrap();
    let everybody = address("255.255.255.255:9999");
    let (mut buffer, mut heard) = (ReceiveBuffer::new(), HashMap::<IpAddr, u32>::new());
    let (began, mut probes) = (Instant::now(), 0);
    // What is sent last is answered soon after.
    while began.elapsed() < time + Duration::from_millis(500) {
        if began.elapsed() < time {
            sender.send(hears, everybody, PROBE).unwrap();
            probes += 1;
        }
        while socket.receive(&mut buffer).is_ok() {
            for answer in buffer.datagrams() {
                *heard.entry(answer.source.ip()).or_default() += 1;
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
    let took = began.elapsed().as_secs_f64();
    let most = heard.values().max().copied().unwrap_or_default();
    note(SCENARIO, "probes in its name", probes);
    exactly(SCENARIO, "servers that were drawn upon", servers as usize, heard.len());
    at_least(SCENARIO, "datagrams from each server, at least", 400, *heard.values().min().unwrap());
    at_most(SCENARIO, "datagrams from each server", (400.0 + 200.0 * took).ceil() as u32, most);
    exactly(SCENARIO, "datagrams lost at the victim", Some(0), socket.drops());
    for server in serving {
        assert!(last_line(server).contains("source_rate"), "the limit is what held it back");
    }
}

fn attacker(segment: &Segment) -> Host {
    let host = Lab::new().unwrap().host("attacker").unwrap();
    host.join(segment, "10.0.1.66/24").unwrap();
    host
}
