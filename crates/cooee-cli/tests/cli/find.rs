use std::net::UdpSocket;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Running, cooee, find, free_port, lo, run, spawn};

#[test]
fn json_is_one_array_with_every_field() {
    let serve = Running::serve(&["--service-port", "8080"]);
    let done = find(serve.port, &["--format", "json"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(done.err, "");
    let servers: Value = serde_json::from_str(&done.out).unwrap();
    let server = &servers[0];
    assert_eq!(servers.as_array().unwrap().len(), 1);
    let names: Vec<_> = server.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "addresses",
            "interface",
            "ip",
            "port",
            "protocol",
            "raw",
            "reach",
            "routed",
            "rtt_ms",
            "source",
            "this_host",
            "trust",
            "url",
            "via"
        ]
    );
    assert_eq!(server["ip"], "127.0.0.1");
    assert_eq!(server["port"], 8080);
    assert_eq!(server["url"], "http://127.0.0.1:8080/");
    assert_eq!(server["source"], format!("127.0.0.1:{}", serve.port));
    assert_eq!(server["interface"], lo());
    assert_eq!(server["protocol"], "classic");
    assert_eq!(server["raw"], "SERVER_IP:127.0.0.1:8080");
    assert_eq!(server["addresses"], serde_json::json!(["127.0.0.1"]));
    assert_eq!((&server["this_host"], &server["routed"]), (&true.into(), &true.into()));
    assert_eq!(server["reach"], "on-link");
    assert_eq!(server["trust"], "none");
    assert_eq!(server["via"], "broadcast");
    // On a busy machine it may not be clear which probe was answered.
    let rtt = &server["rtt_ms"];
    assert!(rtt.is_null() || rtt.as_f64().unwrap() > 0.0, "{rtt}");
}

#[test]
fn ndjson_url_and_table() {
    let serve = Running::serve(&[]);
    let done = find(serve.port, &["--one", "--format", "ndjson"]);
    let server: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(server["url"], "http://127.0.0.1:8000/");
    let done = find(serve.port, &["--one", "--format", "url"]);
    assert_eq!(done.out, "http://127.0.0.1:8000/\n");
    let done = find(serve.port, &["--one"]);
    let lines: Vec<_> = done.out.lines().collect();
    let [header, row] = lines[..] else { panic!("{lines:?}") };
    assert!(header.starts_with("ADDRESS"), "{header}");
    assert!(
        row.starts_with("127.0.0.1:8000  ") && row.ends_with("http://127.0.0.1:8000/  (this host)"),
        "{row}"
    );
    assert_eq!(header.find("URL"), row.find("http"));
    assert!(!row.contains("from"), "{row}");
}

#[test]
fn verbosely_it_tells_each_round_and_why_it_ended() {
    let serve = Running::serve(&[]);
    let to = format!("127.0.0.1:{}", serve.port);
    let done = find(serve.port, &["-v", "--host", "127.0.0.1", "--subnet", "127.0.0.1/32"]);
    for line in [
        format!("info: sent probes (rung: hosts, round: 1, probes: 1, to: {to})"),
        format!("info: sent probes (rung: broadcast, round: 4, probes: 1, to: {to})"),
        "info: finished a pass (rung: sweep, pass: 3, addresses: 1)".to_owned(),
        "info: ended (why: settled, servers: 1, unseen: 0.0)".to_owned(),
    ] {
        assert!(done.err.lines().any(|said| said == line), "{line}\n{}", done.err);
    }
    let heard = format!("info: a server answered (source: {to}, delay: ");
    assert!(done.err.contains(&heard), "{}", done.err);
}

#[test]
fn a_sweep_that_was_cut_short_claims_only_what_it_probed() {
    let words = ["--subnet", "127.9.0.0/16", "--timeout", "200ms"];
    let done = find(free_port(), &words);
    assert_eq!(done.code, Some(1));
    assert!(!done.err.contains("127.9.0.0/16"), "{}", done.err);
    let headline = done.err.lines().next().unwrap();
    assert!(headline.contains(" addresses of --subnet in 0.2 s"), "{headline}");
    assert!(done.err.contains(" of 65,534 addresses called; "), "{}", done.err);
}

#[test]
fn public_networks_are_swept_only_if_that_is_allowed() {
    let done = find(free_port(), &["--subnet", "203.0.113.0/30", "--timeout", "100ms"]);
    assert_eq!(done.code, Some(2), "{}", done.err);
    for says in ["203.0.113.0/30 is a public network", "--allow-public"] {
        assert!(done.err.contains(says), "{}", done.err);
    }
}

#[test]
fn nothing_found_is_status_1_and_says_what_to_try() {
    let port = free_port();
    let done = find(port, &["--timeout", "200ms", "--format", "json"]);
    assert_eq!(done.code, Some(1));
    assert_eq!(done.out, "[]\n");
    assert!(
        done.err.starts_with(&format!("no servers found on {} (127.0.0.1) in 0.2 s", lo())),
        "{}",
        done.err
    );
    assert!(done.err.contains(&format!("port {port}")), "{}", done.err);
    assert!(done.err.contains("\nnext: start one with `cooee serve`\n"), "{}", done.err);
    let done = find(port, &["--timeout", "200ms", "--log-format", "json"]);
    assert!(done.err.contains(r#""code":"nobody-answered""#), "{}", done.err);
    let done = find(port, &["--timeout", "200ms", "-q"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(1), "", ""));
}

#[test]
fn answers_of_another_kind_are_mentioned() {
    let serve = Running::serve(&["--prefix", "OTHER:"]);
    let done = find(serve.port, &["--timeout", "200ms"]);
    assert_eq!(done.code, Some(1));
    assert!(
        done.err.contains("datagrams, but no answer") && done.err.contains("next: name the prefix"),
        "{}",
        done.err
    );
}

#[test]
fn one_ends_at_the_first_answer() {
    let serve = Running::serve(&[]);
    let begin = Instant::now();
    let done = find(serve.port, &["--one", "--timeout", "1m", "--wait", "full"]);
    assert_eq!(done.code, Some(0));
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[test]
fn hosts_and_subnets_are_called() {
    let serve = Running::serve(&[]);
    let host = find(serve.port, &["--one", "--host", "127.0.0.1", "--format", "url"]);
    assert_eq!(host.code, Some(0), "{}", host.err);
    let port = serve.port.to_string();
    let swept = run(&[
        "find",
        "--exclude-interface",
        lo(),
        "--subnet",
        "127.0.0.1/32",
        "--port",
        &port,
        "--one",
    ]);
    assert_eq!(swept.code, Some(0), "{}", swept.err);
}

/// A server that gives one answer; its port.
fn answers_once(answer: &'static str) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (_, from) = socket.recv_from(&mut [0; 64]).unwrap();
        socket.send_to(answer.as_bytes(), from).unwrap();
    });
    port
}

#[test]
fn what_cannot_be_believed_is_marked() {
    let port = answers_once("SERVER_IP:203.0.113.9:70");
    let done = find(port, &["--one", "--format", "ndjson"]);
    let server: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((&server["trust"], &server["ip"]), (&"unverified".into(), &"203.0.113.9".into()));
    assert_eq!(server.get("claimed"), None);
    assert_eq!(server["url"], "http://127.0.0.1:70/");
    assert_eq!(server["named_url"], "http://203.0.113.9:70/");

    let port = answers_once("SERVER_IP:0.0.0.0");
    let done = find(port, &["--one", "--format", "ndjson"]);
    let server: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((&server["ip"], &server["claimed"]), (&"127.0.0.1".into(), &"0.0.0.0".into()));
    let done = find(answers_once("SERVER_IP:0.0.0.0"), &["--one"]);
    assert!(
        done.out.ends_with("http://127.0.0.1:8000/  (named 0.0.0.0)  (this host)\n"),
        "{}",
        done.out
    );
}

#[test]
fn an_address_that_nothing_here_leads_to_is_shown_beside_the_senders() {
    let done = find(answers_once("SERVER_IP:203.0.113.9:70"), &["--one"]);
    let row = done.out.lines().nth(1).unwrap();
    let cells: Vec<_> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells[..2], ["127.0.0.1:70", "unverified"], "{row}");
    assert!(row.contains("http://127.0.0.1:70/  (named 203.0.113.9, "), "{row}");
    assert!(row.ends_with("; the sender's address may work)"), "{row}");
    let done = find(answers_once("SERVER_IP:203.0.113.9:70"), &["--one", "--format", "url"]);
    assert_eq!(done.out, "http://127.0.0.1:70/\n");
}

#[test]
fn the_table_shows_a_source_that_is_not_the_address() {
    let done = find(answers_once("SERVER_IP:127.7.7.7:70"), &["--one"]);
    let row = done.out.lines().nth(1).unwrap();
    let cells: Vec<_> = row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells[..2], ["127.7.7.7:70", "from 127.0.0.1"], "{row}");
}

#[test]
fn urls_have_the_scheme_that_the_port_suggests_or_that_was_asked_for() {
    for (port, words, url) in [
        ("443", &[][..], "https://127.0.0.1/"),
        ("8443", &[][..], "https://127.0.0.1:8443/"),
        ("80", &[][..], "http://127.0.0.1/"),
        ("8000", &["--scheme", "https"][..], "https://127.0.0.1:8000/"),
        ("443", &["--scheme", "http"][..], "http://127.0.0.1:443/"),
    ] {
        let serve = Running::serve(&["--service-port", port]);
        let of = |format| find(serve.port, &[&["--one", "--format", format], words].concat()).out;
        assert_eq!(of("url"), format!("{url}\n"));
        assert!(of("table").ends_with(&format!("  {url}  (this host)\n")));
        let servers: Value = serde_json::from_str(&of("json")).unwrap();
        assert_eq!(servers[0]["url"], url);
        let server: Value = serde_json::from_str(&of("ndjson")).unwrap();
        assert_eq!(server["url"], url);
    }
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let serve = Running::serve(&[]);
    let port = serve.port.to_string();
    for format in ["table", "json", "ndjson", "url"] {
        let words = ["find", "--interface", lo(), "--port", &port, "--one", "--format", format];
        let mut child = spawn(cooee(&words).stdout(Stdio::piped()).stderr(Stdio::piped()));
        drop(child.stdout.take());
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    }
}

#[test]
fn an_interface_that_does_not_exist() {
    let done = run(&["find", "--interface", "nope0"]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains("\"nope0\"") && done.err.contains(lo()), "{}", done.err);
}

#[test]
fn an_excluded_interface_that_does_not_exist_is_warned_of() {
    let serve = Running::serve(&[]);
    let words = ["--one", "--exclude-interface", "nope0", "--format", "url"];
    let done = find(serve.port, &words);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "http://127.0.0.1:8000/\n"));
    let start = "warning: there is no interface \"nope0\" to exclude; there are ";
    assert!(done.err.starts_with(start) && done.err.contains(lo()), "{}", done.err);
    let quiet = find(serve.port, &[&words[..], &["-q"]].concat());
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""));
}

#[test]
fn nothing_to_call_on_is_status_3() {
    let names: Vec<String> =
        serde_json::from_str::<Value>(&run(&["interfaces", "--format", "json"]).out)
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .map(|of| of["name"].as_str().unwrap().to_owned())
            .collect();
    let done = run(&["find", "--exclude-interface", &names.join(",")]);
    assert_eq!(done.code, Some(3));
    assert!(done.err.contains("no interface to search from"), "{}", done.err);
    assert!(done.err.contains("--host"), "{}", done.err);
}
