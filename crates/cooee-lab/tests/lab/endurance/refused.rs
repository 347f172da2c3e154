//! A system that refuses to send or to receive.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab, Segment};
use cooee_lab::scene::over::Over;

use super::asker::{PROBE, until_answered};
use super::extent::{at_least, at_most, short_or_long};
use super::strace::{Fault, words};
use super::vitals::cpu_time;
use crate::counts::{unreceived, unsent};
use crate::programs::{CLIENT, Pair, SERVER, pair, serve, stop};

pub(super) const ERRORS: [&str; 8] = [
    "EPERM",
    "ENOBUFS",
    "EMSGSIZE",
    "ECONNREFUSED",
    "ENETUNREACH",
    "EADDRNOTAVAIL",
    "EINTR",
    "EMFILE",
];

/// The addresses of the client and the server on their second segment.
pub(super) const ON_SECOND: (Ipv4Addr, Ipv4Addr) =
    (Ipv4Addr::new(10, 0, 2, 3), Ipv4Addr::new(10, 0, 2, 2));

/// A pair whose hosts share a second segment.
pub(super) fn twice_joined() -> (Pair, Segment) {
    let lab = pair();
    let second = Lab::new().unwrap().segment("b").unwrap();
    lab.server.join(&second, &format!("{}/24", ON_SECOND.1)).unwrap();
    lab.client.join(&second, &format!("{}/24", ON_SECOND.0)).unwrap();
    (lab, second)
}

/// How long it takes until the client is answered on each of the two interfaces.
fn answered_on_both(client: &Host, port: u16) -> Duration {
    let first = (CLIENT.parse().unwrap(), SERVER.parse().unwrap());
    let times = [first, ON_SECOND]
        .map(|(from, to)| until_answered(client, from, SocketAddrV4::new(to, port)));
    times.into_iter().max().unwrap()
}

/// While `work` goes on, an asker of its own address calls each of `ports` 100 times a second.
fn while_called<T>(lab: &Pair, ports: &[u16], work: impl FnOnce() -> T) -> T {
    const FROM: &str = "10.0.1.4";
    lab.client.add_address("eth0", &format!("{FROM}/24")).unwrap();
    let socket = lab.client.enter(|| UdpSocket::bind((FROM, 0))).unwrap();
    let over = Over::default();
    thread::scope(|scope| {
        let _say_over = over.when_dropped();
        scope.spawn(|| {
            over.repeat_until(Duration::from_millis(10), || {
                for &port in ports {
                    socket.send_to(PROBE, (SERVER, port)).unwrap();
                }
            });
        });
        work()
    })
}

/// A server for each of the errors, all at once, each on a port of its own.
fn servers(host: &Host) -> Vec<(&'static str, u16, Child)> {
    let start = |port: u16| serve(host, &["--port", &port.to_string(), "--rate-limit", "off"]);
    (9999..).zip(ERRORS).map(|(port, error)| (error, port, start(port))).collect()
}

/// With every failure one of these counts in `said` grows, by `least_failures` a second while the
/// call fails.
fn endures(call: &str, line: &str, failures: fn(&str) -> u64, least_failures: f64) {
    let (lab, _second) = twice_joined();
    let servers = servers(&lab.server);
    let ports: Vec<u16> = servers.iter().map(|(_, port, _)| *port).collect();
    let inject = |when: &'static str| {
        let faults = servers.iter().map(|(error, _, server)| {
            Fault { call, error, when }.inject(&lab.server, server.pid())
        });
        faults.collect::<Vec<_>>()
    };
    let began = Instant::now();

    let faults = inject("1+2");
    for (error, port, _) in &servers {
        let took = answered_on_both(&lab.client, *port);
        let scenario = format!("{call} fails every second time");
        let what = format!("{error}: answers on both interfaces within");
        at_most(&scenario, &what, Duration::from_secs(2), took);
    }
    faults.into_iter().for_each(super::strace::Injected::lift);

    let faults = inject("1+");
    let scenario = format!("{call} always fails");
    let window = short_or_long(Duration::from_secs(2), Duration::from_secs(20));
    let shares = while_called(&lab, &ports, || {
        let before: Vec<_> = servers.iter().map(|(.., server)| cpu_time(server.pid())).collect();
        let began = Instant::now();
        // What they do in this time is what is measured.
        thread::sleep(window);
        let used = servers.iter().zip(before).map(|((.., server), b)| cpu_time(server.pid()) - b);
        used.map(|used| 100.0 * used.as_secs_f64() / began.elapsed().as_secs_f64())
            .collect::<Vec<_>>()
    });
    for ((error, ..), share) in servers.iter().zip(shares) {
        at_most(&scenario, &format!("{error}: share of a processor, of 100"), 5.0, share);
    }
    faults.into_iter().for_each(super::strace::Injected::lift);

    for (error, port, server) in servers {
        let took = answered_on_both(&lab.client, port);
        let what = format!("{error}: answers on both interfaces again after");
        at_most(&scenario, &what, Duration::from_secs(2), took);
        let said = stop(server).stderr;
        let lines: Vec<&str> = said.lines().filter(|said| said.contains(line)).collect();
        at_least(&scenario, &format!("{error}: lines in the log, at least"), 1, lines.len());
        let most = began.elapsed().as_secs() as usize / 10 + 1;
        at_most(&scenario, &format!("{error}: lines in the log"), most, lines.len());
        assert!(lines.iter().all(|line| line.contains(&words(error))), "{error}: {lines:?}");
        let failures = failures(&said) as f64 / window.as_secs_f64();
        at_least(&scenario, &format!("{error}: failures a second"), least_failures, failures);
    }
}

#[test]
fn a_server_endures_a_system_that_refuses_to_send() {
    // It is asked 100 times a second, and tries to answer each time.
    endures("sendmmsg", "an answer was not sent", unsent, 30.0);
}

/// So Windows says that a client has gone which was answered, once for each.
#[test]
fn clients_that_asked_and_left_keep_nobody_waiting() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    let fault = Fault { call: "recvmmsg", error: "ECONNRESET", when: "2..101" };
    let fault = fault.inject(&lab.server, server.pid());
    let (from, to) = (CLIENT.parse().unwrap(), SERVER.parse().unwrap());
    let answered = until_answered(&lab.client, from, SocketAddrV4::new(to, 9999));
    let took = until_answered(&lab.client, from, SocketAddrV4::new(to, 9999)) + answered;
    at_most("a hundred resets", "answered within", Duration::from_secs(1), took);
    fault.lift();
    let said = stop(server).stderr;
    assert!(!said.contains("receiving failed") && !said.contains("not received"), "{said}");
}

#[test]
fn a_server_endures_a_system_that_refuses_to_receive() {
    // It pauses longer and longer, up to a second.
    endures("recvmmsg", "receiving failed", unreceived, 0.5);
}
