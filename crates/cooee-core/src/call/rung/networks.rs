use std::net::IpAddr;

use ipnet::IpNet;

use super::part::Part;
use crate::DiscoveryConfig;

/// The host addresses of several networks, in order.
#[derive(Debug)]
pub(in crate::call) struct Networks(Vec<Part>);

impl Networks {
    /// The networks that `config` names, and those on links of ours, on a host with the addresses
    /// and networks `own`. What is in a network already comes once.
    pub(in crate::call) fn of(config: &DiscoveryConfig, own: &[IpNet]) -> Self {
        let named = config.sweep.iter().map(|&net| Part::new(net, own, false));
        let mut networks = Self(named.collect());
        for net in &config.sweep_on_link {
            if !networks.0.iter().any(|part| part.net().contains(net)) {
                networks.0.push(Part::new(*net, own, true));
            }
        }
        networks
    }

    /// The `most` nearest addresses of each of `own`, our addresses with their networks.
    pub(in crate::call) fn near(own: &[IpNet], most: u64) -> Self {
        let near = |&net: &IpNet| Part::new(net, &[net], true).nearest(most);
        Self(own.iter().map(near).collect())
    }

    pub(in crate::call) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many addresses there are.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().fold(0, |sum, part| sum.saturating_add(part.len()))
    }

    /// The `n`th address.
    pub(super) fn nth(&self, mut n: u64) -> Option<IpAddr> {
        for part in &self.0 {
            if n < part.len() {
                return part.nth(n);
            }
            n -= part.len();
        }
        None
    }

    /// Which address it is, the first time that it comes.
    pub(super) fn position_of(&self, address: IpAddr) -> Option<u64> {
        let mut before = 0;
        for part in &self.0 {
            if part.net().contains(&address) {
                return Some(before + part.position_of(address)?);
            }
            before += part.len();
        }
        None
    }

    /// Takes note of this host's addresses and networks as they are now.
    pub(super) fn relocate(&mut self, own: &[IpNet]) {
        for part in self.0.iter_mut().filter(|part| part.is_on_link) {
            part.is_gone = !own.iter().any(|own| part.net().contains(&own.addr()));
        }
    }

    /// Whether the address was to be swept while its network is on a link of ours, and is not now.
    pub(super) fn is_gone(&self, address: IpAddr) -> bool {
        let mut parts = self.0.iter();
        parts.find(|part| part.net().contains(&address)).is_some_and(|part| part.is_gone)
    }

    /// How many of the addresses are in one of `own`.
    pub(super) fn shared_with(&self, own: &[IpNet]) -> u64 {
        self.0.iter().map(|part| part.shared_with(own)).sum::<u64>().min(self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(nets: &[&str]) -> Networks {
        let sweep = nets.iter().map(|net| net.parse().expect("a network")).collect();
        Networks::of(&DiscoveryConfig { sweep, ..DiscoveryConfig::default() }, &[])
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

    #[test]
    fn what_is_named_is_not_swept_again_since_it_is_on_link() {
        let nets = |nets: &[&str]| nets.iter().map(|net| net.parse().expect("a network")).collect();
        let sweep = nets(&["10.0.0.0/24"]);
        let sweep_on_link = nets(&["10.0.0.0/25", "10.1.0.0/30", "10.1.0.0/30"]);
        let config = DiscoveryConfig { sweep, sweep_on_link, ..DiscoveryConfig::default() };
        assert_eq!(Networks::of(&config, &[]).len(), 254 + 2);
    }
}
