//! What strangers multicast, and the library keeps.

use cooee_lab::scene::avahi::browse;

use super::named;
use crate::endurance::vitals::resident_kib;
use crate::programs::{CLIENT, DEADLINE, cooee, pair, stop};

/// Multicasts 60,000 records that nobody asked for, none like another, and all once more for what was lost.
const FLOODS: &str = r#"
import socket, struct, sys, time
flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
flood.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
flood.bind((sys.argv[1], 5353))
flood.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
labels = lambda *all: b"".join(bytes([len(label)]) + label for label in all) + b"\0"
for packet in [*range(3000)] * 2:
    records = b""
    for n in range(20):
        of = b"%d" % (20 * packet + n)
        data = struct.pack(">HHH", 0, 0, 80) + labels(of, b"local")
        records += labels(of, b"_http", b"_tcp", b"local")
        records += struct.pack(">HHIH", 33, 0x8001, 120, len(data)) + data
    flood.sendto(struct.pack(">HHHHHH", 0, 0x8400, 0, 20, 0, 0) + records, ("224.0.0.251", 5353))
    time.sleep(0.0005)
"#;

#[test]
fn a_server_that_is_asked_forgets_what_a_flood_has_told_it_and_keeps_its_name() {
    let lab = pair();
    let mut server = named(&lab.server, "Workshop", &[]);
    let (before, _) = resident_kib(server.pid());
    let flood = lab.client.spawn("python3", ["-c", FLOODS, CLIENT]).unwrap();
    assert!(flood.finish(DEADLINE).unwrap().status.success());
    let calls = "while :; do \"$0\" find --no-mdns --timeout 500ms; done";
    let mut calls =
        lab.client.spawn("sh", ["-c".as_ref(), calls.as_ref(), cooee().as_os_str()]).unwrap();
    server.stderr_line_with("more records than any network has", DEADLINE + DEADLINE).unwrap();
    let (_, highest) = resident_kib(server.pid());
    println!("60,000 records of strangers took {} MiB", (highest - before) / 1024);
    calls.signal(cooee_lab::netns::Signal::SIGKILL).unwrap();
    let found = browse(&lab.client, "_http._tcp");
    assert!(found.iter().any(|line| line.contains("IPv4;Workshop;")), "{found:?}");
    assert!(!stop(server).stderr.contains("another host"));
}
