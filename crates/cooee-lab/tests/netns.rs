//! The lab does what the tests above it rely on.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::io::ErrorKind;
use std::net::{SocketAddrV4, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Lab, LabError, Segment, Signal, eventually};

const SOON: Duration = Duration::from_secs(5);
const PORT: u16 = 9999;

struct Pair {
    segment: Segment,
    server: Host,
    client: Host,
}

fn pair() -> Pair {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let server = lab.host("server").unwrap();
    let client = lab.host("client").unwrap();
    assert_eq!(server.join(&segment, "10.0.1.2/24").unwrap(), "eth0");
    assert_eq!(client.join(&segment, "10.0.1.3/24").unwrap(), "eth0");
    Pair { segment, server, client }
}

fn bind(host: &Host, address: &str) -> UdpSocket {
    let socket = host.enter(|| UdpSocket::bind(address)).unwrap();
    socket.set_broadcast(true).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> (String, String) {
    let mut buffer = [0; 2048];
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    (String::from_utf8_lossy(&buffer[..length]).into_owned(), from.to_string())
}

fn drain(socket: &UdpSocket) -> Vec<String> {
    socket.set_nonblocking(true).unwrap();
    let mut buffer = [0; 2048];
    let mut heard = Vec::new();
    while let Ok(length) = socket.recv(&mut buffer) {
        heard.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
    }
    socket.set_nonblocking(false).unwrap();
    heard
}

fn count(segment: &Segment, percent: u8, from: &UdpSocket, to: &UdpSocket) -> usize {
    segment.lose(percent).unwrap();
    let target = ("10.0.1.2", PORT);
    let mut heard = 0;
    for _ in 0..1000 {
        from.send_to(b"probe", target).unwrap();
        heard += drain(to).len();
    }
    segment.lose(0).unwrap();
    from.send_to(b"end", target).unwrap();
    loop {
        match receive(to).0.as_str() {
            "end" => return heard,
            _ => heard += 1,
        }
    }
}

#[test]
fn a_lab_starts_quickly() {
    let began = Instant::now();
    let _pair = pair();
    let taken = began.elapsed();
    println!("two joined hosts took {taken:?}");
    // The tests beside this one compete for the kernel's network lock.
    assert!(taken < Duration::from_secs(2), "two hosts took {taken:?}");
}

#[test]
fn broadcast_is_heard_and_answered() {
    let Pair { server, client, segment: _segment } = pair();
    // Without a route, the kernel refuses 255.255.255.255 as unreachable.
    client.default_route("10.0.1.1").unwrap();
    let (server, client) = (bind(&server, "0.0.0.0:9999"), bind(&client, "0.0.0.0:0"));
    for broadcast in ["10.0.1.255", "255.255.255.255"] {
        client.send_to(b"probe", (broadcast, PORT)).unwrap();
        let (text, from) = receive(&server);
        assert_eq!((text.as_str(), from.starts_with("10.0.1.3:")), ("probe", true));
        server.send_to(b"answer", from).unwrap();
        assert_eq!(receive(&client), ("answer".to_owned(), "10.0.1.2:9999".to_owned()));
    }
}

#[test]
fn link_local_ipv6_works_at_once() {
    let Pair { server, client, segment: _segment } = pair();
    let server = bind(&server, "[::]:9999");
    let client = bind(&client, "[::]:0");
    client
        .send_to(b"probe", "[ff02::1%2]:9999".parse::<std::net::SocketAddrV6>().unwrap())
        .unwrap();
    let (text, from) = receive(&server);
    assert_eq!(text, "probe");
    assert!(from.starts_with("[fe80::"), "{from}");
}

#[test]
fn addresses_and_routes_change() {
    let Pair { server, segment: _segment, .. } = pair();
    server.add_address("eth0", "10.0.9.2/24").unwrap();
    server.replace_address("eth0", "10.0.9.2/24", "10.0.9.3/24").unwrap();
    server.add_address("eth0", "fd00::2/64").unwrap();
    server.remove_address("eth0", "10.0.1.2/24").unwrap();
    server.default_route("10.0.9.1").unwrap();
    server.add_route("10.7.0.0/16", "10.0.9.4").unwrap();

    let addresses = server.ip(&["-o", "addr"]).unwrap();
    assert!(addresses.contains("10.0.9.3/24 brd 10.0.9.255"), "{addresses}");
    assert!(addresses.contains("fd00::2/64"), "{addresses}");
    assert!(!addresses.contains("10.0.9.2/"), "{addresses}");
    assert!(!addresses.contains("10.0.1.2/"), "{addresses}");
    let routes = server.ip(&["route"]).unwrap();
    assert!(routes.contains("default via 10.0.9.1"), "{routes}");
    assert!(routes.contains("10.7.0.0/16 via 10.0.9.4"), "{routes}");
}

#[test]
fn a_router_forwards_unicast_and_no_broadcast() {
    let lab = Lab::new().unwrap();
    let (a, b) = (lab.segment("a").unwrap(), lab.segment("b").unwrap());
    let _router = lab.router("r", &[(&a, "10.0.1.1/24"), (&b, "10.0.2.1/24")]).unwrap();
    let (near, far) = (lab.host("near").unwrap(), lab.host("far").unwrap());
    near.join(&a, "10.0.1.2/24").unwrap();
    far.join(&b, "10.0.2.2/24").unwrap();
    near.default_route("10.0.1.1").unwrap();
    far.default_route("10.0.2.1").unwrap();

    let (near, far) = (bind(&near, "0.0.0.0:0"), bind(&far, "0.0.0.0:9999"));
    for destination in ["255.255.255.255", "10.0.1.255", "10.0.2.255", "10.0.2.2"] {
        near.send_to(destination.as_bytes(), (destination, PORT)).unwrap();
    }
    assert_eq!(receive(&far).0, "10.0.2.2");
    assert_eq!(drain(&far), [""; 0]);
}

#[test]
fn loss_is_a_share_of_the_datagrams() {
    let Pair { segment, server, client } = pair();
    let (server, client) = (bind(&server, "0.0.0.0:9999"), bind(&client, "0.0.0.0:0"));
    assert_eq!(count(&segment, 0, &client, &server), 1000);
    assert_eq!(count(&segment, 100, &client, &server), 0);
    let half = count(&segment, 50, &client, &server);
    assert!((300..=700).contains(&half), "{half} of 1000 were heard");
    assert!(matches!(segment.lose(101), Err(LabError::LossOutOfRange { percent: 101 })));
}

#[test]
fn a_dropped_host_is_gone_with_what_ran_in_it() {
    let lab = Lab::new().unwrap();
    let host = lab.host("h").unwrap();
    let path = Path::new("/run/netns").join(host.namespace());
    assert!(path.exists());
    let mut unguarded = host.command("sleep").arg("1000").spawn().unwrap();
    drop(host);
    assert!(!path.exists());
    let status = eventually(SOON, || unguarded.try_wait().unwrap());
    assert!(status.is_some_and(|status| !status.success()));
}

#[test]
fn a_panic_takes_the_hosts_along() {
    let lab = Lab::new().unwrap();
    let name = std::thread::scope(|scope| {
        let panicking = scope.spawn(|| {
            let host = lab.host("h").unwrap();
            std::panic::panic_any(host.namespace().to_owned());
        });
        *panicking.join().unwrap_err().downcast::<String>().unwrap()
    });
    assert!(!Path::new("/run/netns").join(name).exists());
}

#[test]
fn a_child_has_its_own_pid_and_dies_with_its_guard() {
    let lab = Lab::new().unwrap();
    let host = lab.host("h").unwrap();
    let mut child = host.spawn("sh", ["-c", "echo $$; exec sleep 1000"]).unwrap();
    assert_eq!(child.stdout_line(SOON).unwrap(), child.pid().to_string());
    let process = Path::new("/proc").join(child.pid().to_string());
    assert!(process.exists());
    drop(child);
    assert!(!process.exists());
}

#[test]
fn a_child_dies_with_the_thread_that_started_it() {
    let lab = Lab::new().unwrap();
    let host = lab.host("h").unwrap();
    let mut child = std::thread::scope(|scope| {
        scope.spawn(|| host.spawn("sleep", ["1000"]).unwrap()).join().unwrap()
    });
    assert!(!child.wait(SOON).unwrap().success());
}

#[test]
fn what_a_dead_process_left_is_removed() {
    let left = format!("cooee-{}-0-left", i32::MAX);
    let added = std::process::Command::new("ip").args(["netns", "add", &left]).status().unwrap();
    assert!(added.success());
    let _lab = Lab::new().unwrap();
    let path = Path::new("/run/netns").join(left);
    eventually(SOON, || (!path.exists()).then_some(())).unwrap();
}

#[test]
fn a_child_is_read_signalled_and_waited_for() {
    let lab = Lab::new().unwrap();
    let host = lab.host("h").unwrap();
    let script = "echo ready; echo odd >&2; sleep 1000 & wait";
    let mut child = host.spawn("sh", ["-c", script]).unwrap();
    assert_eq!(child.stdout_line_with("ready", SOON).unwrap(), "ready");
    assert_eq!(child.stderr_line_with("odd", SOON).unwrap(), "odd");
    let none = child.stdout_line(Duration::from_millis(10)).unwrap_err();
    assert!(matches!(none, LabError::NoLine { .. }), "{none}");
    child.signal(Signal::SIGTERM).unwrap();
    assert!(!child.wait(SOON).unwrap().success());
    assert!(matches!(child.signal(Signal::SIGTERM), Err(LabError::Ended { .. })));

    let finished = host.spawn("sh", ["-c", "printf 'a\nb'; exit 3"]).unwrap().finish(SOON).unwrap();
    assert_eq!((finished.status.code(), finished.stdout.as_str()), (Some(3), "a\nb"));
}

#[test]
fn a_program_runs_in_its_host_only() {
    let Pair { server, segment: _segment, .. } = pair();
    let shown = server.spawn("ip", ["-o", "-4", "addr"]).unwrap().finish(SOON).unwrap();
    assert!(shown.stdout.contains("10.0.1.2/24"), "{}", shown.stdout);
    let here = UdpSocket::bind("10.0.1.2:0").unwrap_err();
    assert_eq!(here.kind(), ErrorKind::AddrNotAvailable);
}

#[test]
fn a_closure_panics_through() {
    let lab = Lab::new().unwrap();
    let host = lab.host("h").unwrap();
    let enter = std::panic::AssertUnwindSafe(|| host.enter(|| std::panic::panic_any(7)));
    let panic = std::panic::catch_unwind(enter).unwrap_err();
    assert_eq!(panic.downcast_ref::<i32>(), Some(&7));
}

#[test]
fn forged_sources_arrive() {
    let Pair { server, client, segment: _segment } = pair();
    let heard = bind(&server, "0.0.0.0:9999");
    let mut sender = client.raw_sender("eth0").unwrap();
    for destination in ["10.0.1.2:9999", "10.0.1.255:9999", "255.255.255.255:9999"] {
        let destination: SocketAddrV4 = destination.parse().unwrap();
        for source in ["10.0.1.77:0", "10.0.1.255:9", "8.8.8.8:53", "192.168.7.7:9999"] {
            sender.send(source.parse().unwrap(), destination, b"forged").unwrap();
            assert_eq!(receive(&heard), ("forged".to_owned(), source.to_owned()), "{destination}");
        }
    }
}

#[test]
fn the_kernel_drops_sources_that_are_no_host() {
    let Pair { server, client, segment: _segment } = pair();
    let heard = bind(&server, "0.0.0.0:9999");
    let destination = "10.0.1.2:9999".parse().unwrap();
    for source in ["255.255.255.255:9", "224.0.0.1:9", "127.0.0.1:9"] {
        client.send_raw_udp(source.parse().unwrap(), destination, "eth0", b"x").unwrap();
    }
    client.send_raw_udp("10.0.1.3:9".parse().unwrap(), destination, "eth0", b"end").unwrap();
    assert_eq!(receive(&heard).0, "end");
}

#[test]
fn errors_name_the_command() {
    let lab = Lab::new().unwrap();
    let host = lab.host("h").unwrap();
    let refused = lab.host("h").unwrap_err().to_string();
    assert!(refused.contains("`ip netns add cooee-"), "{refused}");
    assert!(refused.contains("File exists"), "{refused}");
    let refused = host.add_address("eth7", "10.0.0.1/24").unwrap_err().to_string();
    assert!(refused.contains("addr add 10.0.0.1/24") && refused.contains("eth7"), "{refused}");
    let missing = host.spawn("no-such-program", [""; 0]).unwrap_err().to_string();
    assert!(missing.contains("no-such-program"), "{missing}");
    let missing = host.raw_sender("eth7").unwrap_err().to_string();
    assert!(missing.ends_with("has no Ethernet interface eth7"), "{missing}");
}
