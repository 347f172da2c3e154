//! systemd-resolved on another host, and on the same one.

use cooee_lab::netns::{Child, Host};
use cooee_lab::scene::avahi::output;
use cooee_lab::scene::resolved::beside_resolved;
use serde_json::json;

use super::{link_local, named};
use crate::programs::{DEADLINE, SERVER, find_one, pair, stop};

/// systemd-resolved that is left to itself, on a host of the name `resolver`.
fn resolved(host: &Host) -> Child {
    let mut child = beside_resolved(host, "resolver", &["sh", "-c", "echo ready; exec sleep 1000"]);
    child.stdout_line_with("ready", DEADLINE).unwrap();
    child
}

/// The addresses that avahi resolves the names to, of both families.
fn avahi_resolves(host: &Host, names: &[&str]) -> Vec<String> {
    let names = names.join(" ");
    let both = format!("avahi-resolve -4 -n {names}; avahi-resolve -6 -n {names}");
    let mut lines: Vec<_> = (output(host, &["sh", "-c", &both]).lines())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines.sort();
    lines
}

#[test]
fn systemd_resolved_resolves_a_name_over_both_families() {
    let lab = pair();
    let server = named(&lab.server, "Workshop", &[]);
    let local = link_local(&lab.server, "eth0").to_string();
    for (family, address) in [("-4", SERVER), ("-6", &local)] {
        let query = ["resolvectl", "--legend=no", family, "query", "workshop.local"];
        let answer = beside_resolved(&lab.client, "client", &query).finish(DEADLINE).unwrap();
        assert!(answer.status.success() && answer.stdout.contains(address), "{answer:?}");
    }
    stop(server);
}

#[test]
fn systemd_resolved_on_the_same_host_keeps_working_and_so_do_we() {
    for resolved_first in [true, false] {
        let lab = pair();
        let before = resolved_first.then(|| resolved(&lab.server));
        let server = named(&lab.server, "Workshop", &[]);
        let _peer = before.unwrap_or_else(|| resolved(&lab.server));
        let local = link_local(&lab.server, "eth0");
        let both = ["resolver.local", "workshop.local"];
        let mut expected: Vec<_> = (both.iter())
            .flat_map(|name| [format!("{name} {SERVER}"), format!("{name} {local}")])
            .collect();
        expected.sort();
        assert_eq!(avahi_resolves(&lab.client, &both), expected, "{resolved_first}");
        // A stop of ours does not take what is systemd-resolved's.
        stop(server);
        assert_eq!(avahi_resolves(&lab.client, &both[..1]), expected[..2], "{resolved_first}");
    }
}

#[test]
fn a_server_elsewhere_is_found_beside_systemd_resolved() {
    let lab = pair();
    let server = named(&lab.server, "Workshop", &[]);
    let _peer = resolved(&lab.client);
    let found = find_one(&lab.client, &["--only", "mdns"]);
    assert_eq!((&found["name"], &found["ip"]), (&json!("Workshop"), &json!(SERVER)));
    stop(server);
}
