use std::net::UdpSocket;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::manager::{Manager, passing};
use crate::support::{DEADLINE, Running, cooee, find, run};

const ALIVE: &str = "WATCHDOG=1\n";

/// Twice the pulse.
const WATCHDOG: Duration = Duration::from_millis(100);

fn bound() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[test]
fn a_service_from_its_start_to_its_end() {
    let manager = Manager::new();
    let (socket, port) = bound();
    let number = port.to_string();
    let words = ["serve", "--port", &number];
    for _ in 0..2 {
        // What is sent while no service runs waits for it.
        let early = UdpSocket::bind("127.0.0.1:0").unwrap();
        early.send_to(b"DISCOVER_SERVER", ("127.0.0.1", port)).unwrap();
        let mut command = passing(socket.try_clone().unwrap(), &words);
        let serve = Running::start(manager.watch(&mut command), port);
        let ready = manager.told();
        let expected = format!("READY=1\nSTATUS=answering on 0.0.0.0:{port}: ");
        assert!(ready.starts_with(&expected), "{ready}");
        early.set_read_timeout(Some(DEADLINE)).unwrap();
        early.recv_from(&mut [0; 64]).unwrap();
        assert_eq!(find(port, &["--one"]).code, Some(0));

        let second = run(&words);
        assert_eq!(second.code, Some(3));
        assert!(second.err.contains(&format!("taken by pid {}", serve.pid())), "{}", second.err);

        serve.signal(Signal::SIGTERM);
        assert_eq!(manager.told(), "STOPPING=1\n");
        assert_eq!(manager.told(), "STATUS=answered 2, refused 0\n");
        assert_eq!(serve.end().1, Some(0));
    }
}

#[test]
fn the_watchdog_hears_from_it_unless_it_hangs() {
    let manager = Manager::new();
    let (socket, port) = bound();
    let mut command = passing(socket, &["serve", "--port", &port.to_string()]);
    command.env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
    let serve = Running::start(manager.watch(&mut command), port);
    assert!(manager.told().starts_with("READY=1\n"));
    (0..5).for_each(|_| assert_eq!(manager.told(), ALIVE));

    serve.signal(Signal::SIGSTOP);
    let end = Instant::now() + DEADLINE;
    while let Some(told) = manager.told_within(5 * WATCHDOG) {
        assert_eq!(told, ALIVE);
        assert!(Instant::now() < end, "it is stopped, and says that it is alive");
    }
    serve.signal(Signal::SIGCONT);
    assert_eq!(manager.told(), ALIVE);
}

#[test]
fn whoever_stands_by_is_ready_and_alive() {
    let manager = Manager::new();
    let first = Running::serve(&[]);
    let mut command = cooee(&["serve", "--stand-by", "--port", &first.port.to_string()]);
    command.env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string());
    let second = Running::start(manager.watch(&mut command), first.port);
    let ready = manager.told();
    let expected = format!("READY=1\nSTATUS=standing by: port {} is taken by ", first.port);
    assert!(ready.starts_with(&expected), "{ready}");
    let next_state = || (0..).map(|_| manager.told()).find(|told| told != ALIVE).unwrap();
    let answered_for = next_state();
    assert!(answered_for.contains("STATUS=standing by, and answered for"), "{answered_for}");
    assert_eq!(manager.told(), ALIVE);
    first.signal(Signal::SIGTERM);
    let took_over = next_state();
    assert!(took_over.contains("STATUS=took over, answering on "), "{took_over}");
    assert_eq!(manager.told(), ALIVE);
    assert_eq!(find(second.port, &["--one"]).code, Some(0));
}

#[test]
fn another_process_s_watchdog_and_a_manager_that_is_gone_do_no_harm() {
    let (socket, port) = bound();
    drop(socket);
    let manager = Manager::new();
    let mut command = cooee(&["serve", "--port", &port.to_string()]);
    command.env("WATCHDOG_USEC", "1000").env("WATCHDOG_PID", "1");
    let serve = Running::start(manager.watch(&mut command), port);
    assert!(manager.told().starts_with("READY=1\n"));
    assert_eq!(manager.told_within(5 * WATCHDOG), None);
    drop(manager);
    serve.signal(Signal::SIGTERM);
    let (said, code) = serve.end();
    assert_eq!(code, Some(0));
    let complaints = said.matches("cannot be reached through NOTIFY_SOCKET").count();
    assert_eq!(complaints, 1, "{said}");
}

#[test]
fn a_manager_that_was_busy_hears_that_the_service_is_ready_later() {
    let manager = Manager::new();
    let queued = manager.fill();
    let (socket, port) = bound();
    let mut command = passing(socket, &["serve", "--port", &port.to_string()]);
    let serve = Running::start(manager.watch(&mut command), port);
    assert!(serve.saw("cannot be reached through NOTIFY_SOCKET").is_some());
    (0..queued).for_each(|_| assert_eq!(manager.told(), Manager::FILLER));
    let ready = manager.told();
    assert!(ready.starts_with("READY=1\nSTATUS=answering on "), "{ready}");
    serve.signal(Signal::SIGTERM);
    assert_eq!(manager.told(), "STOPPING=1\n");
}

#[test]
fn an_abstract_name_is_understood() {
    let manager = Manager::without_a_file();
    let (socket, port) = bound();
    let mut command = passing(socket, &["serve", "--port", &port.to_string()]);
    let _serve = Running::start(manager.watch(&mut command), port);
    assert!(manager.told().starts_with("READY=1\n"));
}
