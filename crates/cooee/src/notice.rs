//! What a running responder reports.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use cooee_core::announced::PublishedService;
use cooee_core::finding::Finding;
use cooee_core::{Counters, OfferRefusal};
use cooee_udp::{Ahead, Owner};

pub(crate) type Observer = Arc<dyn Fn(&Notice) + Send + Sync>;

/// The state of a responder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It has the port and answers.
    Answering {
        /// The address that it answers on.
        local_addr: SocketAddr,
    },
    /// It waits, since another process has the port.
    StandingBy {
        /// The process that has the port, if the system reports it.
        owner: Option<Owner>,
        /// Whether that process uses this library too.
        ahead: Ahead,
        /// Whether that process answers for this service meanwhile, so that clients find it.
        is_answered_for: bool,
    },
    /// It has not started, or has ended.
    Stopped,
}

impl State {
    /// Whether it is the same but for who answers meanwhile, of which there are notices of their own.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::StandingBy { owner, ahead, .. },
                Self::StandingBy { owner: other_owner, ahead: other_ahead, .. },
            ) => (owner, ahead) == (other_owner, other_ahead),
            _ => self == other,
        }
    }

    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Answering { local_addr } => Some(*local_addr),
            Self::StandingBy { .. } | Self::Stopped => None,
        }
    }
}

/// Probes received, answered and refused since start, and what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Datagrams received, answered, and refused by reason. Of the answers, `send_failures` were
    /// not sent.
    pub counters: Counters,
    /// Answers that the system refused to send.
    pub send_failures: u64,
    /// Attempts to receive that failed.
    pub receive_failures: u64,
    /// Datagrams that the kernel dropped because the receive buffer was full, if it reports them.
    pub kernel_drops: u64,
    /// How often the host's interfaces changed.
    pub interface_changes: u64,
}

/// Something that happened to a responder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Its state changed.
    State(State),
    /// It answered a probe.
    Answered {
        /// The client.
        asker: SocketAddr,
        /// The answer as it was sent. It is text if the prefix is text.
        answer: Bytes,
        /// The address that the answer left from; `None` if the system chose it.
        from: Option<IpAddr>,
    },
    /// The host's interfaces or addresses changed.
    InterfacesChanged,
    /// A source exceeded the rate limit, and its probes were refused. Reported once a minute for
    /// each source.
    Insistent {
        /// The source.
        source: IpAddr,
        /// How many of its probes were refused since the last report.
        refused: u64,
    },
    /// Processes that stand by offer other services than before.
    OffersChanged {
        /// How many services it answers for, its own included.
        services: usize,
    },
    /// The process that has the port answers for this service from now on.
    OfferTaken,
    /// The process that has the port does not answer for this service.
    OfferRefused(OfferRefusal),
    /// A probe was not answered, since nothing listens on the port of the service
    /// ([`Responder::require_listener`](crate::Responder::require_listener)). Reported once.
    NotListening {
        /// The port of the service.
        port: u16,
    },
    /// It answers over IPv6 too; told at the start, and when that changes.
    OverIpv6 {
        /// Its link-local and unique-local addresses, each with the name of the interface; those of
        /// containers on this host are left out. Empty if it has none any more.
        addresses: Vec<(IpAddr, String)>,
    },
    /// It is announced by DNS-SD ([`Responder::name`](crate::Responder::name)) on every link.
    Announced {
        /// The name of its instances, which is another than was asked for if that was taken, or has a
        /// dot or a backslash: `v1-0` for `v1.0`.
        name: String,
        /// The name of its host, such as `workshop.local`.
        host: String,
        /// What is announced.
        services: Vec<PublishedService>,
    },
    /// Another host has its name, so it is announced under the next one (RFC 6762 section 9).
    Renamed {
        /// The name of its instances that is taken, or as it was.
        before: String,
        /// The name of its host that is taken, or as it was.
        host_before: String,
        /// The name of its instances from now on.
        name: String,
        /// The name of its host from now on.
        host: String,
    },
    /// It could not be announced on an interface. That is tried again.
    NotAnnounced {
        /// The name of the interface.
        interface: String,
        /// Why, as far as it is known.
        why: String,
    },
    /// Something keeps clients from finding this server. Each is reported once, at the start, when
    /// interfaces change or when it is met, and again only if it was gone meanwhile.
    Finding(Finding),
    /// It is alive. Sent as often as [`Responder::pulse`](crate::Responder::pulse) says.
    Pulse,
}
