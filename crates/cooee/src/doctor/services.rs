//! Connections to the services that answers name.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use cooee_core::finding::{Connection, ServiceTried};

use super::limit::Limit;
use crate::Server;

/// Time enough for a second SYN.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Connects to the services of the first servers, all at a time; `None` if that does not come to its
/// end.
pub(super) fn try_all(
    servers: &[Server],
    prefix_len: usize,
    limit: Limit<'_>,
) -> Option<Vec<ServiceTried>> {
    const MOST: usize = 16;
    let servers = &servers[..servers.len().min(MOST)];
    let addresses: Vec<_> = servers.iter().map(named_address).collect();
    // All of them connect before the first is waited for.
    let connected = limit.within(move || {
        let connecting = |&address| thread::spawn(move || connect(address));
        let connecting: Vec<_> = addresses.iter().map(connecting).collect();
        let connected = connecting.into_iter().map(|it| it.join().unwrap_or(Connection::Nothing));
        connected.collect::<Vec<_>>()
    })?;
    let tried = servers.iter().zip(connected);
    let tried = tried.map(|(server, connection)| ServiceTried {
        address: named_address(server),
        source: server.source.ip(),
        trust: server.trust,
        reach: server.reach,
        names_port: names_port(&server.raw, prefix_len),
        connection,
    });
    Some(tried.collect())
}

/// The address that the answer names, whether or not another one is the better to try.
fn named_address(server: &Server) -> SocketAddr {
    server.named_address()
}

/// An answer ends with a colon and the port, if it names one.
fn names_port(raw: &[u8], prefix_len: usize) -> bool {
    let address = raw.get(prefix_len..).unwrap_or_default();
    match address.iter().rposition(|&byte| byte == b']') {
        Some(end) => address[end..].contains(&b':'),
        None => address.iter().filter(|&&byte| byte == b':').count() == 1,
    }
}

fn connect(address: SocketAddr) -> Connection {
    match TcpStream::connect_timeout(&address, PATIENCE) {
        Ok(_) => Connection::Accepted,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Connection::Refused,
        Err(_) => Connection::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_an_answer_is_told_from_its_address() {
        for (answer, named) in [
            ("SERVER_IP:10.0.1.2", false),
            ("SERVER_IP:10.0.1.2:80", true),
            ("SERVER_IP:[fe80::1]", false),
            ("SERVER_IP:[fe80::1]:80", true),
            ("SERVER", false),
        ] {
            assert_eq!(names_port(answer.as_bytes(), "SERVER_IP:".len()), named, "{answer}");
        }
    }
}
