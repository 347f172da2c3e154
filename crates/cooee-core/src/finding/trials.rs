use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::{Reach, Trust};

/// What came of the experiments of a doctor. What was not tried is left empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Trials {
    /// The calls of this host to itself.
    pub own_calls: Vec<OwnCall>,
    /// The services of the servers that answered.
    pub services: Vec<ServiceTried>,
    /// The named addresses on a link that no host there answers ARP for.
    pub absent: Vec<IpAddr>,
    /// The routers that answer ARP.
    pub routers_there: Vec<IpAddr>,
    /// Routes into a tunnel that take datagrams for a network of this host.
    pub tunnels: Vec<TunnelRoute>,
    /// The processes that share the port on this host, if there are several.
    pub port_sharers: Vec<String>,
    /// The processes that share the port of multicast DNS on this host.
    pub mdns_sharers: Vec<String>,
    /// The test exchanges with peers.
    pub exchanges: Vec<Exchanged>,
}

/// A call of this host to itself, over one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCall {
    /// The name of the interface.
    pub interface: String,
    /// Whether it arrived, sent to the address of the interface.
    pub unicast: bool,
    /// Whether it arrived, sent to the broadcast address.
    pub broadcast: bool,
}

/// A connection to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTried {
    /// The address that the answer names.
    pub address: SocketAddr,
    /// Where the answer came from.
    pub source: IpAddr,
    /// Whether the two are the same.
    pub trust: Trust,
    /// How this host gets to the address.
    pub reach: Reach,
    /// Whether the answer names the port.
    pub names_port: bool,
    /// What came of it.
    pub connection: Connection,
}

/// What came of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Connection {
    /// It was accepted.
    Accepted,
    /// It was refused: the host is there, and nothing listens.
    Refused,
    /// Nothing came back, or no route leads there.
    Nothing,
}

/// A route into a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelRoute {
    /// The name of the tunnel's interface.
    pub tunnel: String,
    /// Which addresses it takes.
    pub destination: IpNet,
    /// The network of this host that they are part of.
    pub network: IpNet,
}

/// A test exchange with a peer, called once by unicast and once by broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchanged {
    /// The peer.
    pub peer: IpAddr,
    /// The interface on whose link it is, for link-local addresses of IPv6.
    pub zone: Option<String>,
    /// Whether a call by broadcast was sent to its network, or to the group on its link.
    pub on_link: bool,
    /// Whether it answered a probe.
    pub answers_probes: bool,
    /// Whether it answered a test call by unicast at all. Only a server that is started with
    /// `--doctor` does, or `cooee doctor --listen`.
    pub takes_part: bool,
    /// Whether it says that a server runs there. `cooee doctor --listen` is none.
    pub is_server: bool,
    /// Whether it heard the test call by broadcast.
    pub hears_broadcast: bool,
    /// Whether a unicast answer to the broadcast arrived over its link, from one of its addresses or
    /// of another host there: so this host lets such answers in.
    pub answer_to_broadcast: bool,
    /// Whether its own broadcast arrived.
    pub its_broadcast: bool,
}

impl Exchanged {
    /// Nothing came back from `peer`.
    pub fn nothing(peer: IpAddr, on_link: bool, answers_probes: bool) -> Self {
        Self {
            peer,
            zone: None,
            on_link,
            answers_probes,
            takes_part: false,
            is_server: false,
            hears_broadcast: false,
            answer_to_broadcast: false,
            its_broadcast: false,
        }
    }

    /// The peer as people name it, such as `fe80::7%eth0`.
    pub fn name(&self) -> String {
        match &self.zone {
            Some(zone) => format!("{}%{zone}", self.peer),
            None => self.peer.to_string(),
        }
    }

    /// Whether the peer is on a link of this host, says that no server runs there, and a broadcast
    /// and the answer to it get through: so the silence is no fault of the network. One beyond a
    /// router says nothing of the servers here.
    pub fn explains_silence(&self) -> bool {
        let broadcasts = self.hears_broadcast && self.answer_to_broadcast;
        self.on_link && self.takes_part && !self.is_server && broadcasts
    }
}
