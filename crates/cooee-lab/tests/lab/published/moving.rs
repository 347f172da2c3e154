//! Interfaces that go and come, other networks, programs that are suspended, and send queues that are full.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab, Signal, eventually};
use serde_json::Value;

use super::named;
use crate::endurance::strace::Fault;
use crate::programs::{DEADLINE, SERVER, cooee, find, find_one, pair, serve, stop};

/// A suspended host sleeps longer; the odds by which a server is gone do not.
const SUSPENDED: Duration = Duration::from_secs(10);
/// Longer than a server may be silent in a live view.
const AFTERWARDS: Duration = Duration::from_secs(10);

/// A live view, and who is there.
struct View {
    child: Child,
    there: BTreeMap<u64, Value>,
    /// How many are gone.
    gone: usize,
}

impl View {
    fn begin(host: &Host, arguments: &[&str]) -> Self {
        let arguments = [&["watch", "--format", "ndjson"], arguments].concat();
        Self { child: host.spawn(cooee(), arguments).unwrap(), there: BTreeMap::new(), gone: 0 }
    }

    fn take(&mut self, line: &str) {
        let event: Value = serde_json::from_str(line).unwrap();
        let id = event["id"].as_u64().unwrap();
        match event["event"].as_str().unwrap() {
            "gone" => {
                self.gone += 1;
                self.there.remove(&id);
            }
            _ => drop(self.there.insert(id, event["server"].clone())),
        }
    }

    /// Takes events until these are the addresses of those that are there.
    fn until(&mut self, addresses: &[&str]) {
        while self.addresses() != addresses {
            let line = self.child.stdout_line(DEADLINE);
            let line = line.unwrap_or_else(|error| panic!("not {addresses:?}: {error}"));
            self.take(&line);
        }
    }

    /// Takes what comes in this time.
    fn pass(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(line) = self.child.stdout_line(end.saturating_duration_since(Instant::now())) {
            self.take(&line);
        }
    }

    fn addresses(&self) -> Vec<&str> {
        let mut all: Vec<_> = self.there.values().filter_map(|of| of["ip"].as_str()).collect();
        all.sort_unstable();
        all
    }
}

/// Stops programs for a while, as a host does that is suspended.
fn suspend(programs: &mut [&mut Child]) {
    let mut signal = |signal| programs.iter_mut().for_each(|of| of.signal(signal).unwrap());
    signal(Signal::SIGSTOP);
    let began = Instant::now();
    eventually(DEADLINE, || (began.elapsed() >= SUSPENDED).then_some(())).unwrap();
    signal(Signal::SIGCONT);
}

/// Looks by DNS-SD until the server has this address, and no other.
fn announced_at(client: &Host, address: &str) {
    let mut last = Vec::new();
    let found = eventually(DEADLINE, || {
        last = find(client, &["-4", "--only", "mdns"]).1;
        (last.len() == 1 && last[0]["ip"] == address).then_some(())
    });
    assert!(found.is_some(), "{last:?}");
}

#[test]
fn an_interface_that_goes_down_and_comes_up_is_announced_on_again() {
    let lab = pair();
    let server = named(&lab.server, "Workshop", &[]);
    announced_at(&lab.client, SERVER);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.until(&[SERVER]);
    lab.server.ip(&["link", "set", "eth0", "down"]).unwrap();
    view.until(&[]);
    assert_eq!(find(&lab.client, &["-4", "--timeout", "1s"]).1, [Value::Null; 0]);
    lab.server.ip(&["link", "set", "eth0", "up"]).unwrap();
    let up = Instant::now();
    view.until(&[SERVER]);
    println!("an interface came up, and a live view knew after {:.1?}", up.elapsed());
    announced_at(&lab.client, SERVER);
    stop(server);
}

#[test]
fn the_own_interface_goes_down_and_comes_up_under_a_live_view() {
    let lab = pair();
    let _server = named(&lab.server, "Workshop", &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.until(&[SERVER]);
    lab.client.ip(&["link", "set", "eth0", "down"]).unwrap();
    view.until(&[]);
    lab.client.ip(&["link", "set", "eth0", "up"]).unwrap();
    let up = Instant::now();
    view.until(&[SERVER]);
    println!("the own interface came up, and a live view knew after {:.1?}", up.elapsed());
}

#[test]
fn a_host_that_roams_is_announced_where_it_is_and_sees_who_is_there() {
    let lab = Lab::new().unwrap();
    let segments = ["a", "b"].map(|name| lab.segment(name).unwrap());
    let roaming = lab.host("roaming").unwrap();
    roaming.join(&segments[0], "10.0.1.2/24").unwrap();
    let residents = ["10.0.1.3", "10.0.2.3"].map(|address| {
        let host = lab.host(&format!("of-{address}").replace('.', "-")).unwrap();
        host.join(&segments[usize::from(address.starts_with("10.0.2"))], &format!("{address}/24"))
            .unwrap();
        (serve(&host, &[]), host)
    });
    let server = named(&roaming, "Workshop", &["--port", "9998"]);
    let mut view = View::begin(&roaming, &["-4"]);
    // Its own server is announced to itself too.
    view.until(&["10.0.1.2", "10.0.1.3"]);
    announced_at(&residents[0].1, "10.0.1.2");
    roaming.ip(&["link", "delete", "eth0"]).unwrap();
    roaming.join(&segments[1], "10.0.2.2/24").unwrap();
    let moved = Instant::now();
    view.until(&["10.0.2.2", "10.0.2.3"]);
    println!("a host roamed, and its live view knew after {:.1?}", moved.elapsed());
    announced_at(&residents[1].1, "10.0.2.2");
    stop(server);
}

#[test]
fn a_live_view_that_was_suspended_loses_nobody() {
    let lab = pair();
    let other = Lab::new().unwrap().host("other").unwrap();
    other.join(&lab.segment, "10.0.1.4/24").unwrap();
    let _servers = (named(&lab.server, "Workshop", &[]), serve(&other, &[]));
    let mut view = View::begin(&lab.client, &["-4"]);
    view.until(&[SERVER, "10.0.1.4"]);
    suspend(&mut [&mut view.child]);
    view.pass(AFTERWARDS);
    assert_eq!((view.addresses(), view.gone), (vec![SERVER, "10.0.1.4"], 0));
}

#[test]
fn a_server_with_a_name_that_was_suspended_is_found_again() {
    let lab = pair();
    let mut server = named(&lab.server, "Workshop", &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.until(&[SERVER]);
    suspend(&mut [&mut server]);
    let resumed = Instant::now();
    announced_at(&lab.client, SERVER);
    println!("a suspended server was found again after {:.1?}", resumed.elapsed());
    view.pass(AFTERWARDS);
    assert_eq!(view.addresses(), [SERVER]);
    stop(server);
}

#[test]
fn a_full_send_queue_is_outlived() {
    let lab = pair();
    let server = named(&lab.server, "Workshop", &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.until(&[SERVER]);
    let full = ["sendto", "sendmsg", "sendmmsg"].join(",");
    let fault = Fault { call: &full, error: "ENOBUFS", when: "1+" };
    let both = [(&lab.server, server.pid()), (&lab.client, view.child.pid())];
    let faults = both.map(|(host, pid)| fault.inject(host, pid));
    let (_, found) = find(&lab.client, &["-4", "--timeout", "2s"]);
    assert_eq!(found, [Value::Null; 0]);
    view.pass(Duration::from_secs(3));
    for fault in faults {
        fault.lift();
    }
    view.pass(AFTERWARDS);
    assert_eq!((view.addresses(), view.gone), (vec![SERVER], 0));
    announced_at(&lab.client, SERVER);
    assert_eq!(find_one(&lab.client, &["--no-mdns"])["ip"], SERVER);
    stop(server);
}

#[test]
fn an_interface_that_sends_nothing_for_a_while_is_outlived() {
    let lab = pair();
    let server = named(&lab.server, "Workshop", &[]);
    let queue = |verb: &str| {
        let mut command = lab.server.command("tc");
        let set = command.args(["qdisc", verb, "dev", "eth0", "root", "pfifo", "limit", "0"]);
        assert!(set.status().unwrap().success());
    };
    queue("add");
    assert_eq!(find(&lab.client, &["-4", "--timeout", "2s"]).1, [Value::Null; 0]);
    queue("del");
    announced_at(&lab.client, SERVER);
    assert_eq!(find_one(&lab.client, &["--no-mdns"])["ip"], SERVER);
    stop(server);
}
