use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use cooee_core::interface::Interface;
use cooee_core::wire::{Family, Query};
use cooee_core::{DiscoveryConfig, Target, Transmit};

/// The rounds in which hosts and broadcast targets are called, as they were promised.
pub(super) struct Rounds {
    probes: Vec<Vec<u8>>,
    /// The addresses of hosts that a protocol can be spoken to.
    hosts: Vec<SocketAddr>,
    interfaces: Vec<Interface>,
    targets: Vec<Target>,
    of_hosts: u32,
    of_targets: u32,
    pub(super) last: Option<Instant>,
    /// Whether there was somebody to call all the time.
    pub(super) never_idle: bool,
}

impl Rounds {
    pub(super) fn new(
        config: &DiscoveryConfig,
        interfaces: &[Interface],
        targets: Vec<Target>,
    ) -> Self {
        let spoken = |address: &SocketAddr| config.speaks(Family::from(*address));
        let addresses = config.hosts.iter().flat_map(|host| host.addresses.iter().copied());
        let hosts: Vec<_> = addresses.filter(spoken).collect();
        let probes = config.codecs.iter().map(|codec| codec.encode_query(Query::Discover).to_vec());
        Self {
            probes: probes.collect(),
            never_idle: !hosts.is_empty() || !targets.is_empty(),
            hosts,
            interfaces: interfaces.to_vec(),
            targets,
            of_hosts: 0,
            of_targets: 0,
            last: None,
        }
    }

    pub(super) fn retarget(&mut self, interfaces: &[Interface], targets: Vec<Target>) {
        self.interfaces = interfaces.to_vec();
        self.targets = targets;
        self.never_idle &= !self.hosts.is_empty() || !self.targets.is_empty();
    }

    /// How many rounds there were in which somebody was called.
    pub(super) fn count(&self) -> u32 {
        self.of_hosts.max(self.of_targets)
    }

    pub(super) fn of_targets(&self) -> u32 {
        self.of_targets
    }

    /// Whether everybody on a link is called, or was.
    pub(super) fn have_called_everybody(&self) -> bool {
        !self.targets.is_empty() || self.of_targets > 0
    }

    /// Takes all that was sent at once, but for what a sweep sent: nothing, or one round, which
    /// calls each host and each target once in each protocol.
    pub(super) fn check(&mut self, now: Instant, sent: &[&Transmit]) {
        if sent.is_empty() {
            return;
        }
        let round = self.of_targets + 1;
        let hosts = self.hosts.iter().map(|&address| (address, None));
        let called = |target: &&Target| round.is_multiple_of(2) || !is_everybody(target);
        let targets = self.targets.iter().filter(called);
        let targets = targets.map(|target| (target.destination(), target.interface()));
        let expected: Vec<_> = hosts
            .chain(targets)
            .flat_map(|(to, by)| self.probes.iter().map(move |probe| (to, by, &probe[..])))
            .collect();
        let found: Vec<_> =
            sent.iter().map(|t| (t.destination, t.interface, &t.payload[..])).collect();
        assert_eq!(found, expected, "round {round}");
        sent.iter().for_each(|transmit| self.check_source(transmit));
        self.of_hosts += u32::from(!self.hosts.is_empty());
        self.of_targets += u32::from(!self.targets.is_empty());
        self.last = Some(now);
    }

    /// A probe that leaves by an interface leaves from one of its addresses.
    fn check_source(&self, transmit: &Transmit) {
        match (transmit.interface, transmit.source) {
            (Some(by), Some(source)) => {
                let it = self.interfaces.iter().find(|it| it.index == by).expect("one of ours");
                assert!(it.addresses.iter().any(|net| net.addr() == source));
            }
            (by, source) => assert!(by.is_none() && source.is_none()),
        }
    }
}

/// Whether a target reaches everybody on a link, whose networks are called by themselves.
fn is_everybody(target: &Target) -> bool {
    target.destination().ip() == IpAddr::V4(Ipv4Addr::BROADCAST)
}
