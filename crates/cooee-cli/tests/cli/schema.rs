//! What `find` prints as JSON is what `docs/find.schema.json` says.

use std::collections::HashMap;
use std::net::UdpSocket;
use std::thread;

use serde_json::{Value, json};

use crate::conforms::Schema;
use crate::support::{Running, find};

pub(crate) const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/find.schema.json"));

fn schema() -> Schema {
    Schema::of(SCHEMA, &[])
}

/// Every property of a server.
fn properties() -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let properties = schema.pointer("/$defs/server/properties").unwrap();
    properties.as_object().unwrap().keys().cloned().collect()
}

/// A server that ignores the first `ignored` probes of each client and gives `answer` to the others;
/// its port.
fn answers(answer: &'static str, ignored: usize) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut probes = HashMap::new();
        while let Ok((_, from)) = socket.recv_from(&mut [0; 64]) {
            let count = probes.entry(from).or_insert(0);
            *count += 1;
            if *count > ignored && socket.send_to(answer.as_bytes(), from).is_err() {
                return;
            }
        }
    });
    port
}

/// What `find` prints about the one server on this port, in each of the two formats.
fn printed(port: u16) -> [Value; 2] {
    ["json", "ndjson"].map(|format| {
        let done = find(port, &["--one", "--format", format]);
        assert_eq!(done.code, Some(0), "{}", done.err);
        serde_json::from_str(&done.out).unwrap()
    })
}

#[test]
fn what_find_prints_conforms() {
    let schema = schema();
    let serve = Running::serve(&["--service-port", "8443"]);
    let ports = [
        serve.port,
        answers("SERVER_IP:0.0.0.0", 0),
        answers("SERVER_IP:203.0.113.9:70", 0),
        answers("SERVER_IP:127.0.0.1", 2),
    ];
    let mut seen = Vec::new();
    for port in ports {
        for value in printed(port) {
            assert_eq!(schema.objections(&value), [""; 0], "{value}");
            let server = value.get(0).unwrap_or(&value);
            for (name, _) in server.as_object().unwrap() {
                assert!(properties().contains(name), "{name} is not described");
                seen.push(name.clone());
            }
        }
    }
    // That of the next test, and those of servers that are announced, which the lab has.
    seen.extend(["checked", "name", "hostname", "services", "txt"].map(str::to_owned));
    let unseen: Vec<_> = properties().into_iter().filter(|n| !seen.contains(n)).collect();
    assert_eq!(unseen, [""; 0], "described, and printed nowhere");
}

#[test]
fn what_find_prints_of_checks_conforms() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let serve = Running::serve(&["--service-port", &port]);
    for format in ["json", "ndjson"] {
        let done = find(serve.port, &["--one", "--check", "--format", format]);
        assert_eq!(done.code, Some(0), "{}", done.err);
        let value: Value = serde_json::from_str(&done.out).unwrap();
        let schema = schema();
        assert_eq!(schema.objections(&value), [""; 0], "{value}");
        let checked = &value.get(0).unwrap_or(&value)["checked"];
        assert_eq!(checked[0]["state"], "open", "{value}");
        let mut wrong = value.clone();
        let server = if value.is_array() { &mut wrong[0] } else { &mut wrong };
        server["checked"][0]["ms"] = json!("fast");
        assert!(!schema.objections(&wrong).is_empty(), "{wrong}");
    }
}

#[test]
fn a_round_trip_that_is_not_clear_is_null() {
    let [_, server] = printed(answers("SERVER_IP:127.0.0.1", 1));
    assert_eq!(server["rtt_ms"], Value::Null, "{server}");
}

#[test]
fn nothing_found_conforms() {
    assert_eq!(schema().objections(&json!([])), [""; 0]);
}

#[test]
fn what_does_not_conform_is_refused() {
    let schema = schema();
    let serve = Running::serve(&[]);
    let [_, server] = printed(serve.port);
    assert_eq!(schema.objections(&server), [""; 0]);
    for (name, wrong) in [
        ("ip", json!("nowhere")),
        ("port", json!(0)),
        ("url", json!("127.0.0.1")),
        ("rtt_ms", json!("fast")),
        ("rtt_ms", json!(-1)),
        ("addresses", json!([])),
        ("this_host", json!(null)),
    ] {
        let mut changed = server.clone();
        changed[name] = wrong;
        assert!(!schema.objections(&changed).is_empty(), "{changed}");
        assert!(!schema.objections(&json!([changed])).is_empty(), "{changed}");
    }
    let mut less = server;
    less.as_object_mut().unwrap().remove("routed");
    assert!(!schema.objections(&less).is_empty());
}
