use std::time::{Duration, Instant};

use crate::support::{Running, find, free_port, lo, run_with};

#[test]
fn a_name_is_looked_up_and_its_addresses_are_probed() {
    let serve = Running::serve(&[]);
    let port = serve.port.to_string();
    let named = format!("localhost:{port}");
    let elsewhere = free_port().to_string();
    let words = ["find", "--exclude-interface", lo(), "--port", &elsewhere, "--one"];
    let done = run_with(&[], &[&words[..], &["--host", &named, "--format", "url"]].concat());
    assert_eq!(
        (done.code, done.out.as_str()),
        (Some(0), "http://127.0.0.1:8000/\n"),
        "{}",
        done.err
    );
    let stock = [("DISCOVERY_CLIENT_HOSTS", named.as_str())];
    let done = run_with(&stock, &[&words[..], &["--format", "url"]].concat());
    assert_eq!(
        (done.code, done.out.as_str()),
        (Some(0), "http://127.0.0.1:8000/\n"),
        "{}",
        done.err
    );
}

#[test]
fn a_name_that_leads_nowhere_is_told_and_waited_for_no_longer_than_the_timeout() {
    let began = Instant::now();
    let done = find(free_port(), &["--host", "nowhere.invalid", "--timeout", "1s"]);
    assert_eq!(done.code, Some(1));
    assert!(began.elapsed() < Duration::from_secs(10), "a resolver may take half a minute");
    assert!(done.err.contains("cannot resolve nowhere.invalid: "), "{}", done.err);
    assert!(!done.err.contains("no answer from nowhere"), "{}", done.err);
}
