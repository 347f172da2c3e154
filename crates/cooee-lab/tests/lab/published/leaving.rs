//! Goodbyes, and what processes that stand by have to do with them.

use std::time::Instant;

use cooee_lab::netns::{Child, Host, Signal, eventually};
use cooee_lab::scene::avahi::{beside_avahi, browse};

use super::named;
use crate::programs::{DEADLINE, pair, program, serve, start_serve, stop};

/// An `avahi-browse` that goes on.
fn watch(host: &Host) -> Child {
    beside_avahi(host, "", &["avahi-browse", "-rp", "_http._tcp"])
}

#[test]
fn a_stop_by_a_signal_says_goodbye() {
    let lab = pair();
    let mut server = named(&lab.server, "Workshop", &[]);
    let mut watch = watch(&lab.client);
    watch.stdout_line_with("=;eth0", DEADLINE).unwrap();
    watch.stdout_line_with("=;eth0", DEADLINE).unwrap();
    let began = Instant::now();
    server.signal(Signal::SIGTERM).unwrap();
    for _ in ["IPv4", "IPv6"] {
        watch.stdout_line_with("-;eth0", DEADLINE).unwrap();
    }
    let took = began.elapsed();
    println!("a server stopped, and avahi knew after {took:?}");
    // RFC 6762 section 10.1: a second after the goodbye.
    assert!(took.as_secs() < 5, "{took:?}");
    assert!(server.wait(DEADLINE).unwrap().success());
}

#[test]
fn a_service_that_ends_with_its_address_says_goodbye_and_the_others_stay() {
    let lab = pair();
    lab.server.add_address("eth0", "10.0.1.22/24").unwrap();
    let owner = named(&lab.server, "First", &["--hostname", "workshop"]);
    let at_one = ["--service-port", "8002", "--name", "Second", "--hostname", "workshop"];
    let at_one = [&at_one[..], &["--advertise", "10.0.1.22"]].concat();
    let second = start_serve(&lab.server, &at_one);
    let mut watch = watch(&lab.client);
    watch.stdout_line_with("=;eth0;IPv6;Second", DEADLINE).unwrap();
    lab.server.ip(&["address", "del", "10.0.1.22/24", "dev", "eth0"]).unwrap();
    // Over IPv4 the library may still send from the address that has gone, and says nothing then.
    watch.stdout_line_with("-;eth0;IPv6;Second", DEADLINE).unwrap();
    let found = eventually(DEADLINE, || {
        let found = browse(&lab.client, "_http._tcp");
        found.iter().any(|line| line.contains("IPv4;First;")).then_some(())
    });
    assert!(found.is_some());
    drop((owner, second));
}

#[test]
fn the_owner_of_the_port_announces_for_those_that_stand_by() {
    let lab = pair();
    let owner = serve(&lab.server, &["--service-port", "8001"]);
    let second = start_serve(&lab.server, &["--service-port", "8002", "--name", "Second"]);
    let third = start_serve(&lab.server, &["--service-port", "8003", "--name", "Third"]);
    let ports = || {
        let mut ports: Vec<_> = browse(&lab.client, "_http._tcp")
            .iter()
            .map(|line| line.split(';').nth(7).unwrap().to_owned())
            .collect();
        ports.sort();
        ports.dedup();
        ports
    };
    let until = |expected: &[&str]| {
        let mut last = Vec::new();
        let found = eventually(DEADLINE, || {
            last = ports();
            (last == expected).then_some(())
        });
        assert!(found.is_some(), "{last:?} are announced, not {expected:?}");
    };
    until(&["8002", "8003"]);
    stop(second);
    until(&["8003"]);
    stop(third);
    until(&[]);
    stop(owner);
}

/// Says which addresses of `workshop.local.` a cache has, that asks for none, after a service has gone:
/// over a second later, when a goodbye's records are dropped at the latest (RFC 6762 section 10.1).
const CACHES: &str = r#"
import threading, time
from zeroconf import IPVersion, ServiceBrowser, ServiceListener, Zeroconf, current_time_millis

class Told(ServiceListener):
    gone = threading.Event()
    def add_service(self, zeroconf, kind, name):
        print("is", name, flush=True)
    def update_service(self, zeroconf, kind, name):
        pass
    def remove_service(self, zeroconf, kind, name):
        self.gone.set()

def families(zeroconf):
    now = current_time_millis()
    entries = zeroconf.cache.entries_with_name("workshop.local.")
    return {entry.type for entry in entries if entry.type in (1, 28) and not entry.is_expired(now)}

zeroconf = Zeroconf(ip_version=IPVersion.All)
told = Told()
browser = ServiceBrowser(zeroconf, "_http._tcp.local.", told)
print("ready", flush=True)
while families(zeroconf) != {1, 28}:
    time.sleep(0.01)
# The queries of a browser that begins have answers with the addresses.
time.sleep(4)
print("cached", flush=True)
told.gone.wait()
time.sleep(1.5)
print("left:", *sorted(families(zeroconf)), flush=True)
"#;

#[test]
fn the_host_of_a_service_that_goes_keeps_its_addresses_for_the_others() {
    let lab = pair();
    // It asks by the interface that the group has a route to.
    lab.client.ip(&["route", "add", "224.0.0.0/4", "dev", "eth0"]).unwrap();
    let owner = named(&lab.server, "First", &["--hostname", "workshop"]);
    let second = ["--service-port", "8002", "--name", "Second", "--hostname", "workshop"];
    let second = start_serve(&lab.server, &second);
    let python = program("COOEE_ZEROCONF_PYTHON");
    let mut cache = lab.client.spawn(python, ["-c", CACHES]).unwrap();
    cache.stdout_line_with("is Second", DEADLINE).unwrap();
    cache.stdout_line_with("cached", DEADLINE).unwrap();
    stop(second);
    assert_eq!(cache.stdout_line(DEADLINE).unwrap(), "left: 1 28");
    stop(owner);
}
