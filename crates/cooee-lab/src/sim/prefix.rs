use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// An address with the prefix of its network, and what each datagram asks of that worked out.
#[derive(Debug, Clone)]
pub(super) struct Prefix {
    pub(super) net: IpNet,
    pub(super) address: IpAddr,
    /// `None` in IPv6, and in networks of two hosts or one (RFC 3021).
    broadcast: Option<Ipv4Addr>,
    mask: u128,
}

impl Prefix {
    pub(super) fn new(net: IpNet) -> Self {
        let broadcast = match net {
            IpNet::V4(net) if net.prefix_len() < 31 => Some(Ipv4Net::broadcast(&net)),
            _ => None,
        };
        Self { net, address: net.addr(), broadcast, mask: bits(net.netmask()) }
    }

    pub(super) fn is_of_family(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let differ = bits(self.address) ^ bits(address);
        self.is_of_family(address) && differ & self.mask == 0
    }

    /// Whether every host of the network hears what one of them sends to `address`.
    pub(super) fn hears(&self, address: IpAddr) -> bool {
        self.is_of_family(address)
            && match address {
                IpAddr::V4(ip) => {
                    ip.is_broadcast() || ip.is_multicast() || self.broadcast == Some(ip)
                }
                IpAddr::V6(ip) => ip.is_multicast(),
            }
    }

    /// The address of the host at `place`, counted from 0, where this is the network's own address.
    pub(super) fn nth(&self, place: u32) -> Option<IpAddr> {
        let bits = (bits(self.address) + self.first()).checked_add(u128::from(place))?;
        let address: IpAddr = match self.address {
            IpAddr::V4(_) => Ipv4Addr::from_bits(u32::try_from(bits).ok()?).into(),
            IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
        };
        (self.contains(address) && !self.hears(address)).then_some(address)
    }

    /// The place of the host whose address this would be.
    pub(super) fn place(&self, address: IpAddr) -> Option<usize> {
        if !self.contains(address) {
            return None;
        }
        let place = bits(address).checked_sub(bits(self.address) + self.first())?;
        usize::try_from(place).ok()
    }

    /// How far the first host's address is from the network's own.
    fn first(&self) -> u128 {
        u128::from(self.broadcast.is_some() || self.address.is_ipv6())
    }
}

/// Whether `address` means something on one link only.
pub(super) fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}
