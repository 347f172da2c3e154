//! The findings about a server on this host.

use super::evidence::Evidence;
use super::firewall::{self, Firewall, Side};
use super::{Code, Finding, causes, privacy};
use crate::interface::{Interface, InterfaceRole, LinkKind, LinkState};

/// Why clients may not find a server on this host, the likeliest cause first.
pub fn audit(evidence: &Evidence) -> Vec<Finding> {
    let mut findings = Vec::new();
    let serving = &evidence.serving;
    let leads_out = |i: &&Interface| is_reachable(i, serving.over_v6);
    let lan: Vec<&Interface> = evidence.interfaces.iter().filter(leads_out).collect();
    if !serving.advertises {
        if lan.is_empty() {
            findings.push(no_reachable_address());
        } else if serving.in_container && lan.iter().all(|i| is_of_container(i)) {
            findings.push(container_nat(lan[0]));
        }
    }
    findings.extend(privacy::of_server(evidence));
    match evidence.known_firewall() {
        Some(Firewall::Drops { tool }) => {
            findings.push(firewall::drops_by_its_rules(tool, evidence.port, Side::Server));
        }
        Some(Firewall::Active { tool }) => {
            findings.push(firewall::is_suspected(tool, evidence.port, Side::Server));
        }
        Some(Firewall::Unclear { tool }) => {
            findings.push(firewall::is_unclear(tool, evidence.port, Side::Server));
        }
        Some(Firewall::Open) | None => {}
    }
    if let Some(stranger) = serving.stranger {
        findings.push(port_shared(evidence.port, &stranger.to_string()));
    }
    findings.extend(evidence.mdns_port.as_ref().map(causes::mdns_port_taken));
    findings
}

fn is_reachable(interface: &Interface, over_v6: bool) -> bool {
    interface.kind != LinkKind::Loopback
        && interface.state == LinkState::Up
        && interface.role != InterfaceRole::Container
        && (interface.ipv4().next().is_some() || (over_v6 && interface.link_local().is_some()))
}

/// Whether it looks like the inner end of a container's link: the outer end has its own role.
fn is_of_container(interface: &Interface) -> bool {
    const BRIDGED: [ipnet::Ipv4Net; 3] = [
        // Docker's default pools, and Podman's.
        ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12),
        ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16),
        ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 88, 0, 0), 16),
    ];
    let mut own = interface.ipv4().peekable();
    own.peek().is_some() && own.all(|net| BRIDGED.iter().any(|pool| pool.contains(&net.addr())))
}

fn no_reachable_address() -> Finding {
    Finding::new(
        Code::NoReachableAddress,
        "this host has no address that another host could reach",
        "only clients on this host find the server",
        "connect it to a network; it is announced there at once",
    )
}

fn container_nat(interface: &Interface) -> Finding {
    let address = interface.ipv4().next().map_or_else(String::new, |net| net.addr().to_string());
    Finding::new(
        Code::ContainerNat,
        format!("this runs in a container, and its only address is {address}"),
        "broadcasts of the network do not arrive in it, and other hosts cannot reach that address",
        "start the container with `--network host`, or publish the ports and name the host's \
         address with --advertise",
    )
}

fn port_shared(port: u16, stranger: &str) -> Finding {
    Finding::new(
        Code::PortShared,
        format!("{stranger} sent something else than a probe to port {port}"),
        "another device uses the port, as the search of TP-Link Kasa does, or a client has another \
         --message",
        "compare --message on both sides, or choose another --port on both",
    )
}
