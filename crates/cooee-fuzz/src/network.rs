//! The host on whose networks both state machines are fuzzed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;
use std::time::Instant;

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::interface::{Interface, InterfaceRole, LinkKind, LinkState};

/// The start of virtual time, the same for all inputs.
pub(crate) fn start() -> Instant {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    *START
}

/// Interfaces that a host may have.
fn possible() -> [Interface; 6] {
    let interface = |index, kind, state, addresses: &[&str]| Interface {
        index,
        name: format!("if{index}"),
        addresses: addresses.iter().map(|text| text.parse().expect("an address")).collect(),
        kind,
        state,
        role: InterfaceRole::default(),
    };
    [
        interface(1, LinkKind::Loopback, LinkState::Up, &["127.0.0.1/8", "::1/128"]),
        interface(2, LinkKind::Broadcast, LinkState::Up, &["10.0.0.1/24", "10.0.0.2/24"]),
        interface(3, LinkKind::Broadcast, LinkState::Up, &["10.0.0.3/16", "203.0.113.9/31"]),
        interface(4, LinkKind::PointToPoint, LinkState::Up, &["198.51.100.7/32", "fe80::1/64"]),
        interface(5, LinkKind::Broadcast, LinkState::Down, &["192.168.1.1/24"]),
        interface(6, LinkKind::Broadcast, LinkState::Up, &["192.0.2.5/32", "fd00::1/64"]),
    ]
}

/// Those of the interfaces that a host has now.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) struct Present(u8);

impl Present {
    pub(crate) fn interfaces(self) -> Vec<Interface> {
        let has = |at: usize| self.0 & 1 << at != 0;
        possible().into_iter().enumerate().filter(|&(at, _)| has(at)).map(|(_, i)| i).collect()
    }
}

/// An IPv4 address: mostly one of ours, a neighbour's, or one that has a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) Ipv4Addr);

impl<'a> Arbitrary<'a> for Address {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let [kind, a, b]: [u8; 3] = u.arbitrary()?;
        Ok(Self(match kind % 9 {
            0 => Ipv4Addr::new(10, 0, 0, b),
            1 => Ipv4Addr::new(10, 0, a, b),
            2 => Ipv4Addr::new(127, 0, a, b),
            3 => Ipv4Addr::new(192, 168, a, b),
            4 => Ipv4Addr::new(203, 0, 113, b),
            5 => Ipv4Addr::new(198, 51, 100, b),
            6 => Ipv4Addr::new(a, 0, 0, b),
            7 => Ipv4Addr::new(192, 0, 2, b),
            _ => Ipv4Addr::new(a, b, 255, 255),
        }))
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (3, Some(3))
    }
}

/// Whether an address is handed over as an IPv4 one.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub(crate) enum Family {
    V4,
    MostlyV4,
    StillV4,
    V6,
}

impl Address {
    pub(crate) fn of(self, family: Family) -> IpAddr {
        let Self(ip) = self;
        match family {
            Family::V4 | Family::MostlyV4 | Family::StillV4 => ip.into(),
            Family::V6 => Ipv6Addr::from(u128::from(ip.to_bits()) | 0xfe80 << 112).into(),
        }
    }
}
