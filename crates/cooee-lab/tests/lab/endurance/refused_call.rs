//! A client whose system refuses to send or to receive: it ends when it should.

use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::Finished;

use super::extent::at_most;
use super::refused::{ERRORS, twice_joined};
use super::strace::Fault;
use crate::programs::{DEADLINE, Pair, serve};

const TIMEOUT: Duration = Duration::from_millis(600);
/// Those of the errors that may be about a datagram sent earlier.
const OF_ICMP: [&str; 3] = ["ECONNREFUSED", "EMSGSIZE", "ENETUNREACH"];

/// How a client ended that ran with this error, and after how long.
type Ended = (&'static str, Finished, Duration);

/// Runs a client with each of the errors, all at once.
fn with_each_error(lab: &Pair, call: &str, when: &str, timeout: Duration) -> Vec<Ended> {
    let timeout = format!("{}ms", timeout.as_millis());
    let arguments = ["find", "--timeout", &timeout, "--wait", "full", "--format", "url"];
    let run = |error| {
        let began = Instant::now();
        let child = Fault { call, error, when }.run(&lab.client, &arguments);
        let finished = child.finish(DEADLINE).unwrap();
        (error, finished, began.elapsed())
    };
    thread::scope(|scope| {
        let running = ERRORS.map(|error| scope.spawn(move || run(error)));
        running.map(|client| client.join().unwrap()).into()
    })
}

fn ended_in_time(scenario: &str, error: &str, took: Duration) {
    assert!(took >= TIMEOUT, "{scenario}: {error}: {took:?}");
    at_most(scenario, &format!("{error}: ended after"), TIMEOUT + Duration::from_secs(2), took);
}

#[test]
fn a_client_that_never_receives_ends_at_its_deadline() {
    const SCENARIO: &str = "find: recvmmsg always fails";
    let (lab, _second) = twice_joined();
    let _server = serve(&lab.server, &[]);
    for (error, finished, took) in with_each_error(&lab, "recvmmsg", "1+", TIMEOUT) {
        ended_in_time(SCENARIO, error, took);
        assert_eq!(finished.status.code(), Some(1), "{error}: {finished:?}");
        let said = &finished.stderr;
        let calls = said.lines().filter(|line| line.contains("recvmmsg(")).count();
        // What an ICMP message may bring, each socket passes over up to 1,024 times in a row.
        let passed_over = if OF_ICMP.contains(&error) { 2 * 1024 } else { 0 };
        at_most(SCENARIO, &format!("{error}: calls"), passed_over + 40, calls);
        let lines = said.lines().filter(|line| line.contains("receiving failed")).count();
        assert_eq!(lines, 1, "{error}: {said}");
    }
}

#[test]
fn a_client_that_receives_every_second_time_finds_the_server_on_both_interfaces() {
    let (lab, _second) = twice_joined();
    let _server = serve(&lab.server, &[]);
    for (error, finished, took) in with_each_error(&lab, "recvmmsg", "1+2", TIMEOUT) {
        ended_in_time("find: recvmmsg fails every second time", error, took);
        assert_eq!(finished.status.code(), Some(0), "{error}: {finished:?}");
        assert_eq!(finished.stdout.lines().count(), 2, "{error}: {finished:?}");
    }
}

#[test]
fn a_client_that_can_send_nothing_says_so_at_once() {
    const SCENARIO: &str = "find: sendmmsg always fails";
    let (lab, _second) = twice_joined();
    for (error, finished, took) in with_each_error(&lab, "sendmmsg", "1+", DEADLINE) {
        assert_eq!(finished.status.code(), Some(3), "{error}: {finished:?}");
        at_most(SCENARIO, &format!("{error}: ended after"), Duration::from_secs(5), took);
        let said = &finished.stderr;
        let lines = said.lines().filter(|line| line.contains("no probe could be sent"));
        assert_eq!(lines.count(), 1, "{error}: {said}");
    }
}

#[test]
fn a_client_whose_second_interface_refuses_finds_the_server_on_the_first() {
    let (lab, _second) = twice_joined();
    let _server = serve(&lab.server, &[]);
    // The first call sends on the first interface and is refused on the second, or the other way
    // round; the second call is for the rest.
    for (error, finished, took) in with_each_error(&lab, "sendmmsg", "1+2", TIMEOUT) {
        ended_in_time("find: sendmmsg fails every second time", error, took);
        assert_eq!(finished.status.code(), Some(0), "{error}: {finished:?}");
        let lines = finished.stderr.lines().filter(|line| line.contains("a probe was not sent"));
        assert_eq!(lines.count(), 1, "{error}: {finished:?}");
    }
}

#[test]
fn a_client_that_can_send_but_once_ends_at_its_deadline() {
    let (lab, _second) = twice_joined();
    let _server = serve(&lab.server, &[]);
    for (error, finished, took) in with_each_error(&lab, "sendmmsg", "2+", TIMEOUT) {
        ended_in_time("find: only the first sendmmsg succeeds", error, took);
        assert_eq!(finished.status.code(), Some(0), "{error}: {finished:?}");
        assert_eq!(finished.stdout.lines().count(), 2, "{error}: {finished:?}");
    }
}
