//! A browser leaves nothing behind.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use cooee_core::announced::ServiceType;
use cooee_mdns::Browser;

/// The threads of this process by name, and how many descriptors it has.
fn there() -> (Vec<String>, usize) {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).ok();
    let mut names: Vec<_> = tasks.filter_map(name).collect();
    names.sort();
    (names, fs::read_dir("/proc/self/fd").unwrap().count())
}

#[test]
fn its_threads_and_sockets_end_with_it() {
    let before = there();
    let services = [ServiceType::cooee(), ServiceType::http()];
    for _ in 0..5 {
        let browser = Browser::start(&services, []).unwrap();
        let (names, _) = there();
        assert!(names.len() >= before.0.len() + 3, "{names:?}");
        assert_eq!(browser.poll(), None);
        drop(browser);
        // What remains of a thread then is the system's to take away.
        let deadline = Instant::now() + Duration::from_secs(10);
        while there() != before {
            assert!(Instant::now() < deadline, "{:?}, and before {before:?}", there());
            thread::yield_now();
        }
    }
}
