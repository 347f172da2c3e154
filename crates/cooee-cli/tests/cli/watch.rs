//! `cooee watch`, and what it prints as JSON, which is what `docs/watch.schema.json` says.

use std::io::BufRead;
use std::process::Stdio;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use serde_json::{Value, json};

use crate::conforms::Schema;
use crate::schema::SCHEMA as FIND;
use crate::support::{DEADLINE, Running, cooee, lo};

const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/watch.schema.json"));

fn schema() -> Schema {
    Schema::of(SCHEMA, &[("find.schema.json", FIND)])
}

/// A view of loopback, and its lines.
fn view(port: u16) -> (Running, Receiver<String>) {
    printed(port, "ndjson")
}

fn printed(port: u16, format: &str) -> (Running, Receiver<String>) {
    let port_text = port.to_string();
    let words = ["watch", "--interface", lo(), "--port", &port_text, "--format", format];
    let mut view = Running::start(cooee(&words).stdout(Stdio::piped()), port);
    let (send, lines) = mpsc::channel();
    let printed = view.stdout();
    thread::spawn(move || printed.lines().map_while(Result::ok).try_for_each(|l| send.send(l)));
    (view, lines)
}

/// The next of these events.
fn next(lines: &Receiver<String>, event: &str) -> Value {
    loop {
        let line = lines.recv_timeout(DEADLINE).unwrap();
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(schema().objections(&value), [""; 0], "{value}");
        if value["event"] == event {
            return value;
        }
        assert_eq!(value["event"], "changed", "{value}");
    }
}

#[test]
fn what_it_prints_conforms() {
    let mut serve = Running::serve(&["--service-port", "8443"]);
    let (_view, lines) = view(serve.port);
    let found = next(&lines, "found");
    serve.kill();
    assert_eq!(next(&lines, "gone")["id"], found["id"]);
}

#[test]
fn a_row_tells_how_it_is_known_that_a_server_is_gone() {
    let mut serve = Running::serve(&["--service-port", "8443"]);
    let (_view, lines) = printed(serve.port, "table");
    let row = |event: &str| loop {
        let line = lines.recv_timeout(DEADLINE).unwrap();
        if line.starts_with(event) {
            return line;
        }
    };
    let (header, found) = (row("EVENT"), row("found"));
    serve.kill();
    let gone = row("gone");
    assert!(gone.starts_with("gone (refused)") || gone.starts_with("gone (silent)"), "{gone}");
    for line in [found, gone] {
        assert_eq!(header.find("ADDRESS"), line.find("127.0.0.1"), "{line}");
    }
}

#[test]
fn what_does_not_conform_is_refused() {
    let serve = Running::serve(&[]);
    let (_view, lines) = view(serve.port);
    let found = next(&lines, "found");
    for (name, wrong) in [
        ("event", json!(1)),
        ("event", json!("gone")),
        ("id", json!(-1)),
        ("why", json!("silent")),
        ("server", json!({})),
        ("server", json!(null)),
    ] {
        let mut changed = found.clone();
        changed[name] = wrong;
        assert!(!schema().objections(&changed).is_empty(), "{changed}");
    }
}
