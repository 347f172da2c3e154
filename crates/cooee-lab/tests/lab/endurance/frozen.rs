//! A server that is stopped while datagrams pile up.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Signal, eventually};

use super::asker::until_answered;
use super::extent::{at_least, at_most, exactly, note, short_or_long};
use super::vitals::kernel_drops;
use crate::counts::dropped;
use crate::programs::{CLIENT, DEADLINE, SERVER, pair, serve, stop};

const SCENARIO: &str = "frozen server";

/// Sends ten thousand datagrams of which the server's buffer cannot hold half.
fn pile_up(from: &Host) {
    let socket = from.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    for _ in 0..10_000 {
        socket.send_to(&[b'x'; 1400], (SERVER, 9999)).unwrap();
    }
}

#[test]
fn what_a_frozen_server_misses_is_counted_as_the_kernel_counts_it() {
    let frozen = short_or_long(Duration::from_millis(700), Duration::from_secs(2));
    let times = short_or_long(3, 8);
    let lab = pair();
    let mut server = serve(&lab.server, &[]);
    let (pid, address) = (server.pid(), format!("{SERVER}:9999").parse().unwrap());
    let began = Instant::now();
    let (mut thaw, mut fewest) = (Duration::ZERO, u64::MAX);
    for _ in 0..times {
        let stopped = Instant::now();
        server.signal(Signal::SIGSTOP).unwrap();
        let before = kernel_drops(pid, 9999);
        pile_up(&lab.client);
        let lost = eventually(DEADLINE, || {
            let lost = kernel_drops(pid, 9999) - before;
            (stopped.elapsed() >= frozen).then_some(lost)
        });
        fewest = fewest.min(lost.unwrap());
        server.signal(Signal::SIGCONT).unwrap();
        thaw = thaw.max(until_answered(&lab.client, CLIENT.parse().unwrap(), address));
    }
    let took = began.elapsed();
    let kernel = kernel_drops(pid, 9999);
    let said = stop(server).stderr;

    at_least(SCENARIO, "dropped by the kernel each time", 5_000, fewest);
    exactly(SCENARIO, "drops in all, as the kernel counts them", kernel, dropped(&said));
    at_most(SCENARIO, "answers again after", Duration::from_secs(1), thaw);
    let lines = said.lines().filter(|line| line.contains("the kernel dropped datagrams")).count();
    note(SCENARIO, "for so long", took);
    at_least(SCENARIO, "lines in the log, at least", 1, lines);
    let most = took.as_secs() as usize / 10 + 1;
    at_most(SCENARIO, "lines in the log, one in ten seconds", most, lines);
}
