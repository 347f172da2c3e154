//! One interface that is broken, beside one that is not.

use std::net::SocketAddrV4;
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host};

use super::asker::{Answers, askers, while_asking};
use super::extent::{at_least, at_most, exactly, short_or_long};
use super::refused::{ON_SECOND, twice_joined};
use super::vitals::cpu_share;
use crate::programs::{DEADLINE, SERVER, serve, stop};

/// What came of asking on both interfaces, 100 times a second each.
struct Asked {
    scenario: String,
    took: Duration,
    on_second: Answers,
    lines: Vec<String>,
}

fn run(host: &Host, command: &str) {
    let mut words = command.split(' ');
    let program = words.next().unwrap();
    let finished = host.spawn(program, words).unwrap().finish(DEADLINE).unwrap();
    assert!(finished.status.success(), "{command}: {finished:?}");
}

fn ask_on_both(fault: &str, breakage: &[&str]) -> Asked {
    let scenario = format!("one interface is broken: {fault}");
    let (lab, _second) = twice_joined();
    let first = askers(&lab.client, "eth0", [10, 0, 1]);
    let second = askers(&lab.client, "eth1", [10, 0, 2]);
    let server: Child = serve(&lab.server, &[]);
    for command in breakage {
        run(&lab.server, command);
    }
    let began = Instant::now();
    let address = |ip| SocketAddrV4::new(ip, 9999);
    let ((share, on_first), on_second) =
        while_asking(&lab.client, &second, address(ON_SECOND.1), || {
            while_asking(&lab.client, &first, address(SERVER.parse().unwrap()), || {
                // What the server does in this time is what is measured.
                let window = short_or_long(Duration::from_secs(2), Duration::from_secs(20));
                cpu_share(server.pid(), || thread::sleep(window))
            })
        });
    at_least(&scenario, "answered on the other, of 100", 97.5, on_first.percent());
    at_most(&scenario, "share of a processor, of 100", 5.0, 100.0 * share);
    let said = stop(server).stderr;
    let lines = said.lines().filter(|line| line.contains("an answer was not sent"));
    let lines = lines.map(str::to_owned).collect();
    Asked { scenario, took: began.elapsed(), on_second, lines }
}

#[test]
fn an_interface_whose_firewall_refuses_does_not_disturb_the_other() {
    let Asked { scenario, took, on_second, lines } = ask_on_both(
        "its firewall refuses",
        &[
            "nft add table inet refusal",
            "nft add chain inet refusal out { type filter hook output priority 0 ; }",
            "nft add rule inet refusal out oifname eth1 meta l4proto udp drop",
        ],
    );
    exactly(&scenario, "answered on it", 0, on_second.after.len());
    at_least(&scenario, "lines in the log, at least", 1, lines.len());
    at_most(&scenario, "lines in the log", took.as_secs() as usize / 10 + 1, lines.len());
    assert!(lines.iter().all(|line| line.contains("Operation not permitted")), "{lines:?}");
}

/// An answer names its interface, and the kernel then takes a destination without a route for a
/// neighbour.
#[test]
fn an_interface_without_a_route_is_answered_on_all_the_same() {
    let routes = ["ip route del 10.0.2.0/24", "ip route add prohibit 10.0.2.0/24"];
    let Asked { scenario, on_second, lines, .. } = ask_on_both("its route is gone", &routes);
    at_least(&scenario, "answered on it, of 100", 97.5, on_second.percent());
    exactly(&scenario, "lines in the log", 0, lines.len());
}
