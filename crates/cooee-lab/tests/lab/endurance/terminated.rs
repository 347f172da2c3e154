//! SIGTERM at any moment.

use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Finished, Signal, eventually};
use cooee_lab::scene::over::Over;
use cooee_lab::sim::for_each_seed;
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

use super::asker::PROBE;
use super::extent::{at_least, at_most, note, progress, short_or_long};
use crate::programs::{DEADLINE, Pair, SERVER, cooee, find_one, pair, serve};

/// Half of the moments are within its start and its first answers.
const EARLY: Duration = Duration::from_millis(40);
/// The other half may be later.
const LATEST: Duration = Duration::from_millis(400);

struct Ended {
    /// How long after the signal.
    after: Duration,
    finished: Finished,
}

/// Starts a program, and ends it at a moment that `rng` chooses.
fn end_at_random(mut child: Child, rng: &mut Pcg32) -> Ended {
    let began = Instant::now();
    let latest = if rng.random() { EARLY } else { LATEST };
    let moment = rng.random_range(Duration::ZERO..latest);
    eventually(LATEST, || (began.elapsed() >= moment).then_some(()));
    child.signal(Signal::SIGTERM).unwrap();
    let signalled = Instant::now();
    child.wait(DEADLINE).unwrap();
    Ended { after: signalled.elapsed(), finished: child.finish(DEADLINE).unwrap() }
}

/// Before it listens to signals, a signal ends a program as it ends any.
fn was_asked_to_end(finished: &Finished, said: &str, codes: &[i32]) -> bool {
    match finished.status.code() {
        Some(code) => codes.contains(&code),
        None => {
            let too_early = !finished.stderr.contains(said);
            finished.status.signal() == Some(Signal::SIGTERM as i32) && too_early
        }
    }
}

/// Sends probes without a pause, but for a millisecond or less, while `work` goes on.
fn while_called<T>(lab: &Pair, work: impl FnOnce() -> T) -> T {
    let asker = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    let over = Over::default();
    thread::scope(|scope| {
        let _say_over = over.when_dropped();
        scope.spawn(|| {
            over.repeat_until(Duration::from_micros(100), || {
                // Refused while nobody has the port.
                let _ = asker.send_to(PROBE, (SERVER, 9999));
            });
        });
        work()
    })
}

/// Ends as many programs as `moments`, each at its own, and checks each with `check`.
fn end_each(scenario: &str, moments: u64, start: impl Fn() -> Child, check: impl Fn(&Finished)) {
    let mut done = 0;
    let ended = for_each_seed(0..moments, |seed| {
        let ended = end_at_random(start(), &mut Pcg32::seed_from_u64(seed));
        assert!(ended.after < Duration::from_secs(1), "{:?}: {:?}", ended.after, ended.finished);
        check(&ended.finished);
        done += 1;
        if done % 100 == 0 {
            progress(format_args!("{scenario}: {done} of {moments}"));
        }
        ended
    });
    let begun = ended.iter().filter(|ended| ended.finished.status.code().is_some()).count();
    note(scenario, "moments", ended.len());
    at_least(scenario, "moments when it listened to signals", ended.len() / 5, begun);
    let slowest = ended.iter().map(|ended| ended.after).max().unwrap();
    at_most(scenario, "exit after", Duration::from_secs(1), slowest);
}

#[test]
fn a_server_that_is_told_to_end_at_any_moment_ends_and_frees_the_port() {
    let lab = pair();
    let start = || lab.server.spawn(cooee(), ["serve", "--rate-limit", "off"]).unwrap();
    let check = |finished: &Finished| {
        assert!(was_asked_to_end(finished, "answering on", &[0]), "{finished:?}");
        // The socket is closed, or this fails; the next server takes the guard.
        let port = lab.server.enter(|| UdpSocket::bind("0.0.0.0:9999"));
        port.unwrap_or_else(|error| panic!("the port is not free: {error}: {finished:?}"));
    };
    while_called(&lab, || end_each("SIGTERM: serve", short_or_long(20, 1000), start, check));
    let _server = serve(&lab.server, &[]);
    assert_eq!(find_one(&lab.client, &["--one"])["ip"], SERVER);
}

#[test]
fn a_server_that_stands_by_and_is_told_to_end_leaves_the_owner_alone() {
    let lab = pair();
    let _owner = serve(&lab.server, &[]);
    let start = || lab.server.spawn(cooee(), ["serve", "--stand-by"]).unwrap();
    let check = |finished: &Finished| {
        assert!(was_asked_to_end(finished, "standing by", &[0]), "{finished:?}");
    };
    end_each("SIGTERM: serve --stand-by", short_or_long(10, 1000), start, check);
    assert_eq!(find_one(&lab.client, &["--one"])["ip"], SERVER);
}

#[test]
fn a_client_that_is_told_to_end_at_any_moment_ends() {
    let lab = pair();
    let _server = serve(&lab.server, &["--rate-limit", "off"]);
    let arguments = ["find", "--wait", "full", "--timeout", "60s", "-v"];
    let start = || lab.client.spawn(cooee(), arguments).unwrap();
    let check = |finished: &Finished| {
        assert!(was_asked_to_end(finished, "found", &[0, 1]), "{finished:?}");
    };
    end_each("SIGTERM: find", short_or_long(10, 1000), start, check);
}
