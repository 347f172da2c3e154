//! One owner of a port for each host, and who is next.

use std::time::{Duration, Instant};

use cooee_lab::netns::Signal;

use crate::programs::{DEADLINE, find_one, pair, serve, start_serve, stop};

#[test]
fn a_second_server_is_refused_with_the_owners_name() {
    let lab = pair();
    let first = serve(&lab.server, &[]);
    let second = start_serve(&lab.server, &[]).finish(DEADLINE).unwrap();
    assert_eq!(second.status.code(), Some(3), "{second:?}");
    let expected = format!("port 9999 is taken by pid {} (cooee)", first.pid());
    assert!(second.stderr.contains(&expected), "{second:?}");
    assert!(second.stderr.contains("--stand-by"), "{second:?}");
    // A port belongs to a network namespace: another host is not in the way.
    let elsewhere = serve(&lab.client, &[]);
    stop(elsewhere);
    stop(first);
}

#[test]
fn who_stands_by_answers_soon_after_the_first_is_killed() {
    let lab = pair();
    let mut first = serve(&lab.server, &["--service-port", "1"]);
    let mut waiting = ["2", "3"].map(|port| {
        let mut server = start_serve(&lab.server, &["--service-port", port, "--stand-by"]);
        let said = server.stderr_line_with("standing by", DEADLINE).unwrap();
        assert!(said.contains(&format!("pid {} (cooee)", first.pid())), "{said}");
        server
    });
    assert_eq!(find_one(&lab.client, &[])["port"], 1, "exactly one answers");

    let killed = Instant::now();
    first.signal(Signal::SIGKILL).unwrap();
    let next = find_one(&lab.client, &["--one", "--timeout", "10s"])["port"].as_u64().unwrap();
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());

    let successor = waiting.get_mut(usize::try_from(next).unwrap() - 2).unwrap();
    successor.stderr_line_with("took over", DEADLINE).unwrap();
    successor.signal(Signal::SIGKILL).unwrap();
    let last = find_one(&lab.client, &["--one", "--timeout", "10s"]);
    assert_eq!(last["port"], 5 - next, "the other of the two");
}

#[test]
fn behind_the_stock_server_it_waits_too() {
    let lab = pair();
    let mut stock = crate::programs::stock_server(&lab.server, crate::programs::STOCK);
    let mut ours = start_serve(&lab.server, &["--stand-by"]);
    ours.stderr_line_with(&format!("pid {}", stock.pid()), DEADLINE).unwrap();
    stock.signal(Signal::SIGKILL).unwrap();
    ours.stderr_line_with("answering on", DEADLINE).unwrap();
    stop(ours);
}
