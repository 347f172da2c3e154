//! `cooee doctor` on loopback: its output, and its end before it is through.

use serde_json::{Value, json};

use crate::conforms::Schema;
use crate::support::{Done, Running, free_port, lo, run};

pub(crate) const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/doctor.schema.json"));

fn doctor(port: u16, words: &[&str]) -> Done {
    let port = port.to_string();
    run(&[&["doctor", "--interface", lo(), "--port", &port], words].concat())
}

#[test]
fn what_it_prints_conforms_to_the_schema() {
    let schema = Schema::of(SCHEMA, &[]);
    let serve = Running::serve(&[]);
    for port in [free_port(), serve.port] {
        let done = doctor(port, &["--format", "json"]);
        let report: Value = serde_json::from_str(&done.out).unwrap();
        assert_eq!(schema.objections(&report), [""; 0], "{report}");
        let findings = report["findings"].as_array().unwrap();
        assert_eq!(done.code, Some(i32::from(!findings.is_empty())), "{report}");
        assert_eq!(report.get("complete"), None, "{report}");
        for finding in findings {
            let names: Vec<_> = finding.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(names, ["code", "do", "means", "seen"], "{finding}");
        }
    }
}

#[test]
fn what_does_not_conform_is_refused() {
    let schema = Schema::of(SCHEMA, &[]);
    let finding = json!({"code": "no-carrier", "seen": "a", "means": "b", "do": "c"});
    assert_eq!(schema.objections(&json!({"findings": [finding]})), [""; 0]);
    let mut less = finding.clone();
    less.as_object_mut().unwrap().remove("do");
    let mut wrong = finding;
    wrong["code"] = json!(7);
    for report in [
        json!({}),
        json!([]),
        json!({"findings": [less]}),
        json!({"findings": [wrong]}),
        json!({"findings": [], "complete": 1}),
    ] {
        assert!(!schema.objections(&report).is_empty(), "{report}");
    }
}

#[test]
fn quiet_it_prints_its_findings_all_the_same() {
    let port = free_port();
    let done = doctor(port, &["-q"]);
    assert_eq!((done.code, done.err.as_str()), (Some(1), ""));
    let paragraph = format!(
        "nobody-answered\n  \
           seen:  nobody answered on this host\n  \
           means: no server has port {port} here, or it expects another --message\n  \
           do:    start one with `cooee serve`\n"
    );
    assert!(done.out.contains(&paragraph), "{}", done.out);
}
