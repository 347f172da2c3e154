use std::env;
use std::net::UdpSocket;

use crate::support::{Running, find, free_port, run};

#[test]
fn it_says_what_it_answers() {
    let words = ["--service-port", "80", "--advertise", "192.0.2.9", "--duration", "10ms"];
    let serve = Running::serve_on(free_port(), &words);
    let line = serve.saw("answering on").unwrap();
    assert!(line.starts_with(&format!("answering on 0.0.0.0:{}", serve.port)), "{line}");
    assert!(line.ends_with(r#""DISCOVER_SERVER" gets "SERVER_IP:192.0.2.9:80""#), "{line}");
}

#[test]
fn without_a_port_answers_name_that_of_the_service_that_is_announced() {
    let words = ["--name", "W", "--service", "http:8080", "--bind", "127.0.0.1"];
    let serve = Running::serve_on(free_port(), &words);
    let line = serve.saw("answering on").unwrap();
    assert!(line.ends_with(r#"gets "SERVER_IP:<address>:8080""#), "{line}");
    let host = format!("127.0.0.1:{}", serve.port);
    let found = find(free_port(), &["--host", &host, "--one", "--format", "url"]);
    assert_eq!(found.out, "http://127.0.0.1:8080/\n", "{}", found.err);
}

#[test]
fn a_port_at_which_nothing_is_announced_is_warned_of() {
    let names_no_service = |words: &[&str]| {
        let words = [&["--bind", "127.0.0.1", "--duration", "10ms"], words].concat();
        Running::serve_on(free_port(), &words).saw("warning: nothing is announced").is_some()
    };
    let one = ["--name", "W", "--service-port", "8000", "--service"];
    assert!(names_no_service(&[&one[..], &["http:8080"]].concat()));
    assert!(!names_no_service(&[&one[..], &["http:8080,ipp:8000"]].concat()));
    assert!(!names_no_service(&one[..4]));
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
        "error: port {} is taken by pid {} (cooee{}); stop it, choose --port, or use --stand-by\n",
        first.port,
        first.pid(),
        env::consts::EXE_SUFFIX
    );
    assert_eq!(second.err, expected);
}

#[test]
fn one_that_stands_by_takes_over() {
    let mut first = Running::serve(&[]);
    let second = Running::serve_on(first.port, &["--stand-by"]);
    let line = second.saw("standing by").unwrap();
    // Windows does not say which program has a port.
    if cfg!(target_os = "linux") {
        assert!(line.contains(&format!("pid {} (cooee)", first.pid())), "{line}");
    }
    first.kill();
    assert!(second.saw("took over, answering on").is_some());
    assert_eq!(find(second.port, &["--one"]).code, Some(0));
}

#[test]
fn a_message_that_an_answer_could_be_is_refused() {
    let done = run(&["serve", "--message", "SERVER_IP:192.0.2.1"]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains("an answer would itself be a probe"), "{}", done.err);
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
fn marks_of_direction_in_an_answer_are_escaped_in_details_too() {
    let serve = Running::serve(&["-vv", "--prefix", "A\u{202e}B:"]);
    find(serve.port, &["--one", "--timeout", "200ms"]);
    let line = serve.saw("answered asker").unwrap();
    assert!(line.contains("A\\u{202e}B:") && !line.contains('\u{202e}'), "{line:?}");
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

#[test]
fn an_address_that_is_not_this_hosts_is_refused() {
    let done = run(&["serve", "--bind", "192.0.2.213", "--port", &free_port().to_string()]);
    assert_eq!(done.code, Some(3));
    assert!(done.err.contains("192.0.2.213 is not an address of this host"), "{}", done.err);
}
