//! Ctrl-C, which wine makes of the signal SIGINT.

use cooee_lab::scene::programs::{CLIENT, DEADLINE, SERVER, Search, pair, serve};
use serde_json::Value;

use crate::wine::{Windows, ctrl_c};

#[test]
fn it_ends_a_server_in_good_order() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let server = windows.serve(&[]);
    assert_eq!(Search::run(&lab.client, &["--one"]).servers.len(), 1);
    let finished = ctrl_c(server);
    assert!(finished.status.success(), "{finished:?}");
    assert!(finished.stderr.contains("refused 0"), "{finished:?}");
}

#[test]
fn it_ends_a_search_with_what_it_has_found() {
    let lab = pair();
    let mut server = serve(&lab.server, &["-vv"]);
    let windows = Windows::on(&lab.client);
    let arguments = ["find", "--format", "json", "--wait", "full", "--timeout", "60s"];
    let finding = windows.cooee(&arguments);
    // Before the second round it has read the answers to the first.
    for _ in 0..3 {
        server.stderr_line_with(CLIENT, DEADLINE).unwrap();
    }
    let finished = ctrl_c(finding);
    let found: Vec<Value> = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(found[0]["ip"], SERVER, "{finished:?}");
    assert!(finished.status.success(), "{finished:?}");
}
