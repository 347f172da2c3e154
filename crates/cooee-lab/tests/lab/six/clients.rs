//! The client in `examples/`, which knows of the protocol what `docs/protocol.md` says.

use std::path::Path;

use cooee_lab::netns::{Host, Lab};
use cooee_lab::scene::scripted::Script;

use crate::programs::{DEADLINE, SERVER, pair, serve, stop};

/// The lines that it prints, each an address, a port, and where the answer came from.
fn discover(host: &Host) -> Vec<String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/discover.py");
    let child = host.spawn("python3", [program.as_os_str()]).unwrap();
    let finished = child.finish(DEADLINE).unwrap();
    assert!(finished.stderr.is_empty(), "{finished:?}");
    finished.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_example_finds_a_server_of_both_families_once() {
    let lab = pair();
    let serving = serve(&lab.server, &["--service-port", "8001"]);
    let [line] = &discover(&lab.client)[..] else { panic!("one server") };
    assert!(line.starts_with(&format!("{SERVER} 8001 ")), "{line}");
    stop(serving);
}

#[test]
fn the_example_finds_a_server_without_ipv4() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let hosts = [lab.host("server").unwrap(), lab.host("client").unwrap()];
    hosts.iter().for_each(|host| drop(host.plug(&segment).unwrap()));
    let serving = serve(&hosts[0], &["--service-port", "8001"]);
    let [line] = &discover(&hosts[1])[..] else { panic!("one server") };
    assert!(line.starts_with("fe80::") && line.contains("%eth0 8001 "), "{line}");
    stop(serving);
}

#[test]
fn the_example_survives_answers_that_name_no_place() {
    let lab = pair();
    let answers: [&[u8]; 4] = [
        b"SERVER_IP:[fe80::1]:8000",
        b"SERVER_IP:255.255.255.255:8000",
        b"SERVER_IP:[::ffff:10.0.0.1]:8000",
        b"SERVER_IP:[fe80::1%eth0]:8000",
    ];
    let hear = |answer| Script::at_once(answer).play(&lab.server, || discover(&lab.client));
    // A link-local address has the zone of the interface, over IPv4 too.
    assert_eq!(hear(answers[0]), [format!("fe80::1%eth0 8000 {SERVER}")]);
    assert_eq!(hear(answers[1]), [format!("{SERVER} 8000 {SERVER}")]);
    assert_eq!(hear(answers[2]), [""; 0]);
    assert_eq!(hear(answers[3]), [""; 0]);
}
