//! What a server costs that has nothing to do.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use cooee_lab::netns::Child;

use crate::programs::{DEADLINE, cooee, pair, serve, start_serve};

/// When each thread ran for how long and how often, as the kernel accounts it.
fn activity(pid: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut activity: Vec<_> = threads
        .map(|thread| fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap())
        .collect();
    activity.sort();
    activity
}

/// Waits until two looks, a while apart, show no activity; then looks for ten seconds.
///
/// A thread that makes a system call must run, so one that never runs makes none.
fn sleeps_for_ten_seconds(pid: u32) {
    sleeps_once_it_was_still_for(Duration::from_millis(200), pid);
}

/// The same with this while between the two looks.
fn sleeps_once_it_was_still_for(while_still: Duration, pid: u32) {
    let settled = Instant::now() + DEADLINE;
    let mut before = activity(pid);
    loop {
        std::thread::sleep(while_still);
        let now = activity(pid);
        if now == before {
            break;
        }
        assert!(Instant::now() < settled, "it never comes to rest");
        before = now;
    }
    std::thread::sleep(Duration::from_secs(10));
    assert_eq!(activity(pid), before, "it woke within ten idle seconds");
}

fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn an_idle_server_sleeps_and_is_small() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    sleeps_for_ten_seconds(server.pid());
    let resident = resident_kib(server.pid());
    assert!(resident <= 6 * 1024, "{resident} KiB");
}

#[test]
fn a_server_with_a_name_sleeps_once_it_is_announced() {
    let lab = pair();
    let mut server = serve(&lab.server, &["--name", "Workshop"]);
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    // What is announced is said again after a second.
    sleeps_once_it_was_still_for(Duration::from_secs(2), server.pid());
    let resident = resident_kib(server.pid());
    println!("a server with a name takes {resident} KiB");
    assert!(resident <= 12 * 1024, "{resident} KiB");
}

#[test]
fn a_server_that_stands_by_sleeps() {
    let lab = pair();
    let _first = serve(&lab.server, &[]);
    let mut second = start_serve(&lab.server, &["--stand-by"]);
    second.stderr_line_with("pid", DEADLINE).unwrap();
    sleeps_for_ten_seconds(second.pid());
}

#[test]
fn an_owner_that_answers_for_others_sleeps_and_so_do_they() {
    let lab = pair();
    let first = serve(&lab.server, &["--service-port", "8001"]);
    let others = ["8002", "8003", "8004"].map(|port| {
        let listener = ["--service-port", port, "--stand-by", "--require-listener"];
        let mut other = start_serve(&lab.server, &listener);
        other.stderr_line_with("answered for", DEADLINE).unwrap();
        other
    });
    std::thread::scope(|scope| {
        for pid in others.iter().chain([&first]).map(Child::pid) {
            scope.spawn(move || sleeps_for_ten_seconds(pid));
        }
    });
}

#[test]
fn a_server_that_stands_by_behind_another_address_sleeps() {
    let lab = pair();
    let _first = serve(&lab.server, &["--bind", "127.0.0.2"]);
    let mut second = start_serve(&lab.server, &["--stand-by"]);
    second.stderr_line_with("pid", DEADLINE).unwrap();
    sleeps_for_ten_seconds(second.pid());
}

#[test]
fn a_server_that_no_watchdog_watches_sleeps() {
    let lab = pair();
    let directory = concat!(env!("CARGO_TARGET_TMPDIR"), "/idle-manager");
    fs::create_dir_all(directory).unwrap();
    let name = format!("{directory}/notify");
    // That of an earlier run, if there was one.
    let _ = fs::remove_file(&name);
    let manager = UnixDatagram::bind(&name).unwrap();
    manager.set_read_timeout(Some(DEADLINE)).unwrap();
    let mut command = lab.server.command(cooee());
    let server = Child::spawn(command.arg("serve").env("NOTIFY_SOCKET", &name)).unwrap();
    manager.recv(&mut [0; 512]).expect("it is ready");
    sleeps_for_ten_seconds(server.pid());
}
