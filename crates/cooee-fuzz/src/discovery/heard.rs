use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use cooee_core::wire::{Codec, Family, Reply};
use cooee_core::{
    AnswerRefusal, Datagram, DiscoveryConfig, Host, Outcome, Rejected, ServerRecord, Trust, limits,
};
use ipnet::IpNet;

/// The answers heard, by server.
pub(super) struct Heard {
    rows: BTreeSet<Row>,
    told: BTreeSet<IpAddr>,
    answered: BTreeSet<(IpAddr, u16)>,
    refused: BTreeSet<(IpAddr, u16)>,
    pub(super) answers: u64,
    pub(super) refusals: u64,
}

/// What makes two answers those of one server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    ThisHost(u16),
    Elsewhere(Option<u32>, IpAddr, u16),
}

impl Heard {
    pub(super) fn new() -> Self {
        Self {
            rows: BTreeSet::new(),
            told: BTreeSet::new(),
            answered: BTreeSet::new(),
            refused: BTreeSet::new(),
            answers: 0,
            refusals: 0,
        }
    }

    pub(super) fn servers(&self) -> usize {
        self.rows.len()
    }

    /// A datagram was taken, upon which a server was found or not.
    pub(super) fn take(
        &mut self,
        config: &DiscoveryConfig,
        own: &[IpNet],
        datagram: &Datagram<'_>,
        found: Option<&ServerRecord>,
    ) {
        let Some((codec, reply)) = reply(config, datagram) else {
            self.refusals += 1;
            assert!(found.is_none(), "found by what is no answer");
            return;
        };
        self.answers += 1;
        self.note_answer(config, datagram.source);
        let port = reply.port.unwrap_or(codec.default_service_port());
        match found {
            Some(server) => {
                check_server(server, datagram, reply, own);
                assert_eq!((server.port, server.protocol), (port, codec.protocol()));
                assert!(self.rows.insert(row(server, own)), "found twice");
            }
            None => {
                let named = [reply.address, datagram.source.ip()];
                let elsewhere = |ip| Row::Elsewhere(datagram.interface, ip, port);
                let is_known = named.into_iter().any(|ip| self.rows.contains(&elsewhere(ip)));
                let is_here = self.rows.contains(&Row::ThisHost(port));
                assert!(is_known || is_here, "a server that is not told of");
            }
        }
    }

    /// If its port was not named, it is the answer of the host that was probed at its address.
    fn note_answer(&mut self, config: &DiscoveryConfig, source: SocketAddr) {
        let at = |port: Option<u16>| {
            move |a: &&SocketAddr| a.ip() == source.ip() && port.is_none_or(|port| a.port() == port)
        };
        let called = || config.hosts.iter().flat_map(|host| &host.addresses);
        let is_named = called().any(|a| at(Some(source.port()))(&a));
        let answered = called().filter(at(is_named.then_some(source.port())));
        self.answered.extend(answered.map(|a| (a.ip(), a.port())));
    }

    /// Whether a server is known that answered without saying more than its address.
    pub(super) fn knows(&self, address: SocketAddr) -> bool {
        let elsewhere = Row::Elsewhere(None, address.ip(), address.port());
        self.rows.contains(&elsewhere) || self.rows.contains(&Row::ThisHost(address.port()))
    }

    /// A sender was told of whose datagram is no answer.
    pub(super) fn reject(
        &mut self,
        config: &DiscoveryConfig,
        datagram: &Datagram<'_>,
        rejected: &Rejected,
    ) {
        assert!(reply(config, datagram).is_none());
        assert_eq!(rejected.source, datagram.source);
        let almost =
            config.codecs.iter().filter_map(|codec| codec.decode_reply(datagram.payload).err());
        let whys: Vec<_> = almost.map(AnswerRefusal::Malformed).collect();
        assert!(whys.contains(&rejected.why) && rejected.is_almost_an_answer());
        assert!(self.told.insert(rejected.source.ip()), "told of twice");
        assert!(self.told.len() <= limits::REJECTED_MAX);
    }

    pub(super) fn refuse(&mut self, destination: SocketAddr) {
        self.refused.insert((destination.ip(), destination.port()));
    }

    /// What the outcome says of the named hosts, and of those that could not be read.
    pub(super) fn check_outcome(&self, config: &DiscoveryConfig, outcome: &Outcome) {
        let answered = |host: &Host| {
            host.addresses.iter().any(|a| self.answered.contains(&(a.ip(), a.port())))
        };
        let spoken = |address: &&SocketAddr| config.speaks(Family::from(**address));
        let refused = |host: &Host| {
            host.addresses.iter().filter(spoken).all(|a| self.refused.contains(&(a.ip(), a.port())))
        };
        let others = || config.hosts.iter().filter(|host| !answered(host));
        let names = |hosts: Vec<&Host>| hosts.into_iter().map(|host| host.name.clone()).collect();
        let silent: Vec<String> = names(others().filter(|host| !refused(host)).collect());
        let refused: Vec<String> = names(others().filter(|host| refused(host)).collect());
        assert_eq!((&outcome.silent, &outcome.refused), (&silent, &refused));
        let estimate = outcome.estimate;
        assert!(estimate.is_none_or(|estimate| estimate.unseen >= outcome.silent.len() as f64));

        assert!(outcome.rejected.len() <= limits::REJECTED_MAX);
        let senders: BTreeSet<_> = outcome.rejected.iter().map(|it| it.source.ip()).collect();
        assert_eq!(senders.len(), outcome.rejected.len(), "one sender twice");
        assert!(self.told.is_subset(&senders));
        for rejected in &outcome.rejected {
            assert!(rejected.excerpt.len() <= limits::EXCERPT_MAX);
            assert!(rejected.excerpt.bytes().all(|b| b == b' ' || b.is_ascii_graphic()));
            let told = self.told.contains(&rejected.source.ip());
            assert_eq!(told, rejected.is_almost_an_answer());
        }
    }
}

/// What a datagram answers, if it is an answer from where one may come from.
fn reply<'a>(config: &'a DiscoveryConfig, datagram: &Datagram<'_>) -> Option<(&'a Codec, Reply)> {
    let source = datagram.source;
    if source.port() == 0 || !may_be_a_host(source.ip()) || !config.speaks(Family::from(source)) {
        return None;
    }
    let read = |codec: &'a Codec| Some((codec, codec.decode_reply(datagram.payload).ok()?));
    config.codecs.iter().find_map(read)
}

fn may_be_a_host(ip: IpAddr) -> bool {
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    !ip.is_unspecified() && !ip.is_multicast() && !is_broadcast
}

fn is_own(ip: IpAddr, own: &[IpNet]) -> bool {
    own.iter().any(|net| net.addr() == ip)
}

fn row(server: &ServerRecord, own: &[IpNet]) -> Row {
    if server.this_host && is_own(server.ip, own) {
        Row::ThisHost(server.port)
    } else {
        Row::Elsewhere(server.interface, server.ip, server.port)
    }
}

fn check_server(server: &ServerRecord, datagram: &Datagram<'_>, reply: Reply, own: &[IpNet]) {
    let source = datagram.source.ip();
    let is_here = |ip: IpAddr| ip.is_loopback() || is_own(ip, own);
    assert_ne!(server.port, 0);
    assert_eq!(server.raw, datagram.payload);
    assert_eq!((server.source, server.interface), (datagram.source, datagram.interface));
    assert!(may_be_a_host(server.ip));
    let is_possible =
        may_be_a_host(reply.address) && (!reply.address.is_loopback() || is_here(source));
    match server.claimed {
        Some(claimed) => assert!(claimed == reply.address && server.ip == source && !is_possible),
        None => assert!(server.ip == reply.address && is_possible),
    }
    assert_eq!(server.this_host, is_here(source) && is_here(server.ip));
    let is_senders = server.ip == source || server.this_host;
    assert_eq!(server.trust == Trust::MatchesSource, is_senders);
    assert!(server.other_addresses.is_empty());
}
