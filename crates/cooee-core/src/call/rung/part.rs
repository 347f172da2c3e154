use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The host addresses of one network, those nearest to our own first.
#[derive(Debug)]
pub(super) struct Part {
    net: IpNet,
    /// The offset of its first host, and how many there are: all but an IPv4 network's own and its
    /// broadcast address.
    first: u64,
    count: u64,
    /// How many of them are swept.
    most: u64,
    /// Which of its hosts we are; the first where we are none.
    own: u64,
    /// Whether it is swept only while it is on a link of ours.
    pub(super) is_on_link: bool,
    pub(super) is_gone: bool,
}

impl Part {
    /// `net` may have any of its addresses; `own` are this host's.
    pub(super) fn new(net: IpNet, own: &[IpNet], is_on_link: bool) -> Self {
        let net = net.trunc();
        let bits = u32::from(net.max_prefix_len() - net.prefix_len());
        let all = 1_u64.checked_shl(bits).unwrap_or(u64::MAX);
        let (first, count) =
            if net.addr().is_ipv4() && net.prefix_len() < 31 { (1, all - 2) } else { (0, all) };
        let host = |own: &IpNet| offset_of(net, own.addr())?.checked_sub(first);
        let ours = own.iter().filter_map(host).find(|&host| host < count);
        let own = ours.unwrap_or_default();
        Self { net, first, count, most: count, own, is_on_link, is_gone: false }
    }

    /// The same with so many addresses at the most.
    pub(super) fn nearest(self, most: u64) -> Self {
        Self { most: most.min(self.count), ..self }
    }

    pub(super) fn net(&self) -> IpNet {
        self.net
    }

    pub(super) fn len(&self) -> u64 {
        self.most
    }

    /// How far it goes on to both sides of our own address.
    fn both_sides(&self) -> u64 {
        self.own.min(self.count.saturating_sub(self.own + 1))
    }

    /// The `n`th address: our own, then those beside it by turns, above first.
    pub(super) fn nth(&self, n: u64) -> Option<IpAddr> {
        if n >= self.most {
            return None;
        }
        let sides = self.both_sides();
        let (away, is_above) = if n <= 2 * sides {
            (n.div_ceil(2), n % 2 == 1)
        } else {
            (n - sides, self.own == sides)
        };
        let host = if is_above { self.own + away } else { self.own - away };
        offset_by(self.net, self.first + host)
    }

    /// Which address it is.
    pub(super) fn position_of(&self, address: IpAddr) -> Option<u64> {
        let host = offset_of(self.net, address)?.checked_sub(self.first)?;
        if host >= self.count {
            return None;
        }
        let (away, sides) = (host.abs_diff(self.own), self.both_sides());
        let in_turns = if host > self.own {
            away.saturating_mul(2).saturating_sub(1)
        } else {
            away.saturating_mul(2)
        };
        let position = if away <= sides { in_turns } else { away + sides };
        (position < self.most).then_some(position)
    }

    /// How many of the addresses are in one of `own`.
    pub(super) fn shared_with(&self, own: &[IpNet]) -> u64 {
        if own.iter().any(|own| own.contains(&self.net)) {
            return self.most;
        }
        let inner = own.iter().filter(|own| self.net.contains(&own.trunc()));
        inner.map(|own| Self::new(*own, &[], false).count).sum()
    }
}

fn offset_by(net: IpNet, offset: u64) -> Option<IpAddr> {
    match net.network() {
        IpAddr::V4(first) => {
            let offset = u32::try_from(offset).ok()?;
            Some(Ipv4Addr::from_bits(first.to_bits().checked_add(offset)?).into())
        }
        IpAddr::V6(first) => {
            Some(Ipv6Addr::from_bits(first.to_bits().checked_add(offset.into())?).into())
        }
    }
}

fn offset_of(net: IpNet, address: IpAddr) -> Option<u64> {
    if !net.contains(&address) {
        return None;
    }
    match (net.network(), address) {
        (IpAddr::V4(first), IpAddr::V4(it)) => Some(u64::from(it.to_bits() - first.to_bits())),
        (IpAddr::V6(first), IpAddr::V6(it)) => u64::try_from(it.to_bits() - first.to_bits()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_addresses_come_first() {
        for net in ["10.0.0.0/29", "10.0.0.0/31", "10.0.0.0/32", "fe80::/125"] {
            let net: IpNet = net.parse().expect("a network");
            let hosts: Vec<IpAddr> = net.hosts().collect();
            for &own in &hosts {
                let ours = IpNet::new(own, net.prefix_len()).expect("a length");
                let part = Part::new(net, &[ours], false);
                let order: Vec<IpAddr> = (0..).map_while(|n| part.nth(n)).collect();
                let mut nearest = hosts.clone();
                nearest.sort_by_key(|address| {
                    let offset = |address| offset_of(net, address).expect("within");
                    (offset(*address).abs_diff(offset(own)), *address < own)
                });
                assert_eq!(order, nearest, "{net} around {own}");
                for (n, address) in order.into_iter().enumerate() {
                    assert_eq!(part.position_of(address), Some(n as u64));
                }
            }
        }
    }

    #[test]
    fn the_far_end_of_a_wide_network_has_no_place_among_the_nearest() {
        let net: IpNet = "fd00::1/64".parse().expect("a network");
        let part = Part::new(net, &[net], true).nearest(254);
        assert_eq!(part.position_of("fd00::ffff:ffff:ffff:fff0".parse().expect("one")), None);
    }
}
