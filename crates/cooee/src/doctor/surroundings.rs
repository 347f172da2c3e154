//! What the system tells without a datagram.

use cooee_core::announced::MDNS_PORT;
use cooee_core::finding::{Evidence, TunnelRoute};
use cooee_core::interface::{Interface, LinkKind};
use cooee_udp::{Owner, Route, port_owners, routes};
use ipnet::IpNet;

use crate::evidence::look_around;

/// Adds routes, the owner of the port, what the firewall does with answers, and what of it matters
/// to a doctor alone.
pub(super) fn look(evidence: &mut Evidence) {
    evidence.uses_mdns = true;
    look_around(evidence);
    if evidence.mdns_port.is_none()
        && let Some(shared) = port_owners(MDNS_PORT)
    {
        evidence.trials.mdns_sharers = shared.owners.iter().map(Owner::to_string).collect();
    }
    if let Some(routes) = routes() {
        evidence.trials.tunnels = tunnels(&routes, &evidence.interfaces);
    }
    // A socket that was passed on has two owners, and is one.
    let shared = port_owners(evidence.port).filter(|of| of.sockets > 1 && of.is_ours != Some(true));
    if let Some(shared) = shared {
        evidence.trials.port_sharers = shared.owners.iter().map(Owner::to_string).collect();
    }
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
