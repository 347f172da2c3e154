//! Looking around on this host, for the findings.

use std::net::IpAddr;

use cooee_core::announced::MDNS_PORT;
use cooee_core::finding::{Code, Evidence, Finding, Gateway, PortKept, PortUse, Side, audit};
use cooee_core::interface::Interface;
use cooee_core::wire::Families;
use cooee_udp::{PortOwners, Route};

/// Adds what can be looked up at any time: routes, who has the port, and the firewall.
///
/// Takes some milliseconds where the rules of a firewall can be read, since a program lists them.
pub(crate) fn look_around(evidence: &mut Evidence) {
    if let Some(routes) = cooee_udp::routes() {
        let via = |route: &Route| {
            let (address, interface) = (route.gateway?, route.interface?);
            Some(Gateway { address, interface })
        };
        let defaults = routes.iter().filter(|route| route.is_default());
        evidence.gateways = Some(defaults.filter_map(via).collect());
        let beyond = routes.iter().filter(|route| !route.is_default() && route.gateway.is_some());
        evidence.routes = beyond.map(|route| route.destination).filter(is_private).collect();
    }
    if let Some(owners) = cooee_udp::port_owners(evidence.port) {
        evidence.port_use = port_use(&owners);
    }
    if evidence.uses_mdns {
        evidence.mdns_port = kept_mdns_port();
    }
    let is_probed = |i: &&Interface| evidence.selection.check(i).is_ok();
    let probed: Vec<_> = evidence.interfaces.iter().filter(is_probed).cloned().collect();
    evidence.firewall = cooee_udp::firewall(evidence.port, Side::Client, &probed);
}

/// What this host's firewall means for a server on `port` over these families, where its rules drop probes, or a firewall
/// is known to run and its rules do not tell.
///
/// Runs programs that list the rules, for four seconds at most; usually some milliseconds.
pub fn firewall_of_server(port: u16, families: Families) -> Option<Finding> {
    let interfaces = cooee_udp::interfaces().ok()?;
    let firewall = cooee_udp::firewall(port, Side::Server, &interfaces);
    let mut evidence = Evidence::new(port, interfaces);
    evidence.firewall = firewall;
    evidence.families = families;
    let codes = [Code::OwnFirewall, Code::FirewallSuspected];
    audit(&evidence).into_iter().find(|finding| codes.contains(&finding.code()))
}

/// Whether a program keeps the port of multicast DNS for itself. Binds sockets for a moment.
pub(crate) fn kept_mdns_port() -> Option<PortKept> {
    let kept = cooee_udp::kept_port(MDNS_PORT).filter(|_| cfg!(feature = "mdns"))?;
    Some(PortKept { families: kept.families, owner: kept.owner.map(|owner| owner.to_string()) })
}

/// What that means for somebody who looks for servers.
pub(crate) fn without_mdns(kept: PortKept) -> Option<Finding> {
    let mut evidence = Evidence::new(MDNS_PORT, Vec::new());
    evidence.mdns_port = Some(kept);
    audit(&evidence).into_iter().find(|finding| finding.code() == Code::MdnsPortTaken)
}

fn port_use(owners: &PortOwners) -> PortUse {
    let owner = owners.owners.first().map(ToString::to_string);
    match owners.is_ours {
        _ if owners.sockets == 0 => PortUse::Free,
        Some(true) => PortUse::Ours,
        Some(false) => PortUse::Foreign { owner },
        None => PortUse::Taken { owner },
    }
}

/// Networks that may have servers which answer to broadcasts in them.
fn is_private(net: &ipnet::IpNet) -> bool {
    matches!(net.addr(), IpAddr::V4(address) if address.is_private())
}
