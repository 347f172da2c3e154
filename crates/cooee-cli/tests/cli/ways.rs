//! The ways of finding servers, where a file says which.

use std::io::BufRead;
use std::process::Stdio;

use tempfile::TempDir;

use crate::config::file;
use crate::support::{Running, cooee, lo, run};

/// A file with this in its section of `find`.
fn of_find(text: &str) -> (TempDir, String) {
    file(&format!("[find]\n{text}\n"))
}

/// Whether `watch` finds the server on loopback.
fn watch_finds(serve: &Running, config: &str, words: &[&str]) -> bool {
    let port = serve.port.to_string();
    let common = ["watch", "--config", config, "--interface", lo(), "--port", &port];
    let mut command = cooee(&[&common[..], words].concat());
    let mut watch = Running::start(command.stdout(Stdio::piped()), serve.port);
    let lines = watch.stdout().lines().map_while(Result::ok);
    lines.take(1).any(|line| line.contains(r#""event":"found""#))
}

#[test]
fn a_way_that_the_file_leaves_out_can_be_taken_elsewhere() {
    let serve = Running::serve(&[]);
    let (_dir, path) = of_find("only = 'mdns'");
    assert!(watch_finds(&serve, &path, &["--only", "probes"]));
    let (_dir, path) = of_find("service = ['_ipp._tcp']");
    assert!(watch_finds(&serve, &path, &[]), "services of other programs are for find");
}

#[test]
fn watch_says_where_no_way_is_left() {
    let (_dir, path) = of_find("only = 'mdns'");
    for (words, variable) in
        [(&["--no-mdns"][..], ("COOEE_IPV4", "true")), (&[], ("COOEE_MDNS", "false"))]
    {
        let words = [&["watch", "--config", &path, "--interface", lo()], words].concat();
        let (said, code) = Running::start(cooee(&words).envs([variable]), 0).end();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("leave no way to find servers"), "{said}");
        assert!(said.contains(&format!("file {path}")), "{said}");
    }
}

#[test]
fn doctor_sends_probes_whatever_find_does() {
    let serve = Running::serve(&[]);
    let port = serve.port.to_string();
    for text in ["only = 'mdns'", "service = ['_ipp._tcp']"] {
        let (_dir, path) = of_find(text);
        let done = run(&["doctor", "-v", "--config", &path, "--interface", lo(), "--port", &port]);
        assert!(done.err.contains("rung: broadcast"), "{}{}", done.out, done.err);
    }
}

#[test]
fn where_multicast_dns_has_no_interface_the_advice_is_not_about_probes() {
    for way in [["--only", "mdns"], ["--service", "_ipp._tcp"]] {
        let done = run(&[&["find", "--interface", lo()], &way[..]].concat());
        assert_eq!(done.code, Some(3), "{}", done.err);
        assert!(done.err.contains("multicast DNS takes one"), "{}", done.err);
        assert!(!done.err.contains("probe") && !done.err.contains("--host"), "{}", done.err);
    }
}

#[test]
fn what_is_not_probed_is_told() {
    let (_dir, path) = of_find("host = ['127.0.0.1']");
    let not_probed = |words: &[&str]| {
        let done = run(&[&["find", "--interface", lo(), "--timeout", "1ms"], words].concat());
        done.err.lines().find(|line| line.contains("not probed")).map(str::to_owned)
    };
    let service = ["--service", "_ipp._tcp"];
    for (words, what) in [
        (&["--host", "127.0.0.1"][..], "--host"),
        (&["--subnet", "127.0.0.1"], "--subnet"),
        (&["--sweep", "--host", "127.0.0.1"], "--host and --sweep"),
        (&["--config", &path], "--host"),
    ] {
        let warning = not_probed(&[&service[..], words].concat()).unwrap();
        assert!(warning.starts_with(&format!("warning: what {what} ")), "{warning}");
        assert!(warning.ends_with("--service sends no probes"), "{warning}");
    }
    let warning = not_probed(&["--only", "mdns", "--host", "127.0.0.1"]).unwrap();
    assert!(warning.ends_with("--only mdns sends no probes"), "{warning}");
    assert_eq!(not_probed(&["--host", "127.0.0.1"]), None);
    assert_eq!(not_probed(&service), None);
}
