//! What is logged of a discovery beside single datagrams.

use std::collections::vec_deque;
use std::fmt;

use tracing::debug;

use super::rung::Rung;
use crate::Transmit;

/// How many destinations of a round are named.
const NAMED: usize = 8;

/// Logs that `rung` began a round, by sending `sent`, or finished a pass.
pub(super) fn milestone(rung: &Rung, sent: vec_deque::Iter<'_, Transmit>) {
    let round = rung.plan.completed();
    match rung.plan.swept() {
        Some(swept) => {
            debug!(rung = rung.name, pass = round, addresses = swept.of, "finished a pass");
        }
        None => {
            let (probes, to) = (sent.len(), Destinations(sent));
            debug!(rung = rung.name, round, probes, %to, "sent probes");
        }
    }
}

/// The first few destinations, each once.
struct Destinations<'a>(vec_deque::Iter<'a, Transmit>);

impl fmt::Display for Destinations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut named = Vec::with_capacity(NAMED);
        for to in self.0.clone().map(|transmit| transmit.destination) {
            if named.contains(&to) {
                continue;
            }
            if named.len() == NAMED {
                return f.write_str(" …");
            }
            let space = if named.is_empty() { "" } else { " " };
            write!(f, "{space}{to}")?;
            named.push(to);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::net::SocketAddr;

    use bytes::Bytes;

    use super::*;
    use crate::SocketId;

    fn named(ports: impl IntoIterator<Item = u16>) -> String {
        let sent: VecDeque<_> = ports
            .into_iter()
            .map(|port| Transmit {
                socket: SocketId::V4,
                destination: SocketAddr::from(([10, 0, 0, 255], port)),
                source: None,
                interface: None,
                payload: Bytes::new(),
            })
            .collect();
        Destinations(sent.iter()).to_string()
    }

    #[test]
    fn each_destination_is_named_once() {
        assert_eq!(named([1, 2, 1]), "10.0.0.255:1 10.0.0.255:2");
    }

    #[test]
    fn many_destinations_are_cut() {
        let eight = named(1..=8);
        assert!(eight.ends_with(":8"), "{eight}");
        assert_eq!(named(1..=9), format!("{eight} …"));
    }
}
