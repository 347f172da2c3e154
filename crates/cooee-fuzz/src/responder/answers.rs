use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use cooee_core::interface::LinkKind;
use cooee_core::wire::QueryError;
use cooee_core::{Datagram, SocketId, Transmit};

use super::host::Host;

/// A probe that is answered, or will be when a question is.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    pub(super) source: SocketAddr,
    socket: SocketId,
    /// The protocol, by its position.
    protocol: usize,
    called: Option<IpAddr>,
    arrived_by: Option<u32>,
    /// The interface to answer by if there is no route.
    pub(super) arrival_interface: Option<u32>,
    /// The host when the answer was decided on.
    pub(super) host: Rc<Host>,
    pub(super) route: Option<IpAddr>,
    pub(super) without_route: bool,
}

impl Probe {
    /// The probe that a datagram is in the first protocol in which it is one.
    pub(super) fn new(host: &Rc<Host>, datagram: &Datagram<'_>) -> Option<Self> {
        let is_query =
            |payload| host.config.codecs.iter().position(|c| c.decode_query(payload).is_ok());
        Some(Self {
            source: datagram.source,
            socket: datagram.socket,
            protocol: is_query(datagram.payload)?,
            called: datagram.destination,
            arrived_by: datagram.interface,
            arrival_interface: host.arrival_interface(datagram),
            host: Rc::clone(host),
            route: None,
            without_route: false,
        })
    }

    /// Its way here.
    pub(super) fn datagram(&self) -> Datagram<'static> {
        Datagram {
            destination: self.called,
            interface: self.arrived_by,
            ..Datagram::new(self.source, b"")
        }
    }

    /// Whether the protocol can name what an answer would have to.
    pub(super) fn can_be_answered(&self) -> bool {
        self.route.is_some() || self.without_route || self.host.can_be_named()
    }

    /// An answer names an address that somebody said is ours, goes back where the probe came from,
    /// and is no probe.
    pub(super) fn check_answer(&self, transmit: &Transmit) {
        assert_eq!((transmit.destination, transmit.socket), (self.source, self.socket));
        let codec = &self.host.config.codecs[self.protocol];
        assert_eq!(codec.decode_query(&transmit.payload), Err(QueryError::Reply));
        for other in &self.host.config.codecs {
            assert!(other.decode_query(&transmit.payload).is_err());
        }
        let reply = codec.decode_reply(&transmit.payload).expect("an answer");
        assert_eq!(codec.encode_reply(&reply), Some(transmit.payload.clone()));
        assert_eq!(reply.port, self.host.config.service_port);
        self.check_named(reply.address);
        self.check_way(transmit);
    }

    fn check_named(&self, named: IpAddr) {
        let asker = self.source.ip();
        let mut own = self.host.own();
        if let Some(route) = self.route {
            assert_eq!(named, route);
        } else if let Some(fixed) = self.host.fixed().filter(|_| !self.without_route) {
            assert_eq!(named, fixed);
        } else if self.without_route {
            assert!(own.any(|(it, net)| {
                Some(it.index) == self.arrival_interface && net.addr() == named
            }));
        } else {
            let is_near =
                |net: ipnet::Ipv4Net| matches!(asker, IpAddr::V4(ip) if net.contains(&ip));
            if own.any(|(_, net)| is_near(net)) {
                assert!(self.host.own().any(|(_, net)| net.addr() == named && is_near(net)));
            } else {
                assert_eq!(self.called, Some(named), "an address that nobody called");
            }
        }
    }

    fn check_way(&self, transmit: &Transmit) {
        let is_bound = |from| self.host.bound() == Some(from);
        let is_called = |from| Some(from) == self.called && self.host.is_own(from);
        let may_leave_from = |from: IpAddr| {
            let ours = self.host.own().any(|(_, net)| net.addr() == from) || is_called(from);
            Some(from) == self.route
                || is_bound(from)
                || ours && !self.is_broadcast_of_another(from)
        };
        assert!(transmit.source.is_none_or(may_leave_from));
        match transmit.interface {
            None => assert!(!self.without_route),
            Some(index) => {
                let mut own = self.host.own();
                assert!(own.any(|(it, _)| it.index == index && it.kind != LinkKind::Loopback));
                assert!(!self.without_route || Some(index) == self.arrival_interface);
            }
        }
    }

    fn is_broadcast_of_another(&self, from: IpAddr) -> bool {
        self.host.is_broadcast(from) && !self.host.own().any(|(_, net)| net.addr() == from)
    }
}
