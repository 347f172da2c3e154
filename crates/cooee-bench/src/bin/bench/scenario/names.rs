use std::cell::RefCell;
use std::fs;
use std::thread;

use cooee_bench::report::{Limit, Table};
use cooee_lab::netns::Host;
use cooee_lab::scene::announcers::{Service, quiet_zeroconf};
use cooee_lab::scene::avahi;
use cooee_lab::scene::programs::{SERVER, Search, pair};
use serde_json::json;

use crate::field::{MDNS_REST, mdns_sd_find, run, zeroconf_find};
use crate::turns::{Contestant, Effort, in_ms, in_turns, row, table};

const INSTANCES: u16 = 500;
const TYPE: &str = "_cooee-bench._udp";
const OURS: &str = "`cooee find --service`";

/// What a search for all of them took.
struct Took {
    ms: f64,
    packets: f64,
}

type Seek = fn(&Host) -> Took;

const SEEKERS: [(&str, Seek); 4] = [
    (OURS, |host| {
        counted(host, || {
            let search = Search::run(host, &["--service", TYPE]);
            (search.servers.len(), in_ms(search.took))
        })
    }),
    ("avahi-browse", by_avahi),
    ("python-zeroconf", |host| {
        counted(host, || {
            let (found, took) = run(zeroconf_find(host, INSTANCES));
            (found.found, took)
        })
    }),
    ("mdns-sd, minimal program", |host| {
        counted(host, || {
            let (found, took) = run(mdns_sd_find(host, INSTANCES));
            (found.found, took)
        })
    }),
];

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let net = pair();
    let service = |n: u16| Service {
        kind: TYPE,
        name: format!("Server {n}"),
        host: "peer",
        port: 10_000 + n,
        txt: json!({"path": "/", "n": n.to_string()}),
    };
    let services: Vec<_> = (0..INSTANCES).map(service).collect();
    let _peer = quiet_zeroconf(&net.server, &[SERVER], &services);
    let packets = SEEKERS.map(|_| RefCell::new(Vec::new()));
    let contestants = SEEKERS.iter().zip(&packets).map(|((name, seek), packets)| {
        Contestant::new(*name, || {
            thread::sleep(MDNS_REST);
            let took = seek(&net.client);
            packets.borrow_mut().push(took.packets);
            took.ms
        })
    });
    let title = format!("Time to all of {INSTANCES} announced services, process start to exit");
    let mut time = in_turns(&title, "ms", effort.rounds(5), contestants.collect());
    time.check(format!("{OURS}, maximum, ms"), time.spread(OURS).greatest, Limit::AtMost(5000.0));
    let rows =
        SEEKERS.iter().zip(packets).map(|((name, _), packets)| row(*name, packets.into_inner()));
    let title = format!("What a search for {INSTANCES} announced services sends and receives");
    let packets = table(&title, "packets", rows.collect());
    vec![("names", time), ("names-packets", packets)]
}

fn counted(host: &Host, search: impl FnOnce() -> (usize, f64)) -> Took {
    let before = packets(host);
    let (found, ms) = search();
    assert_eq!(found, usize::from(INSTANCES));
    Took { ms, packets: (packets(host) - before) as f64 }
}

/// Without what it takes to start avahi's daemon.
fn by_avahi(host: &Host) -> Took {
    let script = format!(
        "packets() {{ awk '/eth0:/ {{ print $3 + $11 }}' /proc/net/dev; }}\n\
         before=$(packets); began=$(date +%s%N)\n\
         found=$(avahi-browse -rpt {TYPE} | grep -c '^=')\n\
         ended=$(date +%s%N); echo $found $((ended - began)) $(($(packets) - before))"
    );
    let said = avahi::output(host, &["sh", "-c", &script]);
    let figures: Vec<u64> = said.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let [found, nanoseconds, packets] = figures[..] else { panic!("{said}") };
    assert_eq!(found, u64::from(INSTANCES));
    Took { ms: nanoseconds as f64 / 1e6, packets: packets as f64 }
}

/// Received and sent by the host.
fn packets(host: &Host) -> u64 {
    let devices = host.enter(|| fs::read_to_string("/proc/thread-self/net/dev")).unwrap();
    let line = devices.lines().find_map(|line| line.trim_start().strip_prefix("eth0:")).unwrap();
    let figures: Vec<u64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
    figures[1] + figures[9]
}
