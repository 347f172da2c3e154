use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{DEADLINE, Running, find, free_port, lo, run, run_with};

#[test]
fn signals_stop_it_with_the_counts() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let serve = Running::serve(&["-v"]);
        assert_eq!(find(serve.port, &["--one"]).code, Some(0));
        let asker = UdpSocket::bind("127.0.0.1:0").unwrap();
        asker.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        for datagram in ["DISCOVER", "DISC", "", "DISCOVER_SERVER"] {
            asker.send_to(datagram.as_bytes(), ("127.0.0.1", serve.port)).unwrap();
        }
        asker.recv_from(&mut [0; 64]).unwrap();
        serve.signal(signal);
        let (said, code) = serve.end();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.ends_with("answered 2, refused 3 (1 empty, 2 prefix)\n"), "{said}");
        assert!(said.contains("SERVER_IP:127.0.0.1"), "{said}");
    }
}

#[test]
fn it_says_what_it_answers() {
    let words = ["--service-port", "80", "--advertise", "192.0.2.9", "--duration", "10ms"];
    let serve = Running::serve_on(free_port(), &words);
    let line = serve.saw("answering on").unwrap();
    assert!(line.starts_with(&format!("answering on 0.0.0.0:{}", serve.port)), "{line}");
    assert!(line.ends_with(r#""DISCOVER_SERVER" gets "SERVER_IP:192.0.2.9:80""#), "{line}");
}

#[test]
fn a_duration_ends_it() {
    let (said, code) = Running::serve(&["--ipv4", "--duration", "50ms"]).end();
    assert_eq!(code, Some(0));
    assert_eq!(said, "answered 0, refused 0\n");
}

#[test]
fn a_second_one_is_refused_and_told_by_whom() {
    let first = Running::serve(&[]);
    let second = run(&["serve", "--port", &first.port.to_string()]);
    assert_eq!(second.code, Some(3));
    let expected = format!(
        "error: port {} is taken by pid {} (cooee); stop it, choose --port, or use --stand-by\n",
        first.port,
        first.pid()
    );
    assert_eq!(second.err, expected);
}

#[test]
fn one_that_stands_by_takes_over() {
    let first = Running::serve(&[]);
    let second = Running::serve_on(first.port, &["--stand-by"]);
    let line = second.saw("standing by").unwrap();
    assert!(line.contains(&format!("pid {} (cooee)", first.pid())), "{line}");
    first.signal(Signal::SIGKILL);
    assert!(second.saw("took over, answering on").is_some());
    assert_eq!(find(second.port, &["--one"]).code, Some(0));
    second.signal(Signal::SIGTERM);
    assert_eq!(second.end().1, Some(0));
}

#[test]
fn one_that_stands_by_can_be_stopped() {
    let first = Running::serve(&[]);
    let second = Running::serve_on(first.port, &["--stand-by"]);
    second.saw("standing by, and answered for").unwrap();
    second.signal(Signal::SIGINT);
    assert_eq!(second.end(), ("answered 0, refused 0\n".into(), Some(0)));
}

#[test]
fn two_services_share_a_port() {
    let first = Running::serve(&["--service-port", "8001"]);
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
    first.signal(Signal::SIGKILL);
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
fn a_message_that_an_answer_could_be_is_refused() {
    let done = run(&["serve", "--message", "SERVER_IP:192.0.2.1"]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains("an answer would itself be a probe"), "{}", done.err);
}

#[test]
fn a_bound_address_gets_no_broadcasts_and_says_so() {
    let serve = Running::serve_on(free_port(), &["--bind", "127.0.0.1", "--duration", "10ms"]);
    let line = serve.saw("warning").unwrap();
    assert!(line.contains("broadcasts do not arrive on 127.0.0.1"), "{line}");
    assert_eq!(serve.end().1, Some(0));
    let done = run(&["serve", "--bind", "192.0.2.213", "--port", &free_port().to_string()]);
    assert_eq!(done.code, Some(3));
    assert!(done.err.contains("192.0.2.213 is not an address of this host"), "{}", done.err);
}

#[test]
fn events_are_prose_unless_details_are_wanted() {
    let serve = Running::serve(&["-v"]);
    assert_eq!(find(serve.port, &["--one"]).code, Some(0));
    let line = serve.saw("answered ").unwrap();
    assert!(line.starts_with("info: answered (asker: 127.0.0.1:"), "{line}");
    let serve = Running::serve(&["-vv"]);
    assert_eq!(find(serve.port, &["--one"]).code, Some(0));
    let line = serve.saw("answered asker").unwrap();
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.contains('T') && time.ends_with('Z'), "{line}");
    assert!(rest.trim().starts_with("INFO cooee::verb::serve: answered asker="), "{line}");
}

#[test]
fn whoever_is_refused_is_named_with_the_reason() {
    let serve = Running::serve(&["-v"]);
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(b"HELLO", ("127.0.0.1", serve.port)).unwrap();
    let line = serve.saw("refused ").unwrap();
    let from = client.local_addr().unwrap();
    assert_eq!(line, format!("info: refused a datagram (from: {from}, why: foreign)"));
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
fn quiet_it_says_nothing_and_json_is_json() {
    let port = free_port().to_string();
    let done = run(&["serve", "-q", "--port", &port, "--duration", "10ms"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    let json = ["serve", "--ipv4", "--log-format", "json", "--port", &port, "--duration", "10ms"];
    let done = run(&json);
    let lines: Vec<serde_json::Value> =
        done.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{}", done.err);
    assert_eq!(lines[1]["fields"]["message"], "answered 0, refused 0");
}
