//! Servers that are checked for whether they accept connections.

use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use cooee::{CheckState, Ended, Wait};

use super::Driver;
use super::suite::{DEADLINE, calling};

/// A responder that gives all of these answers to each probe; its port.
fn answers(answers: Vec<String>) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((_, asker)) = socket.recv_from(&mut [0; 64]) {
            for answer in &answers {
                let _ = socket.send_to(answer.as_bytes(), asker);
            }
        }
    });
    port
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port that nothing listens on.
fn closed() -> u16 {
    listener().1
}

pub(crate) fn a_server_that_listens_is_live_and_one_that_does_not_is_marked<D: Driver>() {
    let (_listener, open) = listener();
    let closed = closed();
    let names = [closed, open].map(|port| format!("SERVER_IP:127.0.0.1:{port}"));
    let discovery = calling(answers(names.into())).check(true);
    let found = D::new().run(&discovery).unwrap();
    let states: Vec<_> = found.iter().map(|s| (s.port, s.is_live(), s.checked[0].state)).collect();
    assert_eq!(states, [(closed, false, CheckState::Refused), (open, true, CheckState::Open)]);
    assert!(found.iter().all(|server| server.checked[0].took.is_some()), "{found:?}");
    assert_eq!(found.outcome().ended, Ended::Settled);
}

pub(crate) fn a_server_is_yielded_when_it_was_checked<D: Driver>() {
    let (_listener, open) = listener();
    let discovery = calling(answers(vec![format!("SERVER_IP:127.0.0.1:{open}")]));
    let discovery = discovery.timeout(DEADLINE).wait(Wait::Full).check(true);
    let began = Instant::now();
    let taken = D::new().take(&discovery, 1).unwrap();
    assert!(taken[0].is_live(), "{taken:?}");
    assert!(began.elapsed() < DEADLINE / 2);
}

pub(crate) fn the_first_server_that_accepts_a_connection_is_enough<D: Driver>() {
    let (_listener, open) = listener();
    let names = [closed(), open].map(|port| format!("SERVER_IP:127.0.0.1:{port}"));
    let discovery = calling(answers(names.into())).timeout(DEADLINE).check(true);
    let driver = D::new();
    let began = Instant::now();
    assert_eq!(driver.first(&discovery).unwrap().unwrap().port, open);
    let found = driver.run(&discovery.wait(Wait::First)).unwrap();
    assert!(began.elapsed() < DEADLINE / 2);
    assert_eq!(found.iter().map(|server| server.port).collect::<Vec<_>>(), [open]);
    assert_eq!(found.outcome().ended, Ended::First);
}

pub(crate) fn no_server_is_first_where_none_accepts_connections<D: Driver>() {
    let port = answers(vec![format!("SERVER_IP:127.0.0.1:{}", closed())]);
    let discovery = calling(port).timeout(Duration::from_millis(400)).check(true);
    assert_eq!(D::new().first(&discovery).unwrap(), None);
}

pub(crate) fn the_address_that_accepts_a_connection_is_the_one_to_use<D: Driver>() {
    let (_listener, open) = listener();
    let port = answers(vec![format!("SERVER_IP:203.0.113.9:{open}")]);
    let discovery = calling(port).timeout(DEADLINE).check(true);
    let server = D::new().first(&discovery).unwrap().unwrap();
    assert_eq!(server.url(), format!("http://127.0.0.1:{open}/"));
    assert_eq!(server.named_url().unwrap(), format!("http://203.0.113.9:{open}/"));
    assert_eq!(server.checked.len(), 2, "{server:?}");
}
