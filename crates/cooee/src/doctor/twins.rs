//! Addresses that two hosts have, and named ones that no host has.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use cooee_core::finding::{Evidence, SharedAddress};
use cooee_core::interface::{Interface, LinkKind, LinkState};
use cooee_udp::{ArpAnswer, arp_probe};

/// Time enough for an answer of a host that sleeps between beacons.
const PATIENCE: Duration = Duration::from_millis(300);

/// Asks on each interface for the addresses of `wanted` that are on its networks, for its routers,
/// and for its own, until `end`: returns whether it was through by then. Does nothing where ARP cannot
/// be used.
pub(super) fn look(evidence: &mut Evidence, wanted: &[Ipv4Addr], end: Instant) -> bool {
    let interfaces = evidence.interfaces.clone();
    let usable = |i: &&Interface| i.kind == LinkKind::Broadcast && i.state == LinkState::Up;
    let used = interfaces.iter().filter(usable).filter(|i| i.ipv4().next().is_some());
    for interface in used {
        if Instant::now() >= end {
            return false;
        }
        let routers = routers(evidence, interface);
        let own = interface.ipv4().map(|net| net.addr());
        let near = wanted.iter().copied().filter(|&ip| interface.is_on_link(ip.into()));
        let mut addresses: Vec<_> = own.chain(routers.iter().copied()).chain(near).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let Some(answers) = arp_probe(interface.index, &addresses, PATIENCE) else { continue };
        judge(evidence, interface, wanted, &routers, &answers);
    }
    true
}

fn routers(evidence: &Evidence, interface: &Interface) -> Vec<Ipv4Addr> {
    let gateways = evidence.gateways.iter().flatten();
    let here = gateways.filter(|gateway| gateway.interface == interface.index);
    here.filter_map(|gateway| match gateway.address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    })
    .collect()
}

fn judge(
    evidence: &mut Evidence,
    interface: &Interface,
    wanted: &[Ipv4Addr],
    routers: &[Ipv4Addr],
    answers: &[ArpAnswer],
) {
    let is_there = |address: &Ipv4Addr| answers.iter().any(|answer| answer.address == *address);
    let mut asked: Vec<_> = answers.iter().map(|answer| answer.address).collect();
    asked.sort_unstable();
    asked.dedup();
    for address in asked {
        let of_it = answers.iter().filter(|answer| answer.address == address);
        let links: Vec<_> = of_it.map(|answer| link_name(answer.link)).collect();
        // This host does not answer itself: one answer for an own address is another host's.
        let is_own = interface.ipv4().any(|net| net.addr() == address);
        if links.len() > 1 || is_own {
            evidence.shared.push(SharedAddress { address: address.into(), links });
        }
    }
    let own = |address: &Ipv4Addr| interface.ipv4().any(|net| net.addr() == *address);
    let near = wanted.iter().filter(|&&ip| interface.is_on_link(ip.into()));
    let absent = near.filter(|address| !is_there(address) && !own(address));
    evidence.trials.absent.extend(absent.map(|&address| IpAddr::V4(address)));
    let there = routers.iter().filter(|router| is_there(router));
    evidence.trials.routers_there.extend(there.map(|&router| IpAddr::V4(router)));
}

fn link_name(link: [u8; 6]) -> String {
    link.map(|byte| format!("{byte:02x}")).join(":")
}

#[cfg(test)]
mod tests {
    use cooee_core::interface::role;

    use super::*;

    #[test]
    fn two_answers_or_one_for_an_own_address_are_another_hosts() {
        let eth0 = Interface {
            index: 2,
            name: "eth0".into(),
            addresses: vec!["10.0.1.3/24".parse().unwrap()],
            kind: LinkKind::Broadcast,
            state: LinkState::Up,
            role: role("eth0", None, true),
        };
        let answer = |last, link| ArpAnswer {
            address: [10, 0, 1, last].into(),
            link: [2, 0, 0, 0, 0, link],
        };
        let answers = [answer(2, 1), answer(2, 2), answer(3, 3), answer(4, 4)];
        let wanted = [2, 4, 5].map(|last| Ipv4Addr::new(10, 0, 1, last));
        let mut evidence = Evidence::new(9999, vec![eth0.clone()]);
        judge(&mut evidence, &eth0, &wanted, &[[10, 0, 1, 1].into()], &answers);
        let shared: Vec<_> = evidence.shared.iter().map(|s| s.address.to_string()).collect();
        assert_eq!(shared, ["10.0.1.2", "10.0.1.3"]);
        assert_eq!(evidence.shared[0].links, ["02:00:00:00:00:01", "02:00:00:00:00:02"]);
        assert_eq!(evidence.trials.absent, ["10.0.1.5".parse::<IpAddr>().unwrap()]);
        assert!(evidence.trials.routers_there.is_empty());
    }
}
