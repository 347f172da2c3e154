//! A browser that ends waits for nothing that waits for it.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use cooee_core::announced::ServiceType;
use cooee_mdns::Browser;

#[test]
fn it_does_not_wait_for_a_thread_that_waits_for_its_owner() {
    let lock = Arc::new(Mutex::new(()));
    let browser = Browser::start(&[ServiceType::cooee()], []).unwrap();
    let wanted = Arc::clone(&lock);
    // What a log does that takes a lock, such as that of an interpreter.
    browser.wake_by(move || drop(wanted.lock()));
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let held = lock.lock();
        drop(browser);
        drop(held);
        done.send(()).unwrap();
    });
    assert_eq!(is_done.recv_timeout(Duration::from_secs(20)), Ok(()));
}

#[test]
fn it_leaves_its_threads_at_once() {
    let leaving = || {
        let lock = Arc::new(Mutex::new(()));
        let browser = Browser::start(&[ServiceType::cooee()], []).unwrap();
        let wanted = Arc::clone(&lock);
        browser.wake_by(move || drop(wanted.lock()));
        let held = lock.lock();
        let began = Instant::now();
        browser.leave();
        let took = began.elapsed();
        drop(held);
        took
    };
    // A drop waits for 100 ms here. The machine may be busy now and then.
    let took = (0..5).map(|_| leaving()).min().unwrap();
    assert!(took < Duration::from_millis(50), "{took:?}");
}
