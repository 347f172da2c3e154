//! Datagrams that are all there before the first of them is received, so that batches are full and
//! the same in every run.

use std::net::UdpSocket;

use crate::callgrind::Counted;

/// So few that the smallest receive buffer has room.
const AT_ONCE: u32 = 128;

/// Sends the datagrams that `payload` makes of the numbers below `count` to `port`, at which
/// `receiver` listens, and waits until all of them are received.
pub(crate) fn send(
    from: &UdpSocket,
    port: u16,
    receiver: &Counted,
    count: u32,
    payload: impl Fn(u32) -> String,
) {
    for first in (0..count).step_by(AT_ONCE as usize) {
        receiver.while_stopped(|| {
            for n in first..count.min(first + AT_ONCE) {
                from.send_to(payload(n).as_bytes(), ("127.0.0.1", port)).unwrap();
            }
        });
        while is_waited_at(port) {
            std::thread::yield_now();
        }
    }
}

fn is_waited_at(port: u16) -> bool {
    let sockets = procfs::net::udp().unwrap();
    sockets.iter().any(|socket| socket.local_address.port() == port && socket.rx_queue > 0)
}
