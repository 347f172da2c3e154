//! Addresses that change while Cooee runs.

use cooee_lab::netns::eventually;
use cooee_lab::scene::programs::{DEADLINE, SERVER, Search, pair, serve};

use crate::wine::Windows;

#[test]
fn windows_answers_with_an_address_that_it_was_given_while_it_serves() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let _server = windows.serve(&[]);
    assert_eq!(Search::run(&lab.client, &["--one"]).each("ip"), [SERVER]);
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    // Windows is asked about its addresses once a second at the most.
    let mut last = None;
    let found = eventually(DEADLINE, || {
        let search = last.insert(Search::run(&lab.client, &["--wait", "quick"]));
        (search.each("raw") == ["SERVER_IP:10.0.1.77"]).then_some(())
    });
    assert!(found.is_some(), "{last:?}");
}

#[test]
fn windows_probes_on_an_address_that_it_was_given_while_it_looks() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    lab.client.replace_address("eth0", "10.0.1.3/24", "10.0.9.3/24").unwrap();
    let windows = Windows::on(&lab.client);
    let arguments = ["find", "--one", "-4", "-vv", "--timeout", "15s", "--format", "url"];
    let mut finding = windows.cooee(&arguments);
    // The first round was sent from that address.
    finding.stderr_line_with("round=2", DEADLINE).unwrap();
    lab.client.replace_address("eth0", "10.0.9.3/24", "10.0.1.3/24").unwrap();
    let finished = finding.finish(DEADLINE).unwrap();
    assert_eq!(finished.stdout.trim_end(), format!("http://{SERVER}:8000/"), "{finished:?}");
}

#[test]
fn windows_finds_a_server_again_whose_address_has_changed() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let windows = Windows::on(&lab.client);
    assert_eq!(windows.find(&["--one"]).each("ip"), [SERVER]);
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    let found = eventually(DEADLINE, || {
        (windows.find(&["--one"]).each("ip") == ["10.0.1.77"]).then_some(())
    });
    assert!(found.is_some());
}
