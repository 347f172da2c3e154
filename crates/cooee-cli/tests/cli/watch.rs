//! `cooee watch`, and what it prints as JSON, which is what `docs/watch.schema.json` says.

use std::io::{BufRead, BufReader, Lines};
use std::process::{ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::conforms::Schema;
use crate::schema::SCHEMA as FIND;
use crate::support::{Running, cooee, lo};

const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/watch.schema.json"));

fn schema() -> Schema {
    Schema::of(SCHEMA, &[("find.schema.json", FIND)])
}

/// A view of loopback, and its lines.
fn view(port: u16) -> (Running, Lines<BufReader<ChildStdout>>) {
    let port_text = port.to_string();
    let words = ["watch", "--interface", lo(), "--port", &port_text, "--format", "ndjson"];
    let mut view = Running::start(cooee(&words).stdout(Stdio::piped()), port);
    let lines = view.stdout().lines();
    (view, lines)
}

fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> Value {
    serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap()
}

#[test]
fn what_it_prints_conforms() {
    let mut serve = Running::serve(&["--service-port", "8443"]);
    let (_view, mut lines) = view(serve.port);
    let found = next(&mut lines);
    serve.kill();
    let gone = next(&mut lines);
    for (event, name) in [(&found, "found"), (&gone, "gone")] {
        assert_eq!(schema().objections(event), [""; 0], "{event}");
        assert_eq!(event["event"], name, "{event}");
    }
    assert_eq!(found["id"], gone["id"]);
}

#[test]
fn what_does_not_conform_is_refused() {
    let serve = Running::serve(&[]);
    let (_view, mut lines) = view(serve.port);
    let found = next(&mut lines);
    for (name, wrong) in [
        ("event", json!("seen")),
        ("event", json!("gone")),
        ("id", json!(-1)),
        ("why", json!("bored")),
        ("server", json!({})),
        ("server", json!(null)),
    ] {
        let mut changed = found.clone();
        changed[name] = wrong;
        assert!(!schema().objections(&changed).is_empty(), "{changed}");
    }
}
