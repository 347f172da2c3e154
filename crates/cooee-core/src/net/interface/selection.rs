use super::{Interface, LinkKind, LinkState};
use crate::wire::{Families, Family};

/// Which interfaces to call on, by exact name: those included (all, when the list is empty), less
/// those excluded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// Names to use. Naming a loopback or point-to-point interface uses it too.
    pub include: Vec<String>,
    /// Names not to use, whatever `include` says.
    pub exclude: Vec<String>,
}

/// Why an interface is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unused {
    /// It is down.
    Down,
    /// It is up, but has no carrier.
    NoCarrier,
    /// Others were named.
    NotIncluded,
    /// It was excluded by name.
    Excluded,
    /// It is the loopback interface, and was not named.
    Loopback,
    /// It is a point-to-point link, and was not named.
    PointToPoint,
    /// It has no address at all.
    NoAddress,
    /// It has neither an IPv4 address nor, where IPv6 is used, a link-local IPv6 address.
    NoIpv4,
    /// It has no link-local IPv6 address, and only IPv6 is used.
    NoLinkLocal,
    /// Its networks are too small to have a broadcast address.
    NoBroadcast,
}

impl Unused {
    /// The reason as a sentence about the interface, without its name.
    pub fn predicate(self) -> String {
        match self {
            Self::NoCarrier
            | Self::NoAddress
            | Self::NoIpv4
            | Self::NoLinkLocal
            | Self::NoBroadcast => {
                format!("has {}", self.as_str())
            }
            Self::Loopback | Self::PointToPoint => {
                format!("is {}, and was not named", self.as_str())
            }
            Self::Down | Self::NotIncluded | Self::Excluded => format!("is {}", self.as_str()),
        }
    }

    /// The reason in words, to follow "not used:".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::NoCarrier => "no carrier",
            Self::NotIncluded => "not among those named",
            Self::Excluded => "excluded",
            Self::Loopback => "loopback",
            Self::PointToPoint => "point-to-point",
            Self::NoAddress => "no address",
            Self::NoIpv4 => "no IPv4 address",
            Self::NoLinkLocal => "no link-local IPv6 address",
            Self::NoBroadcast => "no broadcast address",
        }
    }
}

impl Selection {
    /// Whether to call on `interface`, over either family.
    ///
    /// # Errors
    /// Why not. Up to now it never helps to try again with the same interface.
    pub fn check(&self, interface: &Interface) -> Result<(), Unused> {
        self.check_over(interface, Families::Both)
    }

    /// Whether to call on `interface` over these families.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_over(&self, interface: &Interface, families: Families) -> Result<(), Unused> {
        let named = self.include.contains(&interface.name);
        if !named && !self.include.is_empty() {
            return Err(Unused::NotIncluded);
        }
        if self.exclude.contains(&interface.name) {
            return Err(Unused::Excluded);
        }
        match interface.state {
            LinkState::Up => {}
            LinkState::Down => return Err(Unused::Down),
            LinkState::NoCarrier => return Err(Unused::NoCarrier),
        }
        match interface.kind {
            LinkKind::Loopback if !named => return Err(Unused::Loopback),
            LinkKind::PointToPoint if !named => return Err(Unused::PointToPoint),
            _ => {}
        }
        if interface.addresses.is_empty() {
            return Err(Unused::NoAddress);
        }
        if families.has(Family::V6) && interface.link_local().is_some() {
            return Ok(());
        }
        if !families.has(Family::V4) {
            return Err(Unused::NoLinkLocal);
        }
        if interface.ipv4().next().is_none() {
            return Err(Unused::NoIpv4);
        }
        let callable = interface.kind == LinkKind::Loopback
            || interface.ipv4().any(|net| net.prefix_len() < 32);
        if callable { Ok(()) } else { Err(Unused::NoBroadcast) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::fixture;

    fn interface(name: &str, kind: LinkKind, addresses: &[&str]) -> Interface {
        fixture(1, name, kind, addresses)
    }

    fn ethernet(address: &str) -> Interface {
        interface("eth0", LinkKind::Broadcast, &[address])
    }

    #[test]
    fn include_then_exclude_by_exact_name() {
        let eth0 = ethernet("10.0.0.1/24");
        let select = |include: &[&str], exclude: &[&str]| Selection {
            include: include.iter().map(ToString::to_string).collect(),
            exclude: exclude.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(select(&[], &[]).check(&eth0), Ok(()));
        assert_eq!(select(&["eth0"], &[]).check(&eth0), Ok(()));
        assert_eq!(select(&["eth"], &[]).check(&eth0), Err(Unused::NotIncluded));
        assert_eq!(select(&["ETH0"], &[]).check(&eth0), Err(Unused::NotIncluded));
        assert_eq!(select(&[], &["eth0"]).check(&eth0), Err(Unused::Excluded));
        assert_eq!(select(&["eth0"], &["eth0"]).check(&eth0), Err(Unused::Excluded));
    }

    #[test]
    fn what_cannot_be_called_on() {
        let all = Selection::default();
        let named = |name: &str| Selection { include: vec![name.into()], exclude: vec![] };
        let lo = interface("lo", LinkKind::Loopback, &["127.0.0.1/8"]);
        assert_eq!(all.check(&lo), Err(Unused::Loopback));
        assert_eq!(named("lo").check(&lo), Ok(()));
        let tun = interface("tun0", LinkKind::PointToPoint, &["10.8.0.2/24"]);
        assert_eq!(all.check(&tun), Err(Unused::PointToPoint));
        assert_eq!(named("tun0").check(&tun), Ok(()));
        let tun = interface("tun0", LinkKind::PointToPoint, &["10.8.0.2/32"]);
        assert_eq!(named("tun0").check(&tun), Err(Unused::NoBroadcast));
        let v6 = interface("eth0", LinkKind::Broadcast, &["fe80::1/64"]);
        assert_eq!(all.check(&v6), Ok(()));
        assert_eq!(all.check_over(&v6, Families::V4), Err(Unused::NoIpv4));
        let v4 = ethernet("10.0.0.1/24");
        assert_eq!(all.check_over(&v4, Families::V6), Err(Unused::NoLinkLocal));
        let global = interface("eth0", LinkKind::Broadcast, &["2001:db8::1/64"]);
        assert_eq!(all.check(&global), Err(Unused::NoIpv4));
        let bare = interface("eth0", LinkKind::Broadcast, &[]);
        assert_eq!(all.check(&bare), Err(Unused::NoAddress));
        let unplugged = Interface { state: LinkState::NoCarrier, ..bare };
        assert_eq!(all.check(&unplugged), Err(Unused::NoCarrier));
        let down = Interface { state: LinkState::Down, ..ethernet("10.0.0.1/24") };
        assert_eq!(all.check(&down), Err(Unused::Down));
    }
}
