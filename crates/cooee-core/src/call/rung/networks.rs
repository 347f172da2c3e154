use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The host addresses of several networks, in order.
#[derive(Debug)]
pub(super) struct Networks(Vec<IpNet>);

/// The first host address of a network as an offset, and how many there are: all but an IPv4
/// network's own and its broadcast address.
fn hosts(net: IpNet) -> (u64, u64) {
    let bits = u32::from(net.max_prefix_len() - net.prefix_len());
    let all = 1_u64.checked_shl(bits).unwrap_or(u64::MAX);
    if net.addr().is_ipv4() && net.prefix_len() < 31 { (1, all - 2) } else { (0, all) }
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

impl Networks {
    pub(super) fn new(nets: &[IpNet]) -> Self {
        Self(nets.iter().map(IpNet::trunc).collect())
    }

    pub(super) fn as_slice(&self) -> &[IpNet] {
        &self.0
    }

    /// How many addresses there are.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().fold(0, |sum, &net| sum.saturating_add(hosts(net).1))
    }

    /// The `n`th address.
    pub(super) fn nth(&self, mut n: u64) -> Option<IpAddr> {
        for &net in &self.0 {
            let (first, count) = hosts(net);
            if n < count {
                return offset_by(net, first + n);
            }
            n -= count;
        }
        None
    }

    /// Which address it is, the first time that it comes.
    pub(super) fn position_of(&self, address: IpAddr) -> Option<u64> {
        let mut before = 0;
        for &net in &self.0 {
            let (first, count) = hosts(net);
            if let Some(offset) = offset_of(net, address) {
                return offset.checked_sub(first).filter(|&n| n < count).map(|n| before + n);
            }
            before += count;
        }
        None
    }

    /// How many of the addresses are in one of `own`.
    pub(super) fn shared_with(&self, own: &[IpNet]) -> u64 {
        let shared = |net: &IpNet| {
            let within = own.iter().any(|own| own.contains(net));
            let inner = own.iter().filter(|own| net.contains(&own.trunc()) && *own != net);
            if within { hosts(*net).1 } else { inner.map(|own| hosts(own.trunc()).1).sum() }
        };
        self.0.iter().map(shared).sum::<u64>().min(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(nets: &[&str]) -> Networks {
        let nets: Vec<IpNet> = nets.iter().map(|net| net.parse().expect("a network")).collect();
        Networks::new(&nets)
    }

    #[test]
    fn sweeps_call_hosts_only() {
        let nets = networks(&["10.0.0.0/30", "10.1.0.5/32", "10.2.0.0/31", "fe80::10/127"]);
        let all: Vec<_> = (0..).map_while(|n| nets.nth(n)).collect();
        let expected =
            ["10.0.0.1", "10.0.0.2", "10.1.0.5", "10.2.0.0", "10.2.0.1", "fe80::10", "fe80::11"];
        assert_eq!(all, expected.map(|a| a.parse::<IpAddr>().expect("an address")));
        assert_eq!(nets.len(), 7);
        for (n, address) in all.into_iter().enumerate() {
            assert_eq!(nets.position_of(address), Some(n as u64));
        }
        for outside in ["10.0.0.0", "10.0.0.3", "10.3.0.0", "::1"] {
            assert_eq!(nets.position_of(outside.parse().expect("an address")), None, "{outside}");
        }
    }

    #[test]
    fn what_is_on_link_is_counted() {
        let own: [IpNet; 1] = ["10.0.0.9/24".parse().expect("a network")];
        assert_eq!(networks(&["10.0.0.0/25"]).shared_with(&own), 126);
        assert_eq!(networks(&["10.0.0.0/16"]).shared_with(&own), 254);
        assert_eq!(networks(&["10.1.0.0/16"]).shared_with(&own), 0);
    }
}
