//! The answering side under random operations, in virtual time.
//!
//! An input is how the responder is configured, and then operations, until it is used up. After
//! each the responder is drained, and its promises are checked against a model of them.

mod answers;
mod host;
mod listening;
mod memory;
mod model;
mod offered;
mod policy;
mod refusal;
mod replies;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU8;
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::wire::Families;
use cooee_core::{
    Advertise, ConfigError, NeighbourState, RateLimit, ResponderConfig, ResponderEngine,
};
use ipnet::{IpNet, Ipv4Net};

use crate::network::{self, Address, Family, Present};
use crate::operation::{Arrival, Texts};
use model::Model;
use offered::{Offered, Port, Rule, Said, listener, sockets};
use policy::Policy;

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Rate {
    Default,
    Off,
    PerSource(NonZeroU8),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Protocols {
    Stock,
    Short,
    Two,
}

#[derive(Debug, Clone, Arbitrary)]
struct Setup {
    policy: Policy,
    rate: Rate,
    advertise: Option<(Address, Family)>,
    bound: Option<Address>,
    service_port: Option<u16>,
    allow: [Option<(Address, u8)>; 2],
    protocols: Protocols,
    present: Present,
    listener: Option<Rule>,
}

impl Setup {
    fn config(&self) -> ResponderConfig {
        let allow = |(Address(ip), bits)| Ipv4Net::new(ip, bits % 33).expect("up to 32 bits");
        let advertise = |(address, family): (Address, _)| Advertise::Address(address.of(family));
        ResponderConfig {
            codecs: self.texts().iter().map(|texts| texts.codec()).collect(),
            bound: self.bound.map(|address| address.0.into()),
            service_port: self.service_port,
            advertise: self.advertise.map_or(Advertise::Auto, advertise),
            policy: self.policy.into(),
            allow: self.allow.iter().flatten().copied().map(allow).map(IpNet::V4).collect(),
            rate_limit: match self.rate {
                Rate::Default => RateLimit::default(),
                Rate::Off => RateLimit::Off,
                Rate::PerSource(n) => RateLimit::PerSource(n.into()),
            },
            listener: listener(self.listener),
            families: Families::V4,
            ..ResponderConfig::default()
        }
    }

    fn texts(&self) -> &'static [Texts] {
        match self.protocols {
            Protocols::Stock => &[Texts::STOCK],
            Protocols::Short => &[Texts::SHORT],
            Protocols::Two => &[Texts::STOCK, Texts::BESIDE],
        }
    }
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum State {
    Resolved,
    Unresolved,
    Unknown,
}

impl From<State> for NeighbourState {
    fn from(state: State) -> Self {
        match state {
            State::Resolved => Self::Resolved,
            State::Unresolved => Self::Unresolved,
            State::Unknown => Self::Unknown,
        }
    }
}

#[derive(Debug, Clone, Arbitrary)]
enum Operation<'a> {
    Arrival(Arrival<'a>),
    /// The same again by another interface, this many milliseconds later.
    Copy(Arrival<'a>, u8, u8),
    /// The same again, this many times; if that is an odd number, each from the next address.
    Flood(Arrival<'a>, u8),
    WaitMs(u16),
    /// Nobody looks at the clock for so long.
    SleepMs(u16),
    /// The clock is looked at for no reason.
    Timeout,
    Interfaces(Present),
    /// How the system answers the oldest question.
    Oldest(Option<Address>, State),
    /// Questions are from now on answered at once, in this way.
    AtOnce(Option<Address>, State),
    /// Questions are from now on answered when there is an operation for it.
    Later,
    /// An answer to a question that was perhaps never asked.
    RouteOf(Address, Option<Address>),
    NeighbourOf(Address, u8, State),
    /// How much of the send buffer is taken.
    SendRoom(u16, u16),
    /// What other processes offer from now on.
    Offers([Option<Offered>; 3]),
    /// The same on so many ports.
    ManyOffers(Offered, u8),
    /// What the system says from now on of every port that is asked about.
    Listening(Said),
    /// What listens on a port that was perhaps never asked about.
    ListenersOf(Port, Said),
}

/// Takes one input.
///
/// # Panics
/// When the responder breaks a promise.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok(setup) = Setup::arbitrary(&mut input) else { return };
    let config = setup.config();
    let interfaces = setup.present.interfaces();
    match ResponderEngine::new(config.clone(), &interfaces, 1, network::start()) {
        Ok(engine) => play(input, &setup, Model::new(config, engine, interfaces)),
        Err(why) => {
            assert_eq!(config.check(), Err(why.clone()));
            let is_port = setup.service_port == Some(0);
            let is_address = matches!(why, ConfigError::AdvertiseNotAHost { .. });
            assert!(is_port || is_address && setup.advertise.is_some(), "{why}");
        }
    }
}

fn play(mut input: Unstructured<'_>, setup: &Setup, mut model: Model) {
    let mut texts = setup.texts().to_vec();
    while !input.is_empty() {
        let Ok(operation) = Operation::arbitrary(&mut input) else { return };
        match operation {
            Operation::Arrival(arrival) => {
                let payload = arrival.payload(&texts);
                model.datagram(&arrival.datagram(&payload));
            }
            Operation::Copy(arrival, by, ms) => {
                let payload = arrival.payload(&texts);
                let mut datagram = arrival.datagram(&payload);
                model.datagram(&datagram);
                datagram.interface = Some(u32::from(by % 7));
                model.wait(Duration::from_millis(u64::from(ms % 32)));
                model.datagram(&datagram);
            }
            Operation::Flood(arrival, times) => {
                let payload = arrival.payload(&texts);
                for nth in 0..times {
                    let mut datagram = arrival.datagram(&payload);
                    if times % 2 == 1 {
                        datagram.source.set_ip(nth_after(datagram.source.ip(), nth));
                    }
                    model.datagram(&datagram);
                }
            }
            Operation::WaitMs(ms) => model.wait(Duration::from_millis(ms.into())),
            Operation::SleepMs(ms) => model.sleep(Duration::from_millis(ms.into())),
            Operation::Timeout => model.timeout(),
            Operation::Interfaces(present) => model.interfaces(present.interfaces()),
            Operation::Oldest(route, state) => model.oldest(route.map(ip), state.into()),
            Operation::AtOnce(route, state) => model.at_once(Some((route.map(ip), state.into()))),
            Operation::Later => model.at_once(None),
            Operation::RouteOf(asker, route) => model.route(asker.0, route.map(ip)),
            Operation::NeighbourOf(asker, interface, state) => {
                model.neighbour(asker.0, u32::from(interface % 7), state.into());
            }
            Operation::SendRoom(used, capacity) => model.send_room(used.into(), capacity.into()),
            Operation::Offers(offered) => {
                texts = setup.texts().to_vec();
                texts.extend(offered.iter().flatten().map(Offered::texts));
                model.offers(offered.iter().flatten().map(Offered::offer).collect());
            }
            Operation::ManyOffers(offered, ports) => {
                texts = [setup.texts(), &[offered.texts()]].concat();
                model.offers(offered.offers(ports).collect());
            }
            Operation::Listening(said) => model.listening_is(sockets(said)),
            Operation::ListenersOf(port, said) => model.listeners(port.number(), sockets(said)),
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
