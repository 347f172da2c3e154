//! What `find` prints as JSON is what `docs/find.schema.json` says.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::thread;

use serde_json::{Value, json};

use crate::support::{Running, find};

const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/find.schema.json"));

/// As much of JSON Schema as our schema makes use of. A keyword that is not known here panics.
pub(crate) struct Schema(Value);

impl Schema {
    fn read() -> Self {
        Self::of(SCHEMA)
    }

    pub(crate) fn of(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    /// Says where and how a value differs from the schema.
    pub(crate) fn objections(&self, value: &Value) -> Vec<String> {
        self.objections_to(&self.0, value, "")
    }

    fn objections_to(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let mut objections = Vec::new();
        for (keyword, says) in schema.as_object().unwrap() {
            let broken = || format!("{at}: {value} breaks {keyword} {says}");
            let holds = match keyword.as_str() {
                "$schema" | "$defs" | "title" | "description" | "examples" => true,
                "$ref" => {
                    let pointer = says.as_str().unwrap().trim_start_matches('#');
                    let target = self.0.pointer(pointer).unwrap();
                    objections.extend(self.objections_to(target, value, at));
                    true
                }
                "anyOf" => says
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| self.objections_to(one, value, at).is_empty()),
                "type" => match says {
                    Value::String(name) => is_of_type(value, name),
                    names => names
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|n| is_of_type(value, n.as_str().unwrap())),
                },
                "format" => {
                    value.as_str().is_none_or(|text| has_format(text, says.as_str().unwrap()))
                }
                "minimum" => value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap()),
                "minItems" => value
                    .as_array()
                    .is_none_or(|items| items.len() as u64 >= says.as_u64().unwrap()),
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        objections.extend(self.objections_to(says, item, &format!("{at}/{n}")));
                    }
                    true
                }
                "properties" => {
                    for (name, property) in value.as_object().into_iter().flatten() {
                        if let Some(of) = says.get(name) {
                            let at = format!("{at}/{name}");
                            objections.extend(self.objections_to(of, property, &at));
                        }
                    }
                    true
                }
                "required" => value.as_object().is_none_or(|object| {
                    says.as_array()
                        .unwrap()
                        .iter()
                        .all(|n| object.contains_key(n.as_str().unwrap()))
                }),
                unknown => panic!("the test does not know the keyword {unknown}"),
            };
            if !holds {
                objections.push(broken());
            }
        }
        objections
    }

    /// Every property of a server.
    fn properties(&self) -> Vec<&str> {
        let properties = self.0.pointer("/$defs/server/properties").unwrap();
        properties.as_object().unwrap().keys().map(String::as_str).collect()
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        unknown => panic!("there is no type {unknown}"),
    }
}

fn has_format(text: &str, format: &str) -> bool {
    match format {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "uri" => text
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
        unknown => panic!("the test does not know the format {unknown}"),
    }
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
    let schema = Schema::read();
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
                assert!(schema.properties().contains(&name.as_str()), "{name} is not described");
                seen.push(name.clone());
            }
        }
    }
    // That of the next test, and those of servers that are announced, which the lab has.
    seen.extend(["checked", "name", "hostname", "services", "txt"].map(str::to_owned));
    let unseen: Vec<_> =
        schema.properties().into_iter().filter(|n| !seen.iter().any(|s| s == n)).collect();
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
        let schema = Schema::read();
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
    assert_eq!(Schema::read().objections(&json!([])), [""; 0]);
}

#[test]
fn what_does_not_conform_is_refused() {
    let schema = Schema::read();
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
