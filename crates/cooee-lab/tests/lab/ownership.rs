//! One owner of a port for each host, and who is next.

use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Signal, eventually};

use crate::programs::{DEADLINE, cooee, find, find_one, pair, serve, start_serve, stop};
use crate::tracing::Traced;

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
    found_until(&lab.client, &[1, 2, 3]);

    let killed = Instant::now();
    first.signal(Signal::SIGKILL).unwrap();
    find_one(&lab.client, &["--one", "--timeout", "10s"]);
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());

    found_until(&lab.client, &[2, 3]);
    waiting[0].signal(Signal::SIGKILL).unwrap();
    found_until(&lab.client, &[3]);
}

/// Finds servers until there are exactly those of these ports.
pub(crate) fn found_until(client: &Host, expected: &[u64]) {
    let found = eventually(DEADLINE, || (ports_found(client) == expected).then_some(()));
    assert!(found.is_some(), "{:?} are found, not {expected:?}", ports_found(client));
}

fn ports_found(client: &Host) -> Vec<u64> {
    let (_, servers) = find(client, &["--wait", "quick"]);
    let mut ports: Vec<_> = servers.iter().filter_map(|server| server["port"].as_u64()).collect();
    ports.sort_unstable();
    ports
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

#[test]
fn two_addresses_are_served_at_once_and_all_of_them_after_both() {
    let lab = pair();
    let mut owners = ["127.0.0.2", "127.0.0.3"].map(|ip| serve(&lab.server, &["--bind", ip]));
    let pids = owners.each_ref().map(|owner| format!("pid {} (cooee)", owner.pid()));
    let mut every = start_serve(&lab.server, &["--stand-by"]);
    let said = every.stderr_line_with("standing by", DEADLINE).unwrap();
    let first = pids.iter().position(|pid| said.contains(pid));
    let first = first.unwrap_or_else(|| panic!("{pids:?}: {said}"));

    owners[first].signal(Signal::SIGKILL).unwrap();
    every.stderr_line_with(&pids[1 - first], DEADLINE).unwrap();
    owners[1 - first].signal(Signal::SIGKILL).unwrap();
    every.stderr_line_with("took over", DEADLINE).unwrap();
    find_one(&lab.client, &[]);
    stop(every);
}

#[test]
fn a_server_on_one_address_takes_over_from_one_on_all_of_them() {
    let lab = pair();
    let mut every = serve(&lab.server, &[]);
    let pid = format!("pid {} (cooee)", every.pid());
    let mut waiting = ["127.0.0.2", "127.0.0.2", "127.0.0.3"].map(|ip| {
        let mut server = start_serve(&lab.server, &["--bind", ip, "--stand-by"]);
        server.stderr_line_with("standing by", DEADLINE).unwrap();
        server
    });
    let refused = start_serve(&lab.server, &["--bind", "127.0.0.3"]).finish(DEADLINE).unwrap();
    assert!(refused.stderr.contains(&pid), "{refused:?}");

    every.signal(Signal::SIGKILL).unwrap();
    let [first, _second, third] = &mut waiting;
    for server in [first, third] {
        server.stderr_line_with("took over", DEADLINE).unwrap();
    }
    for host in ["127.0.0.2", "127.0.0.3"] {
        let (status, servers) = find(&lab.server, &["--host", host, "--one"]);
        assert_eq!(status, 0, "{host}: {servers:?}");
    }
}

/// Users who are neither root nor us, each in a group of the same number.
pub(crate) const ANOTHER: u32 = 4242;
const YET_ANOTHER: u32 = 4243;

/// A `cooee serve` of such a user. It may read the tests' directory.
pub(crate) fn start_serve_as(user: u32, host: &Host, arguments: &[&str]) -> Child {
    let user = [format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".into()];
    let may_read = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
    let mut command = host.command("setpriv");
    command.args(user).args(may_read).arg(cooee()).arg("serve").args(arguments);
    Child::spawn(&mut command).unwrap()
}

/// More would be a search of every process each second.
const CALLS_A_SECOND_MAX: f64 = 50.0;

fn retries_at_little_cost(mut server: Child, scenario: &str) {
    server.stderr_line_with("standing by", DEADLINE).unwrap();
    let traced = Traced::settled(&server, scenario);
    let rate = traced.calls_a_second();
    assert!(rate < CALLS_A_SECOND_MAX, "{rate} system calls a second");
    assert!(traced.has("bind"), "it tries for the port");
}

#[test]
fn behind_another_users_server_that_does_not_answer_for_it_it_retries_at_little_cost() {
    let lab = pair();
    let mut first = start_serve_as(ANOTHER, &lab.server, &[]);
    first.stderr_line_with("answering on", DEADLINE).unwrap();
    retries_at_little_cost(start_serve_as(YET_ANOTHER, &lab.server, &["--stand-by"]), "refused");
}

#[test]
fn behind_another_users_server_that_answers_for_it_it_hardly_wakes() {
    let lab = pair();
    let mut first = start_serve_as(ANOTHER, &lab.server, &[]);
    first.stderr_line_with("answering on", DEADLINE).unwrap();
    let mut second = start_serve(&lab.server, &["--stand-by"]);
    second.stderr_line_with("answered for", DEADLINE).unwrap();
    let traced = Traced::settled(&second, "answered-for");
    assert!(!traced.has("bind"), "it tries for the port once a minute");
    let rate = traced.calls_a_second();
    assert!(rate < 5.0, "{rate} system calls a second");
}

#[test]
fn behind_a_program_that_it_cannot_see_it_retries_at_little_cost() {
    let lab = pair();
    let _stock = crate::programs::stock_server(&lab.server, crate::programs::STOCK);
    retries_at_little_cost(start_serve_as(ANOTHER, &lab.server, &["--stand-by"]), "unseen");
}
