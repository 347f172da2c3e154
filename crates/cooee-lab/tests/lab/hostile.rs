//! What anyone on the network can send.

use std::net::{SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Lab, Signal};

use crate::counts::refused_for;
use crate::load::with_flood;
use crate::programs::{CLIENT, DEADLINE, SERVER, cooee, find, find_one, pair, serve, stop};

const PROBE: &[u8] = b"DISCOVER_SERVER";

fn address(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

fn server_port() -> SocketAddrV4 {
    address(&format!("{SERVER}:9999"))
}

fn socket(host: &Host) -> UdpSocket {
    let socket = host.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

#[test]
fn what_is_not_exactly_a_probe_gets_no_reply_and_a_counter() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    let client = socket(&lab.client);
    let huge = vec![b'D'; 65_507];
    let misses: [(&[u8], &str); 9] = [
        (b"DISCOVER_SERVER\n", "white_space"),
        (b"DISCOVER_SERVER\0", "nul"),
        (b"discover_server", "case"),
        (b"DISCOVER", "prefix"),
        (b"DISCOVER_SERVER_2", "prefix"),
        (b"", "empty"),
        (&huge, "too_long"),
        (b"SERVER_IP:10.0.1.9", "answer"),
        (b"hello", "foreign"),
    ];
    for (payload, _) in misses {
        client.send_to(payload, server_port()).unwrap();
    }
    client.send_to(PROBE, server_port()).unwrap();
    let mut reply = [0; 64];
    let length = client.recv(&mut reply).unwrap();
    assert_eq!(&reply[..length], format!("SERVER_IP:{SERVER}").as_bytes());
    client.set_nonblocking(true).unwrap();
    assert!(client.recv(&mut reply).is_err(), "only the probe is answered");

    let said = stop(server).stderr;
    for (_, reason) in misses {
        let expected = if reason == "prefix" { 2 } else { 1 };
        assert_eq!(refused_for(&said, reason), expected, "{reason}: {said}");
    }
    assert!(said.contains("answered 1, refused 9 ("), "{said}");
}

#[test]
fn sources_that_are_nobody_get_no_reply_and_a_counter() {
    let lab = pair();
    let server = serve(&lab.server, &["--answer", "any"]);
    let forged = [("10.0.1.3:0", "source_port_zero"), ("10.0.1.255:4000", "source_broadcast")];
    for (source, _) in forged {
        lab.client.send_raw_udp(address(source), server_port(), "eth0", PROBE).unwrap();
    }
    // The kernel drops these itself. The engine's own tests have counters for them.
    for source in ["255.255.255.255:4000", "224.0.0.251:5353", "127.0.0.1:4000"] {
        lab.client.send_raw_udp(address(source), server_port(), "eth0", PROBE).unwrap();
    }
    // Answered after all of these.
    find_one(&lab.client, &["--one", "-4"]);
    let said = stop(server).stderr;
    for (_, reason) in forged {
        assert_eq!(refused_for(&said, reason), 1, "{reason}: {said}");
    }
    assert!(said.contains("answered 1, refused 2 ("), "{said}");
}

#[test]
fn who_is_answered_is_a_policy() {
    let public = "203.0.113.9";
    let private = "192.168.77.9";
    for (policy, answered) in
        [("any", [true, true]), ("private", [false, true]), ("on-link", [false, false])]
    {
        let lab = pair();
        // Off the server's link, though the wire is the same: it answers by its default route.
        lab.server.default_route(CLIENT).unwrap();
        for source in [public, private] {
            lab.client.add_address("eth0", &format!("{source}/32")).unwrap();
        }
        let _server = serve(&lab.server, &["--answer", policy]);
        for (source, answered) in [public, private].iter().zip(answered) {
            let from = format!("{source}:0");
            let asker = lab.client.enter(|| UdpSocket::bind(&from)).unwrap();
            let patience = if answered { DEADLINE } else { Duration::from_millis(300) };
            asker.set_read_timeout(Some(patience)).unwrap();
            asker.send_to(PROBE, server_port()).unwrap();
            let got = asker.recv(&mut [0; 64]).is_ok();
            assert_eq!(got, answered, "{policy} {source}");
        }
        assert_eq!(find_one(&lab.client, &["--one"])["ip"], SERVER, "on-link always");
        let local = find_one(&lab.server, &["--interface", "lo", "--one"]);
        assert_eq!(local["ip"], "127.0.0.1", "loopback always");
    }
}

#[test]
fn what_a_server_says_of_itself_wins_over_what_another_says_of_it() {
    let lab = pair();
    let rogue = Lab::new().unwrap().host("rogue").unwrap();
    rogue.join(&lab.segment, "10.0.1.66/24").unwrap();
    let liar = rogue.enter(|| UdpSocket::bind("0.0.0.0:9999")).unwrap();
    liar.set_read_timeout(Some(DEADLINE)).unwrap();
    // Only the liar is there to answer the first call.
    let arguments = ["find", "-4", "--timeout", "10s", "--wait", "full", "--format", "json"];
    let mut client = lab.client.spawn(cooee(), arguments).unwrap();
    let (_, asker) = liar.recv_from(&mut [0; 64]).unwrap();
    liar.send_to(format!("SERVER_IP:{SERVER}").as_bytes(), asker).unwrap();
    let mut server = serve(&lab.server, &["-v"]);
    server.stderr_line_with("answered", DEADLINE).unwrap();
    client.signal(Signal::SIGINT).unwrap();
    let finished = client.finish(DEADLINE).unwrap();
    let found: Vec<serde_json::Value> = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(found.len(), 1, "{finished:?}");
    assert_eq!(found[0]["source"], format!("{SERVER}:9999"));
    assert_eq!(found[0]["trust"], "none");
}

#[test]
fn a_flood_does_not_move_the_deadline() {
    let lab = pair();
    let began = Instant::now();
    let call = || find(&lab.client, &["--timeout", "2s", "--wait", "full"]);
    let (status, found) = with_flood(&lab, call);
    let took = began.elapsed();
    assert_eq!(status, 0);
    assert!(found.len() > 1000, "{}", found.len());
    assert!(took < Duration::from_secs(4), "{took:?}; `cargo xtask bench` has the figure");
}
