//! Programs that get no more descriptors from the system.

use std::net::SocketAddrV4;
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Finished, Host};

use super::asker::{askers, until_answered, while_asking};
use super::extent::{at_least, at_most, exactly, note, short_or_long};
use super::refused::{ON_SECOND, twice_joined};
use super::vitals::{cpu_share, holdings, lowest_free_descriptor};
use crate::programs::{CLIENT, DEADLINE, SERVER, cooee, pair, serve, stop};

/// As few as the dynamic linker needs, to more than a program of ours needs.
const LIMITS: std::ops::RangeInclusive<usize> = 4..=24;

/// As long as it takes to try for the port a few times.
const RETRIES: Duration = Duration::from_millis(2500);

/// What a server says that cannot take over.
const CANNOT: &str = "the port is free but cannot be had";

fn limit(host: &Host, pid: u32, descriptors: usize) {
    let (pid, limit) = (pid.to_string(), format!("--nofile={descriptors}:"));
    let finished = host.spawn("prlimit", ["--pid", &pid, &limit]).unwrap().finish(DEADLINE);
    let finished = finished.unwrap();
    assert!(finished.status.success(), "{finished:?}");
}

fn start_limited(host: &Host, descriptors: usize, arguments: &[&str]) -> Child {
    let limit = format!("--nofile={descriptors}:");
    let mut command = host.command("prlimit");
    command.arg(limit).arg(cooee()).args(arguments);
    Child::spawn(&mut command).unwrap()
}

/// Whether it gave up for want of descriptors: the dynamic linker, if whoever runs the tests leaves
/// it fewer than it needs, or the program itself.
fn said_so(finished: &Finished) -> bool {
    match finished.status.code() {
        Some(127) => finished.stderr.contains("error while loading shared libraries"),
        Some(3) => finished.stderr.contains("Too many open files"),
        _ => false,
    }
}

#[test]
fn a_server_that_may_open_too_few_files_answers_or_says_so() {
    let lab = pair();
    let mut answering = 0;
    for descriptors in LIMITS {
        let mut server = start_limited(&lab.server, descriptors, &["serve"]);
        if server.stderr_line_with("answering on", DEADLINE).is_ok() {
            until_answered(&lab.client, CLIENT.parse().unwrap(), "10.0.1.2:9999".parse().unwrap());
            stop(server);
            answering += 1;
        } else {
            let finished = server.finish(DEADLINE).unwrap();
            assert!(said_so(&finished), "{descriptors}: {finished:?}");
        }
    }
    note("EMFILE", "limits tried, and those with which a server answers", (LIMITS, answering));
    assert!(answering > 0);
}

/// Whether a server takes over when it can, or says that it cannot.
fn takes_over(waiting: &mut Child) -> bool {
    loop {
        let said = waiting.stderr_line_with("", DEADLINE).unwrap();
        if said.contains("took over") {
            return true;
        }
        if said.contains("standing by") {
            continue;
        }
        // Also when it cannot even be told that it is time.
        assert!(said.contains("Too many open files"), "{said}");
        if said.contains(CANNOT) {
            return false;
        }
    }
}

#[test]
fn a_server_that_takes_over_with_too_few_files_waits_until_it_may_open_more() {
    let lab = pair();
    let started = LIMITS.zip(9100_u16..).filter_map(|(descriptors, port)| {
        let port_text = port.to_string();
        let arguments = ["serve", "--stand-by", "--port", &port_text];
        let owner = serve(&lab.server, &arguments[2..]);
        let mut waiting = start_limited(&lab.server, descriptors, &arguments);
        // With still fewer it cannot even wait, and says so as any server that starts.
        let waits = waiting.stderr_line_with("standing by", DEADLINE).is_ok();
        waits.then_some((descriptors, port, owner, waiting))
    });
    let mut short_of = 0;
    for (descriptors, port, owner, mut waiting) in started.collect::<Vec<_>>() {
        drop(owner);
        let what = format!("{descriptors} descriptors");
        if !takes_over(&mut waiting) {
            // It tries once a second, and says so once in ten.
            let more = waiting.stderr_line_with(CANNOT, RETRIES);
            assert!(more.is_err(), "{what}: {more:?}");
            limit(&lab.server, waiting.pid(), 1024);
            waiting.stderr_line_with("took over", DEADLINE).expect(&what);
            short_of += 1;
        }
        let address = SocketAddrV4::new(SERVER.parse().unwrap(), port);
        until_answered(&lab.client, CLIENT.parse().unwrap(), address);
        stop(waiting);
    }
    note("EMFILE", "limits with which a server waits, but cannot take over", short_of);
    assert!(short_of > 0);
}

#[test]
fn a_client_that_may_open_too_few_files_finds_or_says_so_in_time() {
    const TIME: Duration = Duration::from_millis(500);
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let arguments = ["find", "--timeout", "500ms", "--wait", "full"];
    let began = Instant::now();
    let clients: Vec<_> =
        LIMITS.map(|limit| (limit, start_limited(&lab.client, limit, &arguments))).collect();
    let mut found = 0;
    for (descriptors, client) in clients {
        let finished = client.finish(DEADLINE).unwrap();
        match finished.status.code() {
            Some(0) => found += 1,
            _ => assert!(said_so(&finished), "{descriptors}: {finished:?}"),
        }
    }
    at_most("EMFILE", "find: ended after", TIME + Duration::from_secs(3), began.elapsed());
    assert!(found > 0);
}

#[test]
fn a_server_without_descriptors_left_serves_the_interfaces_that_it_knows() {
    const SCENARIO: &str = "EMFILE while an address changes";
    let window = short_or_long(Duration::from_secs(1), Duration::from_secs(20));
    let (lab, _second) = twice_joined();
    let server = serve(&lab.server, &[]);
    let pid = server.pid();
    // It has all that it holds when it answers.
    until_answered(&lab.client, ON_SECOND.0, SocketAddrV4::new(ON_SECOND.1, 9999));
    let before = holdings(pid);
    // Descriptors are limited by their numbers.
    limit(&lab.server, pid, lowest_free_descriptor(pid));
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();

    let began = Instant::now();
    let known = SocketAddrV4::new(ON_SECOND.1, 9999);
    let others = askers(&lab.client, "eth1", [10, 0, 2]);
    let (share, answers) = while_asking(&lab.client, &others, known, || {
        // What the server does in this time is what is measured.
        cpu_share(pid, || thread::sleep(window))
    });
    at_least(SCENARIO, "answered on the other, of 100", 97.5, answers.percent());
    at_most(SCENARIO, "share of a processor, of 100", 5.0, 100.0 * share);

    limit(&lab.server, pid, 1024);
    let changed = "10.0.1.77:9999".parse().unwrap();
    let took = until_answered(&lab.client, CLIENT.parse().unwrap(), changed);
    at_most(SCENARIO, "answers on the new address after", Duration::from_secs(2), took);
    exactly(SCENARIO, "threads and descriptors", before, holdings(pid));
    let took = began.elapsed();
    let said = stop(server).stderr;
    let lines = said.lines().filter(|line| line.contains("cannot be listed")).count();
    at_least(SCENARIO, "lines in the log, at least", 1, lines);
    at_most(SCENARIO, "lines in the log", took.as_secs() as usize / 10 + 1, lines);
}
