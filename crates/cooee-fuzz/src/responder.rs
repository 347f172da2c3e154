//! The answering side under random operations, in virtual time.
//!
//! An input is how the responder is configured, and then operations, until it is used up. After
//! each the responder is drained, and its promises are checked against a model of them.

mod model;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU8;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::wire::classic::Classic;
use cooee_core::{Advertise, AnswerPolicy, RateLimit, Responder, ResponderConfig};
use ipnet::Ipv4Net;

use crate::network::{self, Address, Present};
use crate::operation::{Arrival, Texts};
use model::Model;

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Policy {
    OnLink,
    Private,
    Any,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Rate {
    Default,
    Off,
    PerSource(NonZeroU8),
}

#[derive(Debug, Clone, Arbitrary)]
struct Setup {
    policy: Policy,
    rate: Rate,
    advertise: Option<Address>,
    service_port: Option<u16>,
    allow: Option<(Address, u8)>,
    short_texts: bool,
    present: Present,
}

impl Setup {
    fn config(&self) -> ResponderConfig {
        let texts = self.texts();
        let classic = Classic::new(texts.message.to_vec(), texts.prefix.to_vec());
        let allow = |(Address(ip), bits)| Ipv4Net::new(ip, bits % 33).expect("up to 32 bits");
        ResponderConfig {
            classic: classic.expect("texts within their bounds"),
            service_port: self.service_port,
            advertise: self.advertise.map_or(Advertise::Auto, |ip| Advertise::Address(ip.0)),
            policy: match self.policy {
                Policy::OnLink => AnswerPolicy::OnLink,
                Policy::Private => AnswerPolicy::Private,
                Policy::Any => AnswerPolicy::Any,
            },
            allow: self.allow.map(allow).into_iter().collect(),
            rate_limit: match self.rate {
                Rate::Default => RateLimit::default(),
                Rate::Off => RateLimit::Off,
                Rate::PerSource(n) => RateLimit::PerSource(n.into()),
            },
        }
    }

    /// The default texts, or such of which every answer is almost a probe.
    fn texts(&self) -> Texts<'static> {
        if self.short_texts {
            Texts { message: b"1", prefix: b"" }
        } else {
            Texts { message: b"DISCOVER_SERVER", prefix: b"SERVER_IP:" }
        }
    }
}

#[derive(Debug, Clone, Arbitrary)]
enum Operation<'a> {
    Arrival(Arrival<'a>),
    /// The same again, this many times; if that is an odd number, each from the next address.
    Flood(Arrival<'a>, u8),
    WaitMs(u16),
    Interfaces(Present),
    /// How the system answers to the oldest question for a route.
    Route(Option<Address>),
    /// Questions for a route are from now on answered at once, with this.
    RouteAtOnce(Option<Address>),
    /// An answer to a question that was perhaps never asked.
    RouteOf(Address, Option<Address>),
}

/// Takes one input.
///
/// # Panics
/// When the responder breaks a promise.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(setup) = Setup::arbitrary(&mut input) else { return };
    let config = setup.config();
    let mut now = network::start();
    let interfaces = setup.present.interfaces();
    let Ok(responder) = Responder::new(config.clone(), &interfaces, 1, now) else {
        assert!(config.check().is_err());
        return;
    };
    let mut model = Model::new(config, responder, interfaces);
    while !input.is_empty() {
        let Ok(operation) = Operation::arbitrary(&mut input) else { return };
        match operation {
            Operation::Arrival(arrival) => {
                let payload = arrival.payload(setup.texts());
                model.datagram(now, &arrival.datagram(&payload));
            }
            Operation::Flood(arrival, times) => {
                let payload = arrival.payload(setup.texts());
                for nth in 0..times {
                    let mut datagram = arrival.datagram(&payload);
                    if times % 2 == 1 {
                        datagram.source.set_ip(nth_after(datagram.source.ip(), nth));
                    }
                    model.datagram(now, &datagram);
                }
            }
            Operation::WaitMs(ms) => now += Duration::from_millis(ms.into()),
            Operation::Interfaces(present) => model.interfaces(present.interfaces()),
            Operation::Route(route) => model.oldest_route(route.map(ip)),
            Operation::RouteAtOnce(route) => model.routes_at_once(route.map(ip)),
            Operation::RouteOf(asker, route) => model.route(asker.0, route.map(ip)),
        }
    }
}

fn nth_after(ip: IpAddr, nth: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::from_bits(ip.to_bits().wrapping_add(nth.into())).into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits().wrapping_add(nth.into())).into(),
    }
}

fn ip(address: Address) -> Ipv4Addr {
    address.0
}
