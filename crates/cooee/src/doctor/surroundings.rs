//! What the system tells without a datagram.

use cooee_core::finding::{Evidence, Gateway, PortUse, Side, TunnelRoute};
use cooee_core::interface::{Interface, LinkKind};
use cooee_udp::{Owner, Route, firewall, port_owners, routes};
use ipnet::IpNet;

/// Adds routes, the owner of the port, and what the firewall does with answers.
pub(super) fn look(evidence: &mut Evidence) {
    if let Some(routes) = routes() {
        evidence.gateways = Some(gateways(&routes));
        evidence.routes = routed_networks(&routes);
        evidence.trials.tunnels = tunnels(&routes, &evidence.interfaces);
    }
    if let Some(owners) = port_owners(evidence.port) {
        let names: Vec<_> = owners.owners.iter().map(Owner::to_string).collect();
        evidence.port_use = match owners.sockets {
            0 => PortUse::Free,
            _ if owners.is_ours => PortUse::Ours,
            _ => PortUse::Foreign { owner: names.first().cloned() },
        };
        // A socket that was passed on has two owners, and is one.
        if owners.sockets > 1 && !owners.is_ours {
            evidence.trials.port_sharers = names;
        }
    }
    let used = |i: &&Interface| evidence.selection.check(i).is_ok();
    let used: Vec<_> = evidence.interfaces.iter().filter(used).cloned().collect();
    evidence.firewall = firewall(evidence.port, Side::Client, &used);
}

fn gateways(routes: &[Route]) -> Vec<Gateway> {
    let defaults = routes.iter().filter(|route| route.is_default());
    let mut gateways: Vec<Gateway> = defaults
        .filter_map(|route| Some(Gateway { address: route.gateway?, interface: route.interface? }))
        .collect();
    gateways.dedup();
    gateways
}

fn routed_networks(routes: &[Route]) -> Vec<IpNet> {
    let behind = routes.iter().filter(|route| !route.is_default() && route.gateway.is_some());
    behind.map(|route| route.destination).filter(|net| net.addr().is_ipv4()).collect()
}

/// Routes that are as specific as a network of a broadcast interface, or more, and lead into a
/// tunnel.
fn tunnels(routes: &[Route], interfaces: &[Interface]) -> Vec<TunnelRoute> {
    let tunnel = |route: &Route| {
        let tunnel = interfaces.iter().find(|i| Some(i.index) == route.interface)?;
        (tunnel.kind == LinkKind::PointToPoint).then_some(tunnel)
    };
    let local = || interfaces.iter().filter(|i| i.kind == LinkKind::Broadcast);
    let networks = || local().flat_map(Interface::ipv4).map(|net| IpNet::V4(net.trunc()));
    let mut found = Vec::new();
    for route in routes {
        let Some(tunnel) = tunnel(route) else { continue };
        let network = networks().find(|net| net.contains(&route.destination));
        found.extend(network.map(|network| TunnelRoute {
            tunnel: tunnel.name.clone(),
            destination: route.destination,
            network,
        }));
    }
    found
}
