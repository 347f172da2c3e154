//! Names that others have (RFC 6762 section 9).

use cooee_lab::netns::Lab;
use cooee_lab::scene::avahi::browse;

use super::{link_local, named};
use crate::programs::{DEADLINE, Search, pair, program, serve, stop};

#[test]
fn the_second_of_a_name_goes_by_the_next_one_and_says_so() {
    let lab = pair();
    let first = named(&lab.server, "Workshop", &[]);
    let mut second = serve(&lab.client, &["--name", "Workshop", "--service-port", "8001"]);
    second.stderr_line_with("another host is called \"Workshop\"", DEADLINE).unwrap();
    let said = second.stderr_line_with("announced as", DEADLINE).unwrap();
    assert_eq!(said, r#"announced as "Workshop (2)": http://workshop-2.local:8001/"#);
    let lines = browse(&lab.client, "_http._tcp");
    let fields = |line: &String| {
        let fields: Vec<_> = line.split(';').collect();
        [fields[2], fields[5], fields[7]].join(" ")
    };
    let mut found: Vec<_> = lines.iter().map(fields).collect();
    found.sort();
    found.dedup();
    let expected = ["Workshop workshop.local 8000", r"Workshop\032\0402\041 workshop-2.local 8001"];
    assert_eq!(found, expected);
    let said = stop(second).stderr;
    // The name and the host's may be lost one after the other.
    for taken in ["\"Workshop\"", "\"workshop.local\""] {
        assert!(said.matches(&format!("another host is called {taken}")).count() <= 1, "{said}");
    }
    let called = said.matches("another host is called").count();
    assert_eq!(said.matches("another host is").count(), called, "{said}");
    stop(first);
}

/// Tells of sites that come and go.
const VIEW: &str = r#"
import threading
from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

class Told(ServiceListener):
    def add_service(self, zeroconf, kind, name):
        print("found", name, flush=True)

    def update_service(self, zeroconf, kind, name):
        pass

    def remove_service(self, zeroconf, kind, name):
        print("gone", name, flush=True)

browser = ServiceBrowser(Zeroconf(), "_http._tcp.local.", Told())
print("ready", flush=True)
threading.Event().wait()
"#;

#[test]
fn what_was_announced_before_a_later_service_conflicted_is_withdrawn() {
    let lab = pair();
    let mut first = serve(&lab.server, &["--name", "Workshop", "--service", "ipp:631"]);
    first.stderr_line_with("announced as", DEADLINE).unwrap();
    // It asks by the interface that the group has a route to.
    lab.server.ip(&["route", "add", "224.0.0.0/4", "dev", "eth0"]).unwrap();
    let python = program("COOEE_ZEROCONF_PYTHON");
    let mut view = lab.server.spawn(python, ["-c", VIEW]).unwrap();
    view.stdout_line_with("ready", DEADLINE).unwrap();
    // Its site is found free, and what marks it as one of ours is not.
    let second = serve(&lab.client, &["--name", "Workshop", "--service-port", "8001"]);
    view.stdout_line_with("gone Workshop.", DEADLINE).unwrap();
    view.stdout_line_with("found Workshop (2).", DEADLINE).unwrap();
    stop(second);
    stop(first);
}

#[test]
fn a_name_with_a_dot_is_kept_from_others_as_it_is_announced() {
    let lab = pair();
    let first = named(&lab.server, "v1.0", &[]);
    let mut second = serve(&lab.client, &["--name", "v1.0", "--service-port", "8001"]);
    second.stderr_line_with("another host is called \"v1-0\"", DEADLINE).unwrap();
    let said = second.stderr_line_with("announced as", DEADLINE).unwrap();
    assert_eq!(said, r#"announced as "v1-0 (2)": http://v1-1.local:8001/"#);
    let lines = browse(&lab.client, "_http._tcp");
    let is_there = |line: &String| line.contains(";v1-0;") && line.contains(";v1-0.local;");
    assert!(lines.iter().any(is_there), "{lines:?}");
    stop(second);
    stop(first);
}

#[test]
fn two_that_start_at_once_agree_on_two_names() {
    let lab = pair();
    let arguments = ["--name", "Workshop"];
    let mut one = serve(&lab.server, &arguments);
    let mut other = serve(&lab.client, &arguments);
    let said = |server: &mut cooee_lab::netns::Child| {
        server.stderr_line_with("announced as", DEADLINE).unwrap()
    };
    let names = [said(&mut one), said(&mut other)];
    for name in ["\"Workshop\": http://workshop.local", "\"Workshop (2)\": http://workshop-2.local"]
    {
        assert_eq!(names.iter().filter(|said| said.contains(name)).count(), 1, "{names:?}");
    }
    stop(one);
    stop(other);
}

#[test]
fn two_interfaces_on_one_segment_do_not_take_the_name_from_each_other() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&segment, "10.0.1.2/24").unwrap();
    server.join(&segment, "10.0.1.22/24").unwrap();
    client.join(&segment, "10.0.1.3/24").unwrap();
    let mut named = serve(&server, &["--name", "Workshop"]);
    let said = named.stderr_line_with("announced as", DEADLINE).unwrap();
    assert!(said.contains("\"Workshop\": http://workshop.local:"), "{said}");
    let found = browse(&client, "_http._tcp");
    assert!(!found.is_empty() && found.iter().all(|line| line.contains(";Workshop;")), "{found:?}");
    stop(named);
}

#[test]
fn two_interfaces_on_one_segment_without_networks_do_not_either() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    for host in [&server, &server, &client] {
        host.plug(&segment).unwrap();
    }
    let mut named = serve(&server, &["--name", "Workshop"]);
    let said = named.stderr_line_with("announc", DEADLINE).unwrap();
    assert!(said.starts_with("announced as \"Workshop\": http://workshop.local:"), "{said}");
    let found = Search::run(&client, &["--service", "_http._tcp"]);
    assert_eq!(found.each("name"), ["Workshop"]);
    let mut addresses = ["eth0", "eth1"].map(|of| link_local(&server, of));
    addresses.sort();
    let addresses = addresses.map(|address| address.to_string());
    assert_eq!(found.each("addresses"), [serde_json::json!(addresses).to_string()]);
    stop(named);
}
