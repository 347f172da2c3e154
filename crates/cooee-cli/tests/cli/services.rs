//! What only Linux tells or does: who listens on a port, who refused a datagram, broadcasts that do not
//! arrive on an address, and the service manager.

use std::net::TcpListener;
use std::time::Instant;

use crate::support::{DEADLINE, Running, find, free_port, lo, run, run_with};

#[test]
fn two_services_share_a_port() {
    let mut first = Running::serve(&["--service-port", "8001"]);
    let second = Running::serve_on(first.port, &["--service-port", "8002"]);
    let line = second.saw("standing by").unwrap();
    let owner = format!("pid {} (cooee) has port {} and answers", first.pid(), first.port);
    assert!(line.contains(&owner), "{line}");
    assert!(first.saw("answering for 2 services of this host").is_some());
    let urls = |port| find(port, &["--format", "url", "--interface", lo()]).out;
    assert_eq!(urls(first.port), "http://127.0.0.1:8001/\nhttp://127.0.0.1:8002/\n");
    let port = first.port.to_string();
    let third = run(&["serve", "--port", &port, "--service-port", "8002"]);
    assert_eq!(third.code, Some(3), "{}", third.err);
    first.kill();
    assert!(second.saw("took over, answering on").is_some());
    assert_eq!(urls(second.port), "http://127.0.0.1:8002/\n");
}

#[test]
fn a_service_that_does_not_listen_is_not_named() {
    let service = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = service.local_addr().unwrap().port().to_string();
    let serve = Running::serve(&["--service-port", &port, "--require-listener"]);
    let options = ["--format", "url", "--interface", lo(), "--wait", "quick"];
    assert_eq!(find(serve.port, &options).out, format!("http://127.0.0.1:{port}/\n"));
    drop(service);
    let end = Instant::now() + DEADLINE;
    while find(serve.port, &options).code != Some(1) {
        assert!(Instant::now() < end, "it is named still");
    }
    let warning = serve.saw("nothing listens on port").unwrap();
    assert!(warning.contains(&port), "{warning}");
}

#[test]
fn a_warning_of_the_log_looks_like_any_other() {
    let port = free_port().to_string();
    let words = ["serve", "--port", &port, "--duration", "10ms"];
    let done = run_with(&[("NOTIFY_SOCKET", "/nowhere/socket")], &words);
    let warnings: Vec<_> = done.err.lines().filter(|line| line.contains("NOTIFY_SOCKET")).collect();
    let [warning] = warnings[..] else { panic!("{}", done.err) };
    assert!(warning.starts_with("warning: the service manager cannot be"), "{warning}");
    let json = [&words[..], &["--log-format", "json"]].concat();
    let done = run_with(&[("NOTIFY_SOCKET", "/nowhere/socket")], &json);
    let warning = done.err.lines().find(|line| line.contains("NOTIFY_SOCKET")).unwrap();
    let warning: serde_json::Value = serde_json::from_str(warning).unwrap();
    assert_eq!((&warning["level"], warning["timestamp"].is_string()), (&"WARN".into(), true));
}

#[test]
fn a_host_that_refuses_is_spoken_of_with_the_port_it_was_named_with() {
    let refusing = free_port();
    let host = format!("127.0.0.1:{refusing}");
    let json = ["--host", &host, "--log-format", "json"];
    for words in [&json[..2], &json] {
        let done = find(free_port(), words);
        assert_eq!(done.code, Some(1), "{}", done.err);
        let said = format!("nothing listens on port {refusing} ");
        assert!(done.err.contains(&said), "{}", done.err);
        assert!(!done.err.contains("nothing listens on port 9999"), "{}", done.err);
        assert!(done.err.contains(&format!("cooee serve --port {refusing}")), "{}", done.err);
    }
}

#[test]
fn a_bound_address_gets_no_broadcasts_and_says_so() {
    let serve = Running::serve_on(free_port(), &["--bind", "127.0.0.1", "--duration", "10ms"]);
    let line = serve.saw("warning").unwrap();
    assert!(line.contains("broadcasts do not arrive on 127.0.0.1"), "{line}");
    assert_eq!(serve.end().1, Some(0));
}
