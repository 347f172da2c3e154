use std::fs;
use std::net::UdpSocket;
use std::thread;
use std::time::Duration;

use cooee_bench::report::{Limit, Table};
use cooee_lab::netns::{Child, Host};
use cooee_lab::scene::programs::{DEADLINE, Pair, SERVER, STOCK, serve, stock_server};

use crate::field::{mdns_sd_server, named_server, served, zeroconf_server};
use crate::turns::{Contestant, Effort, in_turns};

const OURS: &str = "`cooee serve`";
const NAMED: &str = "`cooee serve --name`";
const PROBES: usize = 10_000;
/// Long enough for all that a start entails: announcements are said again after seconds.
const SETTLES_IN: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(5);

type Start = fn(&Host) -> Child;

/// Who waits to be asked.
const SERVERS: [(&str, Start); 5] = [
    (OURS, |host| serve(host, &["--rate-limit", "off"])),
    ("stock server", |host| stock_server(host, STOCK)),
    ("python-zeroconf", zeroconf_server),
    ("mdns-sd, minimal program", mdns_sd_server),
    (NAMED, named_server),
];

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let rounds = effort.rounds(5);
    let mut memory = in_turns(
        "Memory of a server after start",
        "MiB",
        rounds,
        of_each(|start| mib(&served(start).1)),
    );
    memory.check(format!("{OURS}, maximum, MiB"), memory.spread(OURS).greatest, Limit::AtMost(6.0));
    let mut loaded = of_each(|start| {
        let (lab, server) = served(start);
        load(&lab);
        mib(&server)
    });
    // The others speak another protocol.
    loaded.truncate(2);
    let loaded = in_turns("Memory after 10,000 answers", "MiB", rounds, loaded);
    let mut idle = in_turns(
        "Wake-ups of an idle server",
        "per second",
        effort.rounds(3),
        of_each(|start| {
            let running = served(start);
            thread::sleep(SETTLES_IN);
            let before = switches(&running.1);
            // Whatever it does now, it does by itself.
            thread::sleep(IDLE);
            (switches(&running.1) - before) as f64 / IDLE.as_secs_f64()
        }),
    );
    let most = idle.spread(OURS).greatest;
    idle.check(format!("{OURS}, maximum, per second"), most, Limit::AtMost(0.0));
    vec![("memory", memory), ("memory-loaded", loaded), ("idle", idle)]
}

fn of_each(measure: impl Fn(Start) -> f64 + Copy + 'static) -> Vec<Contestant<'static>> {
    let contestant = |(name, start)| Contestant::new(name, move || measure(start));
    SERVERS.map(contestant).into()
}

fn load(lab: &Pair) {
    let asker = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    asker.set_read_timeout(Some(DEADLINE)).unwrap();
    for _ in 0..PROBES {
        asker.send_to(b"DISCOVER_SERVER", (SERVER, 9999)).unwrap();
        asker.recv(&mut [0; 64]).unwrap();
    }
}

fn mib(process: &Child) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.pid())).unwrap();
    number_after(&status, "VmRSS:") as f64 / 1024.0
}

/// How often its threads have been put to sleep or aside.
fn switches(process: &Child) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{}/task", process.pid())).unwrap();
    let of = |task: std::io::Result<fs::DirEntry>| {
        let status = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        number_after(&status, "\nvoluntary_ctxt_switches:")
    };
    tasks.map(of).sum()
}

fn number_after(text: &str, label: &str) -> u64 {
    let (_, rest) = text.split_once(label).unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}
