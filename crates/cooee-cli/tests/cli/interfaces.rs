use serde_json::Value;

use crate::support::{lo, run, run_with};

fn loopback(words: &[&str], variables: &[(&str, &str)]) -> Value {
    let done = run_with(variables, &[&["interfaces", "--format", "json"], words].concat());
    assert_eq!(done.code, Some(0), "{}", done.err);
    let all: Value = serde_json::from_str(&done.out).unwrap();
    all.as_array().unwrap().iter().find(|of| of["name"] == lo()).unwrap().clone()
}

#[test]
fn json_says_what_there_is() {
    let lo = loopback(&[], &[]);
    assert!(lo["index"].as_u64().unwrap() > 0);
    assert_eq!((&lo["kind"], &lo["state"]), (&"loopback".into(), &"up".into()));
    assert!(lo["addresses"].as_array().unwrap().contains(&"127.0.0.1/8".into()));
    assert_eq!(lo["broadcasts"], Value::Array(Vec::new()));
}

#[test]
fn whether_it_would_be_used_and_why_not() {
    let named = loopback(&["--interface", lo()], &[]);
    assert_eq!((&named["used"], named.get("why_not")), (&true.into(), None));
    let excluded = loopback(&["--exclude-interface", lo()], &[]);
    assert_eq!((&excluded["used"], &excluded["why_not"]), (&false.into(), &"excluded".into()));
    let stock = loopback(&[], &[("DISCOVERY_CLIENT_INTERFACES_WHITELIST", lo())]);
    assert_eq!(stock["used"], true);
}

#[test]
fn names_that_no_interface_has() {
    let done = run(&["interfaces", "--interface", "nope0"]);
    assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
    assert!(done.err.contains("\"nope0\"") && done.err.contains(lo()), "{}", done.err);
    let done = run(&["interfaces", "--exclude-interface", &format!("nope0,{}", lo())]);
    assert_eq!(done.code, Some(0));
    assert!(done.err.starts_with("warning: there is no interface \"nope0\""), "{}", done.err);
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
}

#[test]
fn the_table_has_a_line_for_each() {
    let done = run(&["interfaces", "--interface", lo()]);
    assert!(done.out.starts_with("INDEX  NAME"), "{}", done.out);
    let lo = done.out.lines().find(|line| line.contains(&format!(" {} ", lo()))).unwrap();
    for cell in ["loopback", "up", "used"] {
        assert!(lo.contains(cell), "{lo}");
    }
    // Further addresses have lines of their own.
    assert!(done.out.contains("  127.0.0.1/8"), "{}", done.out);
}
