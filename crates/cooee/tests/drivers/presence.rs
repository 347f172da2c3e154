//! The live view, with both drivers.

use std::cell::Cell;

use cooee::Responder;

use super::Driver;
use super::suite::{calling, port_of};

pub(crate) fn a_server_is_seen_to_come_and_go<D: Driver>() {
    let driver = D::new();
    let server = Responder::new().port(0).service_port(8001).start().unwrap();
    let discovery = calling(port_of(&server));
    let running = Cell::new(Some(server));
    let mut seen = Vec::new();
    driver
        .watch(&discovery, |event| {
            seen.push((event.as_str(), event.server().port));
            running.take().is_some_and(|server| {
                server.stop();
                true
            })
        })
        .unwrap();
    assert_eq!(seen, [("found", 8001), ("gone", 8001)]);
}
