use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::time::Instant;

use cooee_core::interface::Interface;
use cooee_core::wire::Query;
use cooee_core::{DiscoveryConfig, NeighbourRoom, Swept, Transmit, limits};
use ipnet::IpNet;

/// A sweep, as it was promised.
pub(super) struct Sweep {
    port: u16,
    probes: Vec<Vec<u8>>,
    own: Vec<IpNet>,
    start: Instant,
    addresses: Vec<IpAddr>,
    /// How often each address is called in a pass.
    times: BTreeMap<IpAddr, u64>,
    next: usize,
    unsent: VecDeque<IpAddr>,
    /// The probes that reached each address, and how many of the addresses were reached.
    reached_by: BTreeMap<IpAddr, u64>,
    reached: u64,
    calls: u32,
    /// The calls that may wait for a neighbour, as long as the system did not say how many do.
    waiting: VecDeque<Instant>,
    reading: Option<Reading>,
    /// Whether nothing held it up: every probe left, and nobody said that neighbours are waiting.
    pub(super) undisturbed: bool,
}

struct Reading {
    at: Instant,
    room: NeighbourRoom,
    called_since: u32,
}

impl Sweep {
    pub(super) fn new(config: &DiscoveryConfig, interfaces: &[Interface], start: Instant) -> Self {
        let own: Vec<IpNet> =
            interfaces.iter().flat_map(|it| it.addresses.iter().copied()).collect();
        let nearest = |net: &IpNet| nearest_first(net, &own);
        let addresses: Vec<IpAddr> = config.sweep.iter().flat_map(nearest).collect();
        let mut times = BTreeMap::new();
        for &address in &addresses {
            *times.entry(address).or_default() += 1;
        }
        let probes = config.codecs.iter().map(|codec| codec.encode_query(Query::Discover).to_vec());
        Self {
            port: config.port,
            probes: probes.collect(),
            own,
            start,
            addresses,
            times,
            next: 0,
            unsent: VecDeque::new(),
            reached_by: BTreeMap::new(),
            reached: 0,
            calls: 0,
            waiting: VecDeque::new(),
            reading: None,
            undisturbed: true,
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.addresses.is_empty()
    }

    /// Takes what a sweep sent at once: each address that is due, once in each protocol.
    pub(super) fn check(&mut self, now: Instant, sent: &[&Transmit]) {
        for probes in sent.chunks(self.probes.len()) {
            let address = self.due();
            for (probe, payload) in probes.iter().zip(&self.probes) {
                assert_eq!(probe.destination, (address, self.port).into());
                assert_eq!((probe.interface, probe.source), (None, None));
                assert_eq!(probe.payload, payload);
            }
            assert_eq!(probes.len(), self.probes.len());
            assert!(now - self.start >= limits::SWEEP_PACE * self.calls, "too fast");
            self.calls += 1;
            self.check_room(now, address);
            for _ in probes {
                self.reach(address);
            }
        }
    }

    /// The next address: one that was handed back, or else the next of the networks, which come
    /// round again.
    fn due(&mut self) -> IpAddr {
        self.unsent.pop_front().unwrap_or_else(|| {
            let address = self.addresses[self.next % self.addresses.len()];
            self.next += 1;
            address
        })
    }

    fn check_room(&mut self, now: Instant, address: IpAddr) {
        if !self.own.iter().any(|net| net.contains(&address)) {
            return;
        }
        let most = limits::NEIGHBOURS_WAITING;
        self.reading.take_if(|reading| now - reading.at >= limits::NEIGHBOUR_WAIT);
        if let Some(Reading { room, called_since, .. }) = &mut self.reading {
            let places = room.free.saturating_add(room.waiting);
            assert!(room.waiting + *called_since < most.min(places / 2).max(1));
            *called_since += 1;
        } else {
            let is_over = |since: &Instant| now - *since >= limits::NEIGHBOUR_WAIT;
            while self.waiting.front().is_some_and(is_over) {
                self.waiting.pop_front();
            }
            self.waiting.push_back(now);
            assert!(self.waiting.len() <= most as usize, "too many wait for neighbours");
        }
    }

    fn reach(&mut self, address: IpAddr) {
        let probes = self.reached_by.entry(address).or_default();
        *probes += 1;
        if *probes == 1 {
            self.reached += self.times[&address];
        }
    }

    /// A probe could not be sent.
    pub(super) fn take_back(&mut self, transmit: &Transmit) {
        let address = transmit.destination.ip();
        if !self.unsent.contains(&address) {
            self.unsent.push_back(address);
        }
        self.undisturbed = false;
        let probes = self.reached_by.entry(address).or_default();
        *probes -= 1;
        if *probes == 0 {
            self.reached -= self.times[&address];
        }
    }

    pub(super) fn relocate(&mut self, interfaces: &[Interface]) {
        self.own = interfaces.iter().flat_map(|it| it.addresses.iter().copied()).collect();
    }

    pub(super) fn read(&mut self, now: Instant, room: NeighbourRoom) {
        self.reading = Some(Reading { at: now, room, called_since: 0 });
        self.waiting.clear();
        self.undisturbed = false;
    }

    pub(super) fn check_swept(&self, swept: Option<Swept>) {
        assert_eq!(swept.is_some(), self.is_wanted());
        if let Some(swept) = swept {
            assert_eq!(swept.of, self.addresses.len() as u64);
            assert!(swept.called <= swept.of);
            assert!(swept.called <= self.reached, "an address that no probe reached");
            assert!(swept.pass_takes >= limits::SWEEP_PACE * self.addresses.len() as u32);
        }
    }

    /// Whether each address was called.
    pub(super) fn is_through(&self) -> bool {
        self.reached == self.addresses.len() as u64
    }
}

/// The hosts of a network, those first that are nearest to the first of our addresses in it.
fn nearest_first(net: &IpNet, own: &[IpNet]) -> Vec<IpAddr> {
    let mut hosts: Vec<IpAddr> = net.hosts().collect();
    let ours = own.iter().map(IpNet::addr).find(|own| hosts.contains(own));
    if let Some(own) = ours {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(it) => it.to_bits().into(),
            IpAddr::V6(it) => it.to_bits(),
        };
        hosts.sort_by_key(|&host| (bits(host).abs_diff(bits(own)), host < own));
    }
    hosts
}
