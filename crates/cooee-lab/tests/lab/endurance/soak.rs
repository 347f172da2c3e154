//! Everything at once, for as long as is asked for.

use std::net::{SocketAddrV4, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab, eventually};
use cooee_lab::scene::over::Over;

use super::asker::{PROBE, askers, until_answered, while_asking};
use super::extent::{at_least, at_most, exactly, is_long, note, progress, soak_time};
use super::flood::flood;
use super::refused::twice_joined;
use super::vitals::{Holdings, anonymous_kib, holdings, open};
use crate::programs::{CLIENT, DEADLINE, Pair, SERVER, cooee, serve, stop};

/// Servers of all policies, each on a port of its own.
const SERVERS: [(u16, &[&str]); 3] = [
    (9999, &[]),
    (9998, &["--port", "9998", "--answer", "any", "--rate-limit", "off", "--service-port", "80"]),
    (9997, &["--port", "9997", "--answer", "private", "--rate-limit", "5", "--prefix", "HERE:"]),
];

fn address(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(SERVER.parse().unwrap(), port)
}

/// A server, and what it had at every second.
struct Watched {
    port: u16,
    server: Child,
    before: Holdings,
    open: Vec<String>,
    memory: Vec<(f64, f64)>,
}

impl Watched {
    fn start(lab: &Pair, port: u16, arguments: &[&str]) -> Self {
        let server = serve(&lab.server, arguments);
        until_answered(&lab.client, CLIENT.parse().unwrap(), address(port));
        let (before, open) = (holdings(server.pid()), open(server.pid()));
        Self { port, server, before, open, memory: Vec::new() }
    }

    /// While it lists the interfaces it has a descriptor more.
    fn look(&mut self, after: Duration) {
        let pid = self.server.pid();
        let as_before = || (holdings(pid) == self.before).then_some(());
        if eventually(DEADLINE, as_before).is_none() {
            let (scenario, has) = (scenario(self.port), holdings(pid));
            progress(format_args!("{scenario}: {:?} and now {:?}", self.open, open(pid)));
            exactly(&scenario, "threads and descriptors", self.before, has);
        }
        self.memory.push((after.as_secs_f64(), anonymous_kib(pid) as f64));
    }

    fn conclude(self) {
        let scenario = scenario(self.port);
        let warm = self.memory.len() / 5;
        let memory = &self.memory[warm..];
        let (first, last) = (memory.first().unwrap().1, memory.last().unwrap().1);
        note(&scenario, "memory of its own after warm-up and at the end, KiB", (first, last));
        if is_long() {
            let slope = slope(memory) * 3600.0 / 1024.0;
            at_most(&scenario, "memory slope, MiB/h", 1.0, slope);
        } else {
            at_most(&scenario, "memory growth after warm-up, KiB", 512.0, last - first);
        }
        exactly(&scenario, "threads and descriptors", self.before, holdings(self.server.pid()));
        note(&scenario, "counts", stop(self.server).stderr.lines().last().unwrap());
    }
}

fn scenario(port: u16) -> String {
    format!("soak, server on port {port}")
}

/// Of the line that is nearest to the points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let variance: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    covariance / variance
}

/// Datagrams that are no probes, and some that are.
fn mix(client: &Host, over: &Over) {
    // Of an address of its own: it asks more often than one source may.
    const FROM: &str = "10.0.1.4";
    client.add_address("eth0", &format!("{FROM}/24")).unwrap();
    let socket = client.enter(|| UdpSocket::bind((FROM, 0))).unwrap();
    let huge = vec![b'D'; 20_000];
    let payloads: [&[u8]; 8] = [
        PROBE,
        b"",
        b"discover_server",
        b"DISCOVER",
        b"SERVER_IP:10.0.1.9",
        b"hello",
        &huge,
        PROBE,
    ];
    let mut turn = payloads.iter().cycle();
    over.repeat_until(Duration::from_millis(2), || {
        for (port, _) in SERVERS {
            // Its own buffer may be full.
            let _ = socket.send_to(turn.next().unwrap(), address(port));
        }
    });
}

/// An interface goes down and up, and another comes and goes.
fn disturb_interfaces(server: &Host, over: &Over) {
    over.repeat_until(Duration::from_secs(1), || {
        server.ip(&["link", "set", "eth1", "down"]).unwrap();
        server.ip(&["link", "add", "come0", "type", "veth", "peer", "name", "come1"]).unwrap();
        server.ip(&["address", "add", "10.0.9.1/24", "dev", "come0"]).unwrap();
        server.ip(&["link", "set", "eth1", "up"]).unwrap();
        server.ip(&["link", "delete", "come0"]).unwrap();
    });
}

/// Clients one after the other; how many found the server.
fn call(client: &Host, over: &Over) -> u32 {
    let ways: [&[&str]; 3] = [&["--one"], &["--wait", "full", "--timeout", "1s"], &[]];
    let (mut turn, mut found) = (ways.iter().cycle(), 0);
    over.repeat_until(Duration::from_secs(1), || {
        let arguments = [&["find", "--interface", "eth0"], *turn.next().unwrap()].concat();
        let finished = client.spawn(cooee(), arguments).unwrap().finish(DEADLINE).unwrap();
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        found += 1;
    });
    found
}

fn flood_in_bursts(attacker: &Host, over: &Over) -> u32 {
    let (mut turn, mut sent) = (SERVERS.iter().cycle(), 0);
    over.repeat_until(Duration::from_secs(8), || {
        let (port, _) = turn.next().unwrap();
        sent += flood(attacker, address(*port), Duration::from_secs(1));
    });
    sent
}

/// Looks at the servers every second.
fn watch(servers: &mut [Watched]) {
    let (time, began) = (soak_time(), Instant::now());
    for second in 0.. {
        let after = Duration::from_secs(second);
        if after > time {
            return;
        }
        eventually(DEADLINE, || (began.elapsed() >= after).then_some(()));
        for server in servers.iter_mut() {
            server.look(began.elapsed());
        }
        if second % 30 == 0 {
            let memory: Vec<_> =
                servers.iter().map(|server| server.memory.last().unwrap().1).collect();
            progress(format_args!("soak: {second} s of {time:?}, memory {memory:?} KiB"));
        }
    }
}

#[test]
fn servers_under_mixed_load_grow_no_more() {
    let _alone = super::alone();
    let (lab, _second) = twice_joined();
    let attacker = Lab::new().unwrap().host("attacker").unwrap();
    attacker.join(&lab.segment, "10.0.1.66/24").unwrap();
    lab.server.add_route("10.64.0.0/12", CLIENT).unwrap();
    let askers = askers(&lab.client, "eth0", [10, 0, 1]);
    let mut servers = SERVERS.map(|(port, arguments)| Watched::start(&lab, port, arguments));
    let over = Over::default();
    let (answers, found, forged) = thread::scope(|scope| {
        let say_over = over.when_dropped();
        scope.spawn(|| mix(&lab.client, &over));
        scope.spawn(|| disturb_interfaces(&lab.server, &over));
        let calling = scope.spawn(|| call(&lab.client, &over));
        let flooding = scope.spawn(|| flood_in_bursts(&attacker, &over));
        let ((), answers) =
            while_asking(&lab.client, &askers, address(9999), || watch(&mut servers));
        drop(say_over);
        (answers, calling.join().unwrap(), flooding.join().unwrap())
    });
    note("soak", "for", soak_time());
    note("soak", "forged probes", forged);
    note("soak", "clients, of which each found the server", found);
    at_least("soak", "honest probes answered within 1 s, of 100", 97.5, answers.percent());
    servers.into_iter().for_each(Watched::conclude);
}
