//! Port 5353 of a host where another program keeps it for itself, or shares it.

use std::net::{TcpListener, UdpSocket};

use cooee_lab::netns::Host;
use cooee_lab::scene::avahi::beside_avahi;
use serde_json::Value;

use super::named;
use crate::programs::{DEADLINE, SERVER, Search, cooee, find_one, pair, start_serve, stop};

const TOLD: &str = "port 5353 of this host is taken by pid";

/// A program that has the port, and has not said that others may have it too.
fn keeper(host: &Host) -> UdpSocket {
    host.enter(|| UdpSocket::bind("0.0.0.0:5353")).unwrap()
}

/// The codes of what `cooee doctor` finds. It tells that in its report, and does not warn of it too.
fn doctor(host: &Host) -> Vec<String> {
    let child = host.spawn(cooee(), ["doctor", "--format", "json"]).unwrap();
    let finished = child.finish(DEADLINE).unwrap();
    assert_eq!(finished.stderr, "");
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_server_with_a_name_tells_of_a_kept_port_and_answers_probes() {
    let lab = pair();
    let _keeper = keeper(&lab.server);
    for address in [&[][..], &["--bind", SERVER]] {
        let serve = [&["--name", "Workshop", "--service-port", "8000"], address].concat();
        let mut server = start_serve(&lab.server, &serve);
        let warning = server.stderr_line_with(TOLD, DEADLINE).unwrap();
        assert!(warning.ends_with("have it share the port (SO_REUSEADDR)"), "{warning}");
        assert_eq!(find_one(&lab.client, &["--no-mdns", "--host", SERVER])["ip"], SERVER);
        stop(server);
    }
}

#[test]
fn clients_tell_of_a_kept_port_and_go_on_by_probes() {
    let lab = pair();
    let _service = lab.server.enter(|| TcpListener::bind("0.0.0.0:8000")).unwrap();
    let _server = named(&lab.server, "Workshop", &[]);
    let _keeper = keeper(&lab.client);
    let search = Search::run(&lab.client, &[]);
    assert_eq!((search.status, search.lines_with(TOLD)), (0, 1), "{search:?}");
    assert_eq!(search.each("ip"), [SERVER]);
    let search = Search::run(&lab.client, &["--only", "mdns"]);
    assert_eq!((search.servers.len(), search.lines_with(TOLD)), (0, 1), "{search:?}");

    let mut watch = lab.client.spawn(cooee(), ["watch", "--format", "ndjson"]).unwrap();
    watch.stdout_line_with(SERVER, DEADLINE).unwrap();
    watch.stderr_line_with(TOLD, DEADLINE).unwrap();

    assert_eq!(doctor(&lab.client), ["mdns-port-taken"]);
    let search = Search::run(&lab.client, &["--no-mdns"]);
    assert_eq!((search.servers.len(), search.lines_with(TOLD)), (1, 0), "{search:?}");
}

#[test]
fn nothing_is_amiss_where_the_port_is_shared() {
    let lab = pair();
    let _service = lab.server.enter(|| TcpListener::bind("0.0.0.0:8000")).unwrap();
    let mut peer = beside_avahi(&lab.server, "", &["sh", "-c", "echo ready; exec sleep 1000"]);
    peer.stdout_line_with("ready", DEADLINE).unwrap();
    let _server = named(&lab.server, "Workshop", &[]);
    assert_eq!(doctor(&lab.server), [""; 0]);
}
