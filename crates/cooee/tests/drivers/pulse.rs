//! The sign of life for a watchdog.

use std::net::UdpSocket;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use cooee::{Notice, Responder, State};

use super::suite::{DEADLINE, calling, port_of, told, wait_for};
use super::{Driver, Running};

const PULSE: Duration = Duration::from_millis(20);

fn is_pulse(notice: &Notice) -> Option<()> {
    (*notice == Notice::Pulse).then_some(())
}

pub(crate) fn the_pulse_beats_while_it_answers<D: Driver>() {
    let driver = D::new();
    let (responder, notices) = told(Responder::new().port(0).pulse(PULSE));
    let began = Instant::now();
    let server = driver.start(responder).unwrap();
    (0..5).for_each(|_| wait_for(&notices, is_pulse));
    assert!(began.elapsed() >= 5 * PULSE, "not more often than asked for");
    assert!(driver.first(&calling(port_of(&server))).unwrap().is_some());
    wait_for(&notices, is_pulse);
    driver.stop(server);
    let rest = notices.iter().last();
    assert_eq!(rest, Some(Notice::State(State::Stopped)));
}

pub(crate) fn the_pulse_stays_away_when_the_responder_hangs<D: Driver>() {
    let driver = D::new();
    let (hold, held) = channel::<()>();
    let (tell, told) = channel();
    let held = std::sync::Mutex::new(held);
    let responder = Responder::new().port(0).pulse(PULSE).observe(move |notice| {
        if let Notice::Answered { .. } = notice {
            // Until the other end is dropped.
            let _ = held.lock().unwrap().recv();
        }
        // The test may be over.
        let _ = tell.send(notice.clone());
    });
    let server = driver.start(responder).unwrap();
    wait_for(&told, is_pulse);
    let asker = UdpSocket::bind("127.0.0.1:0").unwrap();
    asker.set_read_timeout(Some(DEADLINE)).unwrap();
    asker.send_to(b"DISCOVER_SERVER", ("127.0.0.1", port_of(&server))).unwrap();
    asker.recv_from(&mut [0; 64]).expect("an answer, after which it hangs");
    // Some may have been on their way; then there is silence.
    let end = Instant::now() + DEADLINE;
    while told.recv_timeout(25 * PULSE).is_ok() {
        assert!(Instant::now() < end, "it beats though it hangs");
    }
    drop(hold);
    wait_for(&told, is_pulse);
}

pub(crate) fn the_pulse_beats_while_it_stands_by<D: Driver>() {
    let driver = D::new();
    let first = driver.start(Responder::new().port(0)).unwrap();
    let responder = Responder::new().port(port_of(&first)).stand_by(true).pulse(PULSE);
    let (responder, notices) = told(responder);
    let second = driver.start(responder).unwrap();
    (0..5).for_each(|_| wait_for(&notices, is_pulse));
    assert!(matches!(second.state(), State::StandingBy { .. }));
    driver.stop(first);
    wait_for(&notices, |notice| match notice {
        Notice::State(State::Answering { .. }) => Some(()),
        _ => None,
    });
    wait_for(&notices, is_pulse);
}
