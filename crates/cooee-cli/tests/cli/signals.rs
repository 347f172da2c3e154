//! Signals, each of which ends a verb in good order.

use std::io::{BufRead, Read};
use std::net::UdpSocket;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::conforms::Schema;
use crate::doctor::SCHEMA;
use crate::support::{Running, cooee, find, free_port, lo};

#[test]
fn they_stop_a_server_with_the_counts() {
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
fn a_server_that_stands_by_can_be_stopped() {
    let first = Running::serve(&[]);
    let second = Running::serve_on(first.port, &["--stand-by"]);
    second.saw("standing by, and answered for").unwrap();
    second.signal(Signal::SIGINT);
    assert_eq!(second.end(), ("answered 0, refused 0\n".into(), Some(0)));
}

#[test]
fn an_interrupted_search_prints_what_was_found() {
    for (signal, format) in [(Signal::SIGINT, "ndjson"), (Signal::SIGTERM, "json")] {
        let serve = Running::serve(&["-v"]);
        let port = serve.port.to_string();
        let words = ["find", "--interface", lo(), "--port", &port, "--timeout", "10m", "--wait"];
        let mut find =
            Running::start(cooee(&words).args(["full", "-v", "--format", format]), serve.port);
        let mut out = find.stdout();
        let mut first = String::new();
        if format == "ndjson" {
            out.read_line(&mut first).unwrap();
        } else {
            // Two calls that were answered: the first answer has been taken by then.
            serve.saw("answered").unwrap();
            serve.saw("answered").unwrap();
        }
        find.signal(signal);
        let (said, code) = find.end();
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("found 1 server") && said.contains("then stopped"), "{said}");
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert!((first + &rest).contains("127.0.0.1"));
    }
}

#[test]
fn a_stopped_doctor_ends_at_once_and_prints_what_was_found_until_then() {
    for words in [&["-v"][..], &["-v", "--format", "json"]] {
        let port = free_port().to_string();
        let mut command = cooee(&["doctor", "--interface", lo(), "--port", &port]);
        let mut running = Running::start(command.args(words).stdout(Stdio::piped()), 0);
        let mut out = running.stdout();
        running.saw("sent probes").expect("a discovery runs");
        let asked = Instant::now();
        running.signal(Signal::SIGINT);
        let (said, code) = running.end();
        // A discovery that nobody answers lasts three seconds.
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        assert_eq!(code, Some(1));
        assert!(said.contains("stopped before the end"), "{said}");
        let mut printed = String::new();
        out.read_to_string(&mut printed).unwrap();
        assert!(!printed.contains("nobody-answered"), "it has not waited for them: {printed}");
        assert!(!printed.contains("no findings"), "it has not looked: {printed}");
        if words.contains(&"json") {
            let report: Value = serde_json::from_str(&printed).unwrap();
            assert_eq!(Schema::of(SCHEMA, &[]).objections(&report), [""; 0], "{report}");
            assert_eq!(report["complete"], json!(false), "{report}");
        }
    }
}
