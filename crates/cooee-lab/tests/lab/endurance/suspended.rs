//! Deadlines of programs that are stopped for a while.

use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Signal, eventually};

use super::extent::{at_least, at_most, short_or_long};
use crate::programs::{DEADLINE, cooee, pair, serve};

/// What a busy machine may need beyond a deadline.
pub(super) const SLACK: Duration = Duration::from_secs(1);

pub(super) fn text(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}

/// When a program was stopped and went on, from its start.
#[derive(Clone, Copy)]
struct Pause {
    from: Duration,
    to: Duration,
}

/// When a `cooee` ended that was stopped for a while.
fn run(host: &Host, arguments: &[&str], pause: Pause) -> Duration {
    let began = Instant::now();
    let mut child = host.spawn(cooee(), arguments).unwrap();
    let mut signal_at = |time, signal| {
        eventually(DEADLINE, || (began.elapsed() >= time).then_some(())).unwrap();
        child.signal(signal).unwrap();
    };
    signal_at(pause.from, Signal::SIGSTOP);
    signal_at(pause.to, Signal::SIGCONT);
    let status = child.wait(DEADLINE).unwrap();
    let took = began.elapsed();
    assert!(status.success(), "{:?}", child.finish(DEADLINE));
    took
}

#[test]
fn a_program_that_was_stopped_ends_at_its_deadline_or_when_it_goes_on() {
    let time = short_or_long(Duration::from_secs(3), Duration::from_secs(5));
    // Longer than the slack: a deadline that moves by the pause is seen.
    let from = time / 10;
    let lab = pair();
    let _answering = serve(&lab.server, &[]);
    let timeout = text(time);
    let find = ["find", "--timeout", &timeout, "--wait", "full"];
    let serve = |port| ["serve", "--port", port, "--duration", &timeout];
    let within = Pause { from, to: time * 8 / 10 };
    let beyond = Pause { from, to: time * 2 };
    let cases = [
        ("find, stopped within its time", &lab.client, &find[..], within),
        ("find, stopped beyond its time", &lab.client, &find[..], beyond),
        ("serve, stopped within its time", &lab.server, &serve("9998")[..], within),
        ("serve, stopped beyond its time", &lab.server, &serve("9997")[..], beyond),
    ];
    thread::scope(|scope| {
        let running = cases.map(|(name, host, arguments, pause)| {
            (name, pause, scope.spawn(move || run(host, arguments, pause)))
        });
        for (name, pause, ended) in running {
            let (due, took) = (time.max(pause.to), ended.join().unwrap());
            at_least(name, "ended after", due, took);
            at_most(name, "ended after", due + SLACK, took);
        }
    });
}
