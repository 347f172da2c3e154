//! Addresses that a goodbye takes along, though other services are reached at them.

use std::time::{Duration, Instant};

/// When they are said again after a withdrawal.
///
/// The library withdraws a service with the addresses of its host, at once and 120 ms later, whatever
/// else is on that host. A cache drops what is withdrawn after a second (RFC 6762 section 10.1). Before
/// that they have to be said once, and are tried several times: the library is silent about what it has
/// said less than a second ago (section 6), as when somebody has just asked.
const AFTER: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(550),
    Duration::from_millis(900),
    Duration::from_millis(1_100),
];

/// The hosts whose addresses are to be said again, and when.
#[derive(Debug, Default)]
pub(super) struct Restoring {
    due: Vec<(Instant, String)>,
}

impl Restoring {
    /// Notes that a service of this host has been withdrawn.
    pub(super) fn note_withdrawn(&mut self, now: Instant, host: &str) {
        // What was due for a withdrawal before this one comes too early for it.
        self.due.retain(|(_, other)| other != host);
        self.due.extend(AFTER.map(|after| (now + after, host.to_owned())));
    }

    /// When [`take_due`](Self::take_due) has something.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.iter().map(|(at, _)| *at).min()
    }

    /// The hosts whose addresses are to be said now.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<String> {
        let mut hosts: Vec<String> =
            self.due.extract_if(.., |(at, _)| *at <= now).map(|(_, host)| host).collect();
        hosts.dedup();
        hosts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_is_said_again_before_a_cache_forgets_it() {
        let began = Instant::now();
        let mut restoring = Restoring::default();
        restoring.note_withdrawn(began, "workshop");
        restoring.note_withdrawn(began + Duration::from_millis(100), "office");
        let mut said = Vec::new();
        while let Some(at) = restoring.next() {
            let hosts = restoring.take_due(at);
            said.extend(hosts.into_iter().map(|host| ((at - began).as_millis(), host)));
        }
        let of = |host: &str| -> Vec<u128> {
            said.iter().filter(|(_, of)| of == host).map(|(at, _)| *at).collect()
        };
        assert_eq!(of("workshop"), [200, 550, 900, 1_100]);
        assert_eq!(of("office"), [300, 650, 1_000, 1_200]);
    }

    #[test]
    fn a_second_withdrawal_begins_anew() {
        let began = Instant::now();
        let mut restoring = Restoring::default();
        restoring.note_withdrawn(began, "workshop");
        let again = began + Duration::from_millis(900);
        restoring.note_withdrawn(again, "workshop");
        assert_eq!(restoring.next(), Some(again + AFTER[0]));
        assert_eq!(restoring.take_due(again + AFTER[3]), ["workshop"]);
        assert_eq!(restoring.next(), None);
    }
}
