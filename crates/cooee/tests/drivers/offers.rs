use std::net::{TcpListener, UdpSocket};

use cooee::{Notice, Responder, State, Wait};

use super::suite::{calling, eventually, port_of, told, wait_for};
use super::{Driver, Running};

fn free_port() -> u16 {
    UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

fn ports_found<D: Driver>(driver: &D, port: u16) -> Vec<u16> {
    let found = driver.run(&calling(port).wait(Wait::Quick)).unwrap();
    let mut ports: Vec<_> = found.iter().map(|server| server.port).collect();
    ports.sort_unstable();
    ports
}

fn is_answered_for(running: &impl Running) -> bool {
    matches!(running.state(), State::StandingBy { is_answered_for: true, .. })
}

pub(crate) fn who_stands_by_is_answered_for<D: Driver>() {
    let (driver, port) = (D::new(), free_port());
    let stand_by = Responder::new().port(port).stand_by(true);
    let first = driver.start(stand_by.clone().service_port(1)).unwrap();
    let second = driver.start(stand_by.clone().service_port(2)).unwrap();
    let (other, notices) = told(stand_by.service_port(3).message("OTHER"));
    let third = driver.start(other).unwrap();
    eventually("the owner answers for both", || {
        ports_found(&driver, port) == [1, 2] && is_answered_for(&second) && is_answered_for(&third)
    });
    let other = calling(port).message("OTHER").wait(Wait::Quick);
    assert_eq!(driver.first(&other).unwrap().unwrap().port, 3);
    let counters = first.stats().counters;
    assert!(counters.answers > counters.answered, "{counters:?}");

    driver.stop(first);
    driver.stop(second);
    let answering =
        |notice: &Notice| matches!(notice, Notice::State(State::Answering { .. })).then_some(());
    wait_for(&notices, answering);
    assert_eq!(driver.first(&other).unwrap().unwrap().port, 3);
}

pub(crate) fn one_service_is_answered_for_once<D: Driver>() {
    let (driver, port) = (D::new(), free_port());
    let worker = Responder::new().port(port).service_port(7).stand_by(true);
    let _workers: Vec<_> = (0..4).map(|_| driver.start(worker.clone()).unwrap()).collect();
    assert_eq!(ports_found(&driver, port), [7]);
}

pub(crate) fn a_service_that_stops_is_not_answered_for<D: Driver>() {
    let (driver, port) = (D::new(), free_port());
    let stand_by = Responder::new().port(port).stand_by(true);
    let _first = driver.start(stand_by.clone().service_port(1)).unwrap();
    let second = driver.start(stand_by.service_port(2)).unwrap();
    eventually("the owner answers for both", || ports_found(&driver, port) == [1, 2]);
    driver.stop(second);
    eventually("it answers for itself", || ports_found(&driver, port) == [1]);
}

pub(crate) fn a_service_that_does_not_listen_is_not_named<D: Driver>() {
    let driver = D::new();
    let service = TcpListener::bind("0.0.0.0:0").unwrap();
    let address = service.local_addr().unwrap();
    let (responder, notices) = told(Responder::new().port(0).listener(address));
    let running = driver.start(responder).unwrap();
    let port = port_of(&running);
    assert_eq!(ports_found(&driver, port), [address.port()]);
    drop(service);
    eventually("it is silent", || ports_found(&driver, port).is_empty());
    let told = |notice: &Notice| matches!(notice, Notice::NotListening { .. });
    assert!(!notices.try_iter().any(|notice| told(&notice)), "it has only stopped");
}

pub(crate) fn who_offers_is_told_that_nothing_listens<D: Driver>() {
    let (driver, port) = (D::new(), free_port());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let stand_by = Responder::new().port(port).stand_by(true);
    let _first = driver.start(stand_by.clone().service_port(1)).unwrap();
    let (second, notices) = told(stand_by.service_port(closed).require_listener(true));
    let _second = driver.start(second).unwrap();
    let not_listening = |notice: &Notice| match notice {
        Notice::NotListening { port } => Some(*port),
        _ => None,
    };
    eventually("it is told", || {
        assert_eq!(ports_found(&driver, port), [1]);
        notices.try_iter().find_map(|notice| not_listening(&notice)) == Some(closed)
    });
}
