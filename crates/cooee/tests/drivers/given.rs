//! Sockets that somebody else has bound.

use std::net::{TcpListener, UdpSocket};
#[cfg(unix)]
use std::os::fd::OwnedFd as Owned;
#[cfg(windows)]
use std::os::windows::io::OwnedSocket as Owned;

use cooee::{Responder, SocketError, StartError, State};

use super::suite::{calling, eventually, port_of};
use super::{Driver, Running};

pub(crate) fn a_given_socket_is_answered_on<D: Driver>() {
    let driver = D::new();
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let address = socket.local_addr().unwrap();
    // The port and address asked for do not count.
    let responder = Responder::new().port(1).bind([127, 0, 0, 9].into()).socket(socket);
    let server = driver.start(responder.clone()).unwrap();
    assert_eq!(server.local_addr(), Some(address));
    assert!(driver.first(&calling(address.port())).unwrap().is_some());
    let second = driver.start(Responder::new().port(address.port())).map(|_| ());
    assert!(matches!(second, Err(StartError::PortInUse { .. })), "the guard is ours too");

    driver.stop(server);
    UdpSocket::bind(address).expect_err("a copy of the responder has the socket");
    let again = driver.start(responder).unwrap();
    assert!(driver.first(&calling(address.port())).unwrap().is_some());
    driver.stop(again);
    UdpSocket::bind(address).expect("nobody has it");
}

pub(crate) fn a_given_socket_needs_no_guard<D: Driver>() {
    let driver = D::new();
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let waiting = driver.start(Responder::new().port(port).stand_by(true)).unwrap();
    assert!(matches!(waiting.state(), State::StandingBy { .. }));

    let server = driver.start(Responder::new().stand_by(true).socket(socket)).unwrap();
    assert!(matches!(server.state(), State::Answering { .. }), "it has nobody to wait for");
    assert!(driver.first(&calling(port)).unwrap().is_some());
    driver.stop(server);
    eventually("who stands by takes over", || waiting.local_addr().is_some());
    assert_eq!(port_of(&waiting), port);
}

pub(crate) fn a_given_socket_that_does_not_fit_is_refused<D: Driver>() {
    let driver = D::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = UdpSocket::from(Owned::from(listener));
    let refused = driver.start(Responder::new().socket(socket)).map(|_| ());
    assert!(matches!(refused, Err(StartError::SocketUnusable(SocketError::NotUdp { .. }))));
}
