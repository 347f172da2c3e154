//! What is remembered, and for how long.

use cooee::limits;
use serde::{Deserialize, Serialize};

use super::address::Address;
use crate::settings::Wire;

/// The servers of every network that this host was in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Book {
    pub(super) version: u32,
    networks: Vec<Network>,
}

/// The servers of one network that speak one protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    network: String,
    message: String,
    prefix: String,
    servers: Vec<Remembered>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    address: Address,
    /// When it was last heard, in seconds since 1970.
    seen: u64,
    /// The whole discoveries since in which it was silent.
    silent: u32,
}

/// What a discovery heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) answered: Vec<Address>,
    pub(super) silent: Vec<Address>,
    /// Whether it ran to its end.
    pub(super) is_whole: bool,
}

impl Default for Book {
    fn default() -> Self {
        Self { version: Self::VERSION, networks: Vec::new() }
    }
}

impl Book {
    /// The version of the format.
    pub(super) const VERSION: u32 = 1;
    /// The whole discoveries in which a server may be silent before it is dropped.
    const SILENT_MAX: u32 = 2;

    /// The addresses to call, most recently heard first.
    pub(super) fn addresses(&self, place: &str, wire: &Wire, now: u64) -> Vec<Address> {
        let here = self.networks.iter().filter(|network| network.is(place, wire));
        let mut servers: Vec<_> = here.flat_map(|network| &network.servers).collect();
        servers.retain(|server| server.is_fresh(now) && server.address.port() == wire.port);
        servers.sort_by_key(|server| std::cmp::Reverse(server.seen));
        servers.iter().map(|server| server.address.clone()).collect()
    }

    /// Takes over what was heard at `place`, and drops what is old, silent or too much.
    pub(super) fn correct(&mut self, place: &str, wire: &Wire, heard: &Heard, now: u64) {
        let servers = self.servers(place, wire);
        for address in &heard.answered {
            servers.retain(|server| server.address != *address);
            servers.push(Remembered { address: address.clone(), seen: now, silent: 0 });
        }
        if heard.is_whole {
            let silent = |server: &&mut Remembered| heard.silent.contains(&server.address);
            servers.iter_mut().filter(silent).for_each(|server| server.silent += 1);
            servers.retain(|server| server.silent < Self::SILENT_MAX);
        }
        self.tidy(now);
    }

    fn servers(&mut self, place: &str, wire: &Wire) -> &mut Vec<Remembered> {
        let known = self.networks.iter().position(|network| network.is(place, wire));
        let index = known.unwrap_or_else(|| {
            self.networks.push(Network {
                network: place.to_owned(),
                message: wire.message.clone(),
                prefix: wire.prefix.clone(),
                servers: Vec::new(),
            });
            self.networks.len() - 1
        });
        &mut self.networks[index].servers
    }

    /// Keeps the bounds.
    fn tidy(&mut self, now: u64) {
        for network in &mut self.networks {
            network.servers.retain(|server| server.is_fresh(now));
            network.servers.sort_by_key(|server| std::cmp::Reverse(server.seen));
            network.servers.truncate(limits::REMEMBERED_MAX);
        }
        while self.count() > limits::MEMORY_MAX || self.size() > limits::MEMORY_BYTES {
            if !self.drop_oldest() {
                break;
            }
        }
        self.networks.retain(|network| !network.servers.is_empty());
    }

    fn count(&self) -> usize {
        self.networks.iter().map(|network| network.servers.len()).sum()
    }

    fn size(&self) -> usize {
        self.to_json().len()
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Drops the server that was not heard for longest; says whether there was one.
    fn drop_oldest(&mut self) -> bool {
        let oldest = |network: &Network| network.servers.iter().map(|server| server.seen).min();
        let networks = self.networks.iter_mut().filter(|network| !network.servers.is_empty());
        let Some(network) = networks.min_by_key(|network| oldest(network)) else { return false };
        network.servers.pop();
        let is_empty = network.servers.is_empty();
        if is_empty {
            self.networks.retain(|network| !network.servers.is_empty());
        }
        true
    }
}

impl Network {
    fn is(&self, place: &str, wire: &Wire) -> bool {
        self.network == place && self.message == wire.message && self.prefix == wire.prefix
    }
}

impl Remembered {
    /// Whether it is recent; what was heard in the future was heard before the clock was set back.
    fn is_fresh(&self, now: u64) -> bool {
        now.saturating_sub(self.seen) <= limits::MEMORY_AGE.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "gateway 02:00:00:00:00:01 192.168.1.0/24";
    const CAFE: &str = "gateway 02:00:00:00:00:02 192.168.1.0/24";
    const DAY: u64 = 86_400;

    fn address(n: u32) -> Address {
        let [.., third, last] = n.to_be_bytes();
        format!("10.0.{third}.{last}:9999").parse().unwrap()
    }

    fn heard(answered: &[u32], silent: &[u32], is_whole: bool) -> Heard {
        let addresses = |of: &[u32]| of.iter().copied().map(address).collect();
        Heard { answered: addresses(answered), silent: addresses(silent), is_whole }
    }

    #[test]
    fn each_network_and_protocol_has_its_own() {
        let (wire, mut book) = (Wire::default(), Book::default());
        book.correct(HOME, &wire, &heard(&[1, 2], &[], true), DAY);
        assert_eq!(book.addresses(HOME, &wire, DAY).len(), 2);
        assert!(book.addresses(CAFE, &wire, DAY).is_empty());
        let other = Wire { message: "HELLO".into(), ..Wire::default() };
        assert!(book.addresses(HOME, &other, DAY).is_empty());
        let other = Wire { port: 9998, ..Wire::default() };
        assert!(book.addresses(HOME, &other, DAY).is_empty());
    }

    #[test]
    fn what_is_silent_in_two_whole_discoveries_is_dropped() {
        let (wire, mut book) = (Wire::default(), Book::default());
        book.correct(HOME, &wire, &heard(&[1, 2], &[], true), DAY);
        book.correct(HOME, &wire, &heard(&[2], &[1], false), DAY);
        book.correct(HOME, &wire, &heard(&[2], &[1], false), DAY);
        assert_eq!(book.addresses(HOME, &wire, DAY).len(), 2, "they were not whole");
        book.correct(HOME, &wire, &heard(&[2], &[1], true), DAY);
        assert_eq!(book.addresses(HOME, &wire, DAY).len(), 2, "once");
        book.correct(HOME, &wire, &heard(&[1], &[], true), DAY);
        book.correct(HOME, &wire, &heard(&[2], &[1], true), DAY);
        assert_eq!(book.addresses(HOME, &wire, DAY).len(), 2, "heard in between");
        book.correct(HOME, &wire, &heard(&[2], &[1], true), DAY);
        assert_eq!(book.addresses(HOME, &wire, DAY), [address(2)]);
    }

    #[test]
    fn what_is_older_than_thirty_days_is_forgotten() {
        let (wire, mut book) = (Wire::default(), Book::default());
        book.correct(HOME, &wire, &heard(&[1], &[], true), DAY);
        assert_eq!(book.addresses(HOME, &wire, 31 * DAY).len(), 1);
        assert!(book.addresses(HOME, &wire, 31 * DAY + 1).is_empty());
        book.correct(CAFE, &wire, &heard(&[2], &[], true), 32 * DAY);
        assert_eq!(book.count(), 1);
        assert_eq!(book.addresses(CAFE, &wire, 0).len(), 1, "the clock was set back");
    }

    #[test]
    fn the_oldest_make_room() {
        let (wire, mut book) = (Wire::default(), Book::default());
        for place in 0..10 {
            let many: Vec<u32> = (0..100).map(|n| place * 100 + n).collect();
            let place_name = format!("10.{place}.0.0/16");
            book.correct(&place_name, &wire, &heard(&many, &[], true), DAY + u64::from(place));
            assert!(book.addresses(&place_name, &wire, DAY).len() == limits::REMEMBERED_MAX);
            assert!(book.count() <= limits::MEMORY_MAX);
        }
        assert!(book.addresses("10.0.0.0/16", &wire, DAY).is_empty());
        let long = Wire { message: "x".repeat(limits::MESSAGE_MAX), ..Wire::default() };
        for place in 0..200 {
            let place_name = format!("10.{place}.0.0/16");
            book.correct(&place_name, &long, &heard(&[place], &[], true), 2 * DAY);
        }
        assert!(book.to_json().len() <= limits::MEMORY_BYTES);
        assert_eq!(book.addresses("10.199.0.0/16", &long, 2 * DAY).len(), 1);
    }
}
