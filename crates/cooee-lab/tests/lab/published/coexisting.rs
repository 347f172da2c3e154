//! Beside another responder on the same host, and across a reflector.

use cooee_lab::netns::Lab;
use cooee_lab::scene::avahi::{beside_avahi, browse};

use super::named;
use crate::programs::{DEADLINE, find, pair, stop};

#[test]
fn avahi_on_the_same_host_keeps_working_and_so_do_we() {
    let lab = pair();
    let mut peer = beside_avahi(
        &lab.server,
        "",
        &["avahi-publish", "-s", "Printer", "_http._tcp", "631", "from=avahi"],
    );
    peer.stderr_line_with("Established under name", DEADLINE).unwrap();
    let server = named(&lab.server, "Workshop", &[]);
    let found = browse(&lab.client, "_http._tcp");
    let ports = |name: &str, port: &str| {
        found.iter().filter(|line| line.contains(name) && line.contains(port)).count()
    };
    assert_eq!((ports(";Workshop;", ";8000;"), ports(";Printer;", ";631;")), (2, 2), "{found:?}");
    // A stop of ours does not take what is avahi's.
    stop(server);
    let left = browse(&lab.client, "_http._tcp");
    assert!(left.len() == 2 && left.iter().all(|line| line.contains(";Printer;")), "{left:?}");
}

#[test]
fn a_reflector_between_two_segments_takes_no_name_away() {
    let lab = Lab::new().unwrap();
    let segments = ["a", "b"].map(|name| lab.segment(name).unwrap());
    let router =
        lab.router("router", &[(&segments[0], "10.0.0.1/24"), (&segments[1], "10.0.1.1/24")]);
    let router = router.unwrap();
    let mut reflector = beside_avahi(
        &router,
        "[reflector]\nenable-reflector=yes\n",
        &["sh", "-c", "echo ready; exec sleep 1000"],
    );
    reflector.stdout_line_with("ready", DEADLINE).unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&segments[0], "10.0.0.2/24").unwrap();
    server.default_route("10.0.0.1").unwrap();
    client.join(&segments[1], "10.0.1.3/24").unwrap();
    client.default_route("10.0.1.1").unwrap();
    let mut named = named(&server, "Workshop", &[]);
    let found = browse(&client, "_http._tcp");
    assert!(
        found.iter().any(|line| line.contains(";Workshop;") && line.contains(";10.0.0.2;")),
        "{found:?}"
    );
    assert!(named.stderr_line_with("another host", std::time::Duration::from_millis(1)).is_err());
    let (_, rows) = find(&client, &["--timeout", "3s"]);
    assert!(rows.len() <= 1, "{rows:?}");
    stop(named);
}
