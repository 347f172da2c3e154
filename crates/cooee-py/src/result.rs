//! What Python gets to see, but for what is found.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cooee::interface::{self, LinkKind, LinkState};
use cooee::{Ahead, Notice, State};

use crate::findings::Finding;
use crate::record::record;
use crate::tuple::Tuple;

/// Address and port.
pub(crate) type Address = (String, u16);

record! {
    /// One network interface.
    Interface {
        /// The system's name for it.
        name: String,
        /// The system's number for it.
        index: u32,
        /// What kind of link it is: `broadcast`, `loopback` or `point-to-point`.
        kind: String,
        /// Whether it is up.
        up: bool,
        /// Its own addresses with the prefix length of their networks, such as `10.0.0.1/24`.
        addresses: Vec<String>,
        /// The IPv4 broadcast address of each of its networks that has one.
        broadcasts: Vec<String>,
    }
}

record! {
    /// A network that is probably cut into segments which a broadcast does not cross.
    SegmentedNetwork {
        /// The name of the interface on it.
        interface: String,
        /// The interface's address with the prefix length it is configured with.
        address: String,
        /// The part of the network that a broadcast is likely to reach.
        likely_reach: String,
        /// How many such parts the network has.
        segments: u32,
    }
}

record! {
    /// A process that has a port.
    Owner {
        /// Its process number.
        pid: u32,
        /// Its name, where the system tells.
        name: Option<String>,
    }
}

record! {
    /// What a responder has done since it started.
    Stats {
        /// Datagrams of any kind.
        received: u64,
        /// Probes answered.
        answered: u64,
        /// Answers given: one for each service that a probe was answered for.
        answers: u64,
        /// Answers held back though the probe was answered for another service.
        held_back: u64,
        /// Datagrams that were not answered, by reason; reasons that did not occur are left out.
        refused: BTreeMap<String, u64>,
        /// Answers that the system refused to send.
        send_failures: u64,
        /// Attempts to receive that failed.
        receive_failures: u64,
        /// Datagrams that the kernel dropped because the receive buffer was full, where it tells.
        kernel_drops: u64,
        /// How often the host's interfaces were read again because they had changed.
        interface_changes: u64,
    }
}

record! {
    /// Something that a responder did or met. Fields that do not go with the kind are `None`.
    Event {
        /// `answering`, `standing-by`, `stopped`, `answered`, `interfaces-changed`, `insistent`,
        /// `offers-changed`, `offer-taken`, `offer-refused`, `not-listening`, `announced`, `renamed`,
        /// `not-announced` or `finding`.
        kind: String,
        /// Answering: where.
        local_address: Option<Address>,
        /// Standing by: whether `cooee`, a `foreign` program or an `unknown` one is ahead.
        ahead: Option<String>,
        /// Standing by: who has the port, where the system tells.
        owner: Option<Owner>,
        /// Answered: who asked.
        asker: Option<Address>,
        /// Answered: the answer's text.
        answer: Option<String>,
        /// Answered: the address that the answer left from, unless the system chose it. Insistent:
        /// the address that asks too often.
        source: Option<String>,
        /// Insistent: how many of its probes were refused since the last such event.
        refused: Option<u64>,
        /// Standing by: whether the process that has the port answers for this service.
        answered_for: Option<bool>,
        /// Offers changed: how many services this process answers for, its own included.
        services: Option<usize>,
        /// Offer refused: why the process that has the port does not answer for this service. Not
        /// announced: the interface, and why.
        why: Option<String>,
        /// Not listening: the port of the service, on which nothing listens.
        service_port: Option<u16>,
        /// Finding: what keeps clients from finding this server.
        finding: Option<Finding>,
        /// Announced, or renamed since another host has the name: the name that it is announced under.
        name: Option<String>,
        /// Announced or renamed: the name of its host, such as workshop.local.
        host: Option<String>,
        /// Announced: the type and port of each service, such as `_http._tcp` and 8000. They may be those
        /// of another process, which stands by.
        announced: Option<Tuple<(String, u16)>>,
    }
}

pub(crate) fn address(of: SocketAddr) -> Address {
    (of.ip().to_string(), of.port())
}

pub(crate) fn ahead(ahead: Ahead) -> &'static str {
    match ahead {
        Ahead::Ours => "cooee",
        Ahead::Foreign => "foreign",
        Ahead::Unknown => "unknown",
    }
}

pub(crate) fn state(state: &State) -> &'static str {
    match state {
        State::Answering { .. } => "answering",
        State::StandingBy { .. } => "standing-by",
        _ => "stopped",
    }
}

/// How often each reason occurred; those that did not are left out.
pub(crate) fn counts<N: ToString>(
    counts: impl IntoIterator<Item = (N, u64)>,
) -> BTreeMap<String, u64> {
    let occurred = counts.into_iter().filter(|&(_, count)| count > 0);
    occurred.map(|(reason, count)| (reason.to_string(), count)).collect()
}

impl From<interface::Interface> for Interface {
    fn from(interface: interface::Interface) -> Self {
        let broadcasts = match interface.kind {
            LinkKind::Broadcast => {
                interface.ipv4().filter_map(interface::broadcast_address).collect()
            }
            _ => Vec::new(),
        };
        Self {
            kind: interface.kind.as_str().into(),
            index: interface.index,
            up: interface.state == LinkState::Up,
            addresses: interface.addresses.iter().map(ToString::to_string).collect(),
            broadcasts: broadcasts.iter().map(ToString::to_string).collect(),
            name: interface.name,
        }
    }
}

impl From<interface::SegmentedNetwork> for SegmentedNetwork {
    fn from(network: interface::SegmentedNetwork) -> Self {
        Self {
            interface: network.interface,
            address: network.address.to_string(),
            likely_reach: network.likely_reach.to_string(),
            segments: network.segments,
        }
    }
}

impl From<cooee::Owner> for Owner {
    fn from(owner: cooee::Owner) -> Self {
        Self { pid: owner.pid, name: owner.name }
    }
}

impl From<cooee::Stats> for Stats {
    fn from(stats: cooee::Stats) -> Self {
        let refused = stats.counters.refusals().map(|(why, count)| (why.as_str(), count));
        Self {
            received: stats.counters.received,
            answered: stats.counters.answered,
            answers: stats.counters.answers,
            held_back: stats.counters.held_back,
            refused: counts(refused),
            send_failures: stats.send_failures,
            receive_failures: stats.receive_failures,
            kernel_drops: stats.kernel_drops,
            interface_changes: stats.interface_changes,
        }
    }
}

impl Event {
    fn of(kind: &str) -> Self {
        Self {
            kind: kind.into(),
            local_address: None,
            ahead: None,
            owner: None,
            asker: None,
            answer: None,
            source: None,
            refused: None,
            answered_for: None,
            services: None,
            why: None,
            service_port: None,
            finding: None,
            name: None,
            host: None,
            announced: None,
        }
    }

    /// The event for a notice; `None` for a kind of notice that Python has no event for.
    pub(crate) fn from_notice(notice: &Notice) -> Option<Self> {
        Some(match notice {
            Notice::State(now) => Self::from_state(now),
            Notice::Answered { asker, answer, from } => Self {
                asker: Some(address(*asker)),
                answer: Some(String::from_utf8_lossy(answer).into_owned()),
                source: from.map(|from| from.to_string()),
                ..Self::of("answered")
            },
            Notice::InterfacesChanged => Self::of("interfaces-changed"),
            Notice::Insistent { source, refused } => Self {
                source: Some(source.to_string()),
                refused: Some(*refused),
                ..Self::of("insistent")
            },
            Notice::OffersChanged { services } => {
                Self { services: Some(*services), ..Self::of("offers-changed") }
            }
            Notice::OfferTaken => Self::of("offer-taken"),
            Notice::OfferRefused(why) => {
                Self { why: Some(why.to_string()), ..Self::of("offer-refused") }
            }
            Notice::NotListening { port } => {
                Self { service_port: Some(*port), ..Self::of("not-listening") }
            }
            Notice::Announced { name, host, services } => Self {
                announced: Some(
                    services.iter().map(|it| (it.service.to_string(), it.port)).collect(),
                ),
                ..Self::named("announced", name, host)
            },
            Notice::Renamed { name, host, .. } => Self::named("renamed", name, host),
            Notice::NotAnnounced { interface, why } => {
                Self { why: Some(format!("{interface}: {why}")), ..Self::of("not-announced") }
            }
            Notice::Finding(finding) => {
                Self { finding: Some(finding.into()), ..Self::of("finding") }
            }
            _ => return None,
        })
    }

    fn named(kind: &str, name: &str, host: &str) -> Self {
        Self { name: Some(name.into()), host: Some(host.into()), ..Self::of(kind) }
    }

    fn from_state(now: &State) -> Self {
        let event = Self::of(state(now));
        match now {
            State::Answering { local_addr } => {
                Self { local_address: Some(address(*local_addr)), ..event }
            }
            State::StandingBy { owner, ahead: who, is_answered_for } => Self {
                answered_for: Some(*is_answered_for),
                ahead: Some(ahead(*who).into()),
                owner: owner.clone().map(Owner::from),
                ..event
            },
            _ => event,
        }
    }
}
