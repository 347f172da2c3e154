//! An interface that goes down and comes up again under another address, over and over.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use cooee_lab::netns::Host;

use super::asker::{PROBE, askers, while_asking};
use super::extent::{at_least, at_most, exactly, note, progress, short_or_long};
use super::refused::{ON_SECOND, twice_joined};
use super::vitals::{holdings, resident_kib};
use crate::programs::{CLIENT, DEADLINE, serve, stop};

const SCENARIO: &str = "flapping interface";

/// The address that the server's interface has after so many cycles.
fn address(cycles: u32) -> Ipv4Addr {
    let last = u8::try_from(cycles % 100).unwrap();
    Ipv4Addr::new(10, 0, 1, if cycles == 0 { 2 } else { 100 + last })
}

fn cycle(server: &Host, number: u32) {
    server.ip(&["link", "set", "eth0", "down"]).unwrap();
    let (old, new) = (address(number), address(number + 1));
    server.replace_address("eth0", &format!("{old}/24"), &format!("{new}/24")).unwrap();
    server.ip(&["link", "set", "eth0", "up"]).unwrap();
}

/// How long it takes until a broadcast is answered with `expected`, asked ten times a second.
fn until_answered_with(client: &Host, expected: &str) -> Duration {
    let began = Instant::now();
    let socket = client.enter(|| UdpSocket::bind((CLIENT, 0))).unwrap();
    socket.set_broadcast(true).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut answer = [0; 64];
    while began.elapsed() < DEADLINE {
        socket.send_to(PROBE, "10.0.1.255:9999").unwrap();
        if socket.recv(&mut answer).is_ok_and(|length| &answer[..length] == expected.as_bytes()) {
            return began.elapsed();
        }
    }
    panic!("no answer {expected}");
}

#[test]
fn an_interface_that_flaps_is_answered_on_rightly_and_costs_nothing() {
    let cycles = short_or_long(50, 1000);
    let (lab, _second) = twice_joined();
    let others = askers(&lab.client, "eth1", [10, 0, 2]);
    let server = serve(&lab.server, &[]);
    let pid = server.pid();
    until_answered_with(&lab.client, "SERVER_IP:10.0.1.2");
    let (before, (resident, _)) = (holdings(pid), resident_kib(pid));

    let on_second = SocketAddrV4::new(ON_SECOND.1, 9999);
    let began = Instant::now();
    let expected = format!("SERVER_IP:{}", address(cycles));
    let (took, answers) = while_asking(&lab.client, &others, on_second, || {
        for number in 0..cycles {
            cycle(&lab.server, number);
            if number % 200 == 199 {
                progress(format_args!("{SCENARIO}: {} cycles", number + 1));
            }
        }
        note(SCENARIO, "cycles a second", f64::from(cycles) / began.elapsed().as_secs_f64());
        until_answered_with(&lab.client, &expected)
    });
    note(SCENARIO, "cycles", cycles);
    at_most(SCENARIO, "right answers after the last", Duration::from_secs(2), took);
    at_least(SCENARIO, "answered on the other, of 100", 97.5, answers.percent());
    exactly(SCENARIO, "threads and descriptors", before, holdings(pid));
    let grown = resident_kib(pid).1 - resident;
    at_most(SCENARIO, "memory growth at its peak, KiB", 512, grown);
    stop(server);
}
