//! Responders in processes that close every descriptor they know nothing of, as daemons do, and
//! open files of their own, which get the same numbers.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::net::{Ipv4Addr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::{sleep, yield_now};
use std::time::{Duration, Instant};

use cooee::{Notice, Responder, Responding, State};

const DEADLINE: Duration = Duration::from_secs(10);

/// What a daemon keeps: standard input, output and error.
const KEPT: i32 = 3;
/// Above what the tests have open.
const NUMBERS: i32 = 256;

/// The children of one test would inherit the sockets of another.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn close_everything() {
    for number in KEPT..NUMBERS {
        // SAFETY: this process is a test's own, and nothing that it uses from here on is among
        // them but the responder, which is to cope.
        unsafe { libc::close(number) };
    }
}

/// Opens descriptors until the numbers of those that were closed are all taken.
fn take_numbers(open: impl Fn() -> i32) {
    while open() < NUMBERS - 1 {}
}

fn null() -> i32 {
    // SAFETY: the name is a C string.
    unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) }
}

fn epoll() -> i32 {
    // SAFETY: it takes no pointers.
    unsafe { libc::epoll_create1(0) }
}

fn closed() -> Vec<i32> {
    // SAFETY: it takes no pointers.
    let is_closed = |number: &i32| unsafe { libc::fcntl(*number, libc::F_GETFD) } == -1;
    (KEPT..NUMBERS).filter(is_closed).collect()
}

fn sockets() -> Vec<i32> {
    let is_socket = |number: &i32| {
        // SAFETY: any bytes are such a status.
        let mut status: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: the status is writable.
        let known = unsafe { libc::fstat(*number, &raw mut status) } == 0;
        known && status.st_mode & libc::S_IFMT == libc::S_IFSOCK
    };
    (KEPT..NUMBERS).filter(is_socket).collect()
}

fn in_child(body: impl FnOnce()) {
    assert_eq!(status_in_child(body), 0, "the child failed");
}

/// Runs the body in a forked child, which has no other thread than this one. It ends with 0 if it
/// does not panic.
fn status_in_child(body: impl FnOnce()) -> i32 {
    // SAFETY: the child runs the body and exits. It waits for no lock that a thread of the parent
    // may have held at the fork, but for the allocator's, which the C library keeps free.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "it cannot fork");
    if child == 0 {
        let passed = catch_unwind(AssertUnwindSafe(body)).is_ok();
        // SAFETY: it ends the process.
        unsafe { libc::_exit(i32::from(!passed)) };
    }
    let end = Instant::now() + DEADLINE;
    let mut status = 0;
    // SAFETY: the status is writable, and the child is ours.
    while unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == 0 {
        if Instant::now() > end {
            // SAFETY: the child has not been waited for, so that its number is still its own.
            unsafe { libc::kill(child, libc::SIGKILL) };
            // SAFETY: as above.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            panic!("the child hangs");
        }
        yield_now();
    }
    status
}

/// On a port that was chosen before: only such a one has a guard.
fn answering() -> Responding {
    let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    Responder::new().bind(Ipv4Addr::LOCALHOST).port(port).start().unwrap()
}

fn port_of(owner: &Responding) -> u16 {
    owner.local_addr().unwrap().port()
}

fn standing_by_on(port: u16) -> Responding {
    Responder::new().bind(Ipv4Addr::LOCALHOST).port(port).stand_by(true).start().unwrap()
}

/// Waits until the other threads of this process do nothing: one that has not begun to wait opens
/// descriptors, and closes numbers that are another's by then.
fn rest() {
    let end = Instant::now() + DEADLINE;
    let mut before = Vec::new();
    loop {
        let now = others();
        if now == before && now.iter().all(|(_, state)| state.contains("(sleeping)")) {
            return;
        }
        assert!(Instant::now() < end, "they never rest");
        before = now;
        sleep(Duration::from_millis(50));
    }
}

/// The other threads: the number of each, and how often it has slept.
fn others() -> Vec<(String, String)> {
    // SAFETY: it takes no pointers.
    let own = unsafe { libc::gettid() }.to_string();
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.map(|task| task.file_name().into_string().unwrap());
    let state = |name: String| {
        let status = std::fs::read_to_string(format!("/proc/self/task/{name}/status"));
        let status = status.unwrap_or_default();
        let told = |line: &&str| line.starts_with("State:") || line.contains("ctxt_switches");
        (name, status.lines().filter(told).collect())
    };
    names.filter(|name| *name != own).map(state).collect()
}

fn drops_it_and_keeps_its_files(responding: Responding, open: impl Fn() -> i32) {
    rest();
    close_everything();
    take_numbers(open);
    assert_eq!(responding.state(), State::Stopped);
    drop(responding);
    assert_eq!(closed(), [0; 0]);
}

#[test]
fn a_child_keeps_its_files_when_it_drops_what_it_inherited() {
    let _alone = alone();
    let owner = answering();
    let inherited = answering();
    in_child(|| drops_it_and_keeps_its_files(inherited, null));
    let inherited = standing_by_on(port_of(&owner));
    in_child(|| drops_it_and_keeps_its_files(inherited, null));
}

#[test]
fn a_child_that_drops_what_it_inherited_has_none_of_its_sockets() {
    let _alone = alone();
    in_child(|| {
        let before = sockets();
        let inherited = answering();
        in_child(|| {
            drop(inherited);
            assert_eq!(sockets(), before);
        });
    });
    let owner = answering();
    let port = port_of(&owner);
    in_child(|| {
        let before = sockets();
        let mut inherited = Some(standing_by_on(port));
        // Until its thread waits, it may be forked in the middle of opening one.
        let end = Instant::now() + DEADLINE;
        let mut drops_all = || {
            status_in_child(|| {
                drop(inherited.take());
                let is_closed = sockets() == before;
                // SAFETY: it ends the process.
                unsafe { libc::_exit(i32::from(!is_closed)) };
            }) == 0
        };
        // Once may be before it has begun to open one.
        while !(drops_all() && drops_all()) {
            assert!(Instant::now() < end, "some stay open");
        }
    });
}

#[test]
fn a_process_keeps_its_files_when_it_drops_its_own_responder() {
    let _alone = alone();
    in_child(|| drops_it_and_keeps_its_files(answering(), null));
    let owner = answering();
    let port = port_of(&owner);
    in_child(|| drops_it_and_keeps_its_files(standing_by_on(port), null));
}

#[test]
fn a_poller_that_has_the_number_of_the_responders_is_not_taken_for_it() {
    let _alone = alone();
    in_child(|| drops_it_and_keeps_its_files(answering(), epoll));
}

#[test]
fn a_thread_that_cannot_wait_any_more_closes_no_files() {
    let _alone = alone();
    let foreign = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = foreign.local_addr().unwrap().port();
    in_child(|| {
        let (tell, told) = channel();
        let close = Once::new();
        let responder = Responder::new().bind(Ipv4Addr::LOCALHOST).port(port).stand_by(true);
        let responder = responder.pulse(Duration::from_millis(10)).observe(move |notice| {
            // The thread itself does it: while it waits, nothing could wake it any more.
            if *notice == Notice::Pulse {
                close.call_once(|| {
                    close_everything();
                    take_numbers(null);
                });
            }
            let _ = tell.send(notice.clone());
        });
        let responding = responder.start().unwrap();
        while told.recv_timeout(DEADLINE).unwrap() != Notice::State(State::Stopped) {}
        assert_eq!(closed(), [0; 0]);
        drop(responding);
        assert_eq!(closed(), [0; 0]);
    });
}
