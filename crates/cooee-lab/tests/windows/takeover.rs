//! One owner of the port, and who is next.

use cooee_lab::netns::{Signal, eventually};
use cooee_lab::scene::programs::{DEADLINE, Search, pair, serve, start_serve};

use crate::wine::{Windows, ctrl_c};

/// Looks for servers until there is exactly the one of this port.
fn found_until(port: &str, mut find: impl FnMut() -> Search) {
    let mut last = Vec::new();
    let found = eventually(DEADLINE, || {
        last = find().each("port");
        (last == [port]).then_some(())
    });
    assert!(found.is_some(), "{last:?} are found, not {port}");
}

#[test]
fn on_windows_the_next_server_takes_over_when_the_first_ends() {
    let lab = pair();
    let windows = Windows::on(&lab.server);
    let first = windows.serve(&["--service-port", "1"]);
    let refused = windows.start_serve(&["--service-port", "3"]).finish(DEADLINE).unwrap();
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let mut next = windows.start_serve(&["--service-port", "2", "--stand-by"]);
    next.stderr_line_with("standing by", DEADLINE).unwrap();
    found_until("1", || Search::run(&lab.client, &["--wait", "quick"]));
    ctrl_c(first);
    next.stderr_line_with("took over", DEADLINE).unwrap();
    found_until("2", || Search::run(&lab.client, &["--wait", "quick"]));
}

#[test]
fn from_windows_the_server_that_took_over_is_found() {
    let lab = pair();
    let mut first = serve(&lab.server, &["--service-port", "1"]);
    let mut next = start_serve(&lab.server, &["--service-port", "2", "--stand-by"]);
    next.stderr_line_with("standing by", DEADLINE).unwrap();
    let windows = Windows::on(&lab.client);
    assert!(windows.find(&[]).each("port").contains(&"1".to_owned()));
    first.signal(Signal::SIGKILL).unwrap();
    next.stderr_line_with("took over", DEADLINE).unwrap();
    found_until("2", || windows.find(&["--wait", "quick"]));
}
