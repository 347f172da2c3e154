//! The findings of a client, each with its words.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::commands::System;
use super::evidence::{Evidence, Gateway, PortKept, SharedAddress};
use super::{Code, Finding, listed};
use crate::announced::MDNS_PORT;
use crate::interface::{Interface, LinkKind, SegmentedNetwork};
use crate::wire::Families;

pub(super) fn no_carrier(interface: &str) -> Finding {
    Finding::new(
        Code::NoCarrier,
        format!("{interface} has no carrier"),
        "its cable is out, or the other end is off",
        format!("plug {interface} in, or join a wireless network, and run `cooee find` again"),
    )
}

pub(super) fn interface_down(interface: &str) -> Finding {
    Finding::new(
        Code::InterfaceDown,
        format!("{interface} is down"),
        "it is switched off, so nothing is sent on it",
        format!("switch it on with `{}`", System::OWN.switch_on(interface)),
    )
}

pub(super) fn no_address(interface: &str) -> Finding {
    Finding::new(
        Code::NoAddress,
        format!("{interface} is up and has no address"),
        "DHCP has given it none, so nothing can be sent on it",
        format!("check DHCP, or give it one with `{}`", System::OWN.give_address(interface)),
    )
}

pub(super) fn only_ipv6(interface: &str) -> Finding {
    Finding::new(
        Code::OnlyIpv6,
        format!("{interface} has no IPv4 address"),
        "servers of the stock protocol hear IPv4 only",
        format!("give it one with `{}`", System::OWN.give_address(interface)),
    )
}

/// Only IPv6 is used.
pub(super) fn no_link_local(interface: &str) -> Finding {
    Finding::new(
        Code::NoAddress,
        format!("{interface} has no link-local IPv6 address"),
        "IPv6 is switched off on it, so nothing can be sent over IPv6",
        format!(
            "switch it on with `{}`, or run it again without --ipv6",
            System::OWN.switch_on_ipv6(interface)
        ),
    )
}

pub(super) fn only_tunnels(interfaces: &[String]) -> Finding {
    Finding::new(
        Code::OnlyTunnels,
        format!("the only network is that of a tunnel, {}", listed(interfaces)),
        "a tunnel carries no broadcasts",
        "name the server with `cooee find --host ADDRESS`",
    )
}

pub(super) fn interfaces_excluded(interfaces: &[String]) -> Finding {
    Finding::new(
        Code::InterfacesExcluded,
        format!("the settings leave out {}", listed(interfaces)),
        "no other interface has a network",
        "run it again without --interface and --exclude-interface",
    )
}

pub(super) fn only_loopback() -> Finding {
    Finding::new(
        Code::OnlyLoopback,
        "there is no interface but loopback",
        "only servers on this host can be found",
        "connect this host to a network; start a container with `--network host`",
    )
}

pub(super) fn only_containers(interfaces: &[String]) -> Finding {
    Finding::new(
        Code::OnlyContainers,
        format!("only networks inside this host were probed, on {}", listed(interfaces)),
        "no interface leads to other hosts",
        "connect this host to a network, or name the server with `cooee find --host ADDRESS`",
    )
}

pub(super) fn nothing_listens(hosts: &[String], port: u16, usual: u16) -> Finding {
    let remedy = if port == usual {
        "start `cooee serve` there, or name its port with --port".to_owned()
    } else {
        format!("start `cooee serve --port {port}` there, or name another port behind the host")
    };
    Finding::new(
        Code::NothingListens,
        format!("{} refused: nothing listens on port {port} there", listed(hosts)),
        "the host is up, and no server runs on it, or it has another port",
        remedy,
    )
}

pub(super) fn rejected(hosts: &[String], port: u16) -> Finding {
    Finding::new(
        Code::Rejected,
        format!("a firewall refused UDP to port {port} of {}", listed(hosts)),
        "the host is up, and its firewall rejects probes",
        format!("allow it there, for instance with `ufw allow {port}/udp`"),
    )
}

pub(super) fn no_route(hosts: &[String]) -> Finding {
    Finding::new(
        Code::NoRoute,
        format!("no route leads to {}", listed(hosts)),
        "nothing can be sent there",
        format!("add a route with `{}`, or check the address", System::OWN.add_route()),
    )
}

pub(super) fn no_default_route(interfaces: &[String], port: u16) -> Finding {
    let interfaces = listed(interfaces);
    Finding::new(
        Code::NoRoute,
        format!("nobody answered on {interfaces}, and no route leads out of its network"),
        format!(
            "a server elsewhere cannot be reached; one here is stopped, has a firewall that drops \
             UDP to port {port}, or expects another --message"
        ),
        format!(
            "call each address here with `cooee find --sweep`, or give this host a router with `{}`",
            System::OWN.add_default_route()
        ),
    )
}

pub(super) fn silent_hosts(hosts: &[String], port: u16) -> Finding {
    Finding::new(
        Code::SilentHost,
        format!("{} is on the link, and neither answers nor refuses", listed(hosts)),
        format!(
            "a firewall there drops UDP to port {port}, or its server expects another --message"
        ),
        "run `cooee doctor` on that host",
    )
}

pub(super) fn no_answers(evidence: &Evidence) -> Option<Finding> {
    let outcome = evidence.outcome.as_ref().filter(|outcome| outcome.servers == 0)?;
    let first = outcome.rejected.first()?;
    Some(Finding::new(
        Code::NoAnswers,
        format!(
            "{} sent \"{}\", which is no answer: {}",
            first.source.ip(),
            first.excerpt,
            first.why
        ),
        "the server has another prefix, or another program has its port",
        "name the prefix of its answers with `cooee find --prefix PREFIX`",
    ))
}

pub(super) fn duplicate_address(shared: &SharedAddress) -> Finding {
    let SharedAddress { address, links } = shared;
    let at = if links.is_empty() { String::new() } else { format!(", at {}", listed(links)) };
    Finding::new(
        Code::DuplicateAddress,
        format!("more than one host answers as {address}{at}"),
        "two hosts have one address, so connections go to either; or one host has two interfaces on \
         this link",
        "give one of the hosts another address",
    )
}

/// More answers came than one host gives.
pub(super) fn doubled_answers(address: IpAddr) -> Finding {
    Finding::new(
        Code::DuplicateAddress,
        format!("each probe got two answers from {address}"),
        "two hosts have that address, so connections go to either, or two programs of one host \
         share the port",
        format!(
            "compare `{}` and `cooee doctor` on the hosts that may have it, and give one another \
             address",
            System::OWN.show_addresses()
        ),
    )
}

/// Hosts on the link that are outside this host's networks.
pub(super) fn outside_network(evidence: &Evidence) -> Option<Finding> {
    evidence.neighbours.iter().find_map(|seen| {
        let is_called = |i: &&Interface| i.index == seen.interface && seen.address.is_ipv4();
        let interface = evidence.interfaces.iter().find(is_called)?;
        let own = interface.ipv4().next()?;
        (interface.kind == LinkKind::Broadcast && !interface.is_on_link(seen.address)).then(|| {
            Finding::new(
                Code::OutsideNetwork,
                format!(
                    "{} is on the link of {}, and outside its network {}",
                    seen.address,
                    interface.name,
                    own.trunc()
                ),
                format!("the prefix length of {own} is probably wrong, here or there"),
                format!(
                    "compare the addresses and prefix lengths with `{}` on both hosts",
                    System::OWN.show_addresses()
                ),
            )
        })
    })
}

pub(super) fn port_taken(port: u16, owner: Option<&str>) -> Finding {
    let owner = owner.unwrap_or("another program");
    Finding::new(
        Code::PortTaken,
        format!("port {port} of this host is taken by {owner}"),
        "a server on this host cannot answer",
        format!("stop {owner}, or choose another --port on both sides"),
    )
}

/// It is the same for a server and a client.
pub(super) fn mdns_port_taken(kept: &PortKept) -> Finding {
    let owner = kept.owner.as_deref().unwrap_or("another program");
    let over = match kept.families {
        Families::Both => "",
        Families::V4 => " over IPv4",
        Families::V6 => " over IPv6",
    };
    Finding::new(
        Code::MdnsPortTaken,
        format!("port {MDNS_PORT} of this host is taken by {owner}, which does not share it"),
        format!("no name is announced or found by multicast DNS{over}; probes go on"),
        format!("stop {owner}, or have it share the port (SO_REUSEADDR)"),
    )
}

pub(super) fn wide_network(network: &SegmentedNetwork) -> Finding {
    Finding::new(
        Code::WideNetwork,
        format!(
            "{} is on {}, the size of {} ordinary networks",
            network.interface,
            network.address.trunc(),
            network.segments
        ),
        format!(
            "such a network is often divided into segments that broadcasts do not cross, and \
             perhaps only {} was probed",
            network.likely_reach
        ),
        format!(
            "call the server's segment with `cooee find --subnet {}`",
            neighbour(network.likely_reach)
        ),
    )
}

/// Routes say which networks are behind the router.
pub(super) fn behind_router(network: IpNet, gateway: Option<&Gateway>) -> Finding {
    let router = gateway.map_or("a router".to_owned(), |gateway| gateway.address.to_string());
    Finding::new(
        Code::BehindRouter,
        format!("a route leads to {network} by {router}"),
        "broadcasts do not cross a router",
        format!("call the network behind it with `cooee find --subnet {network}`"),
    )
}

/// Nothing tells whether the servers are behind the router, or the network keeps clients apart.
pub(super) fn only_the_router(gateway: &Gateway, called: &[&Interface]) -> Finding {
    let address = gateway.address;
    let own = called.iter().find(|i| i.is_on_link(address)).and_then(|i| i.ipv4().next());
    let likely = own.map_or("NETWORK".to_owned(), |net| neighbour(net).to_string());
    Finding::new(
        Code::BehindRouter,
        format!("no host on this network answered, and {address} routes to others"),
        "the server is probably on another network, or this one keeps its clients apart (guest \
         Wi-Fi), or no server runs",
        format!("call the server's network with `cooee find --subnet {likely}`"),
    )
}

pub(super) fn client_isolation(gateway: &Gateway) -> Finding {
    Finding::new(
        Code::ClientIsolation,
        format!("no address of this network has a host but the router, {}", gateway.address),
        "the network keeps its clients apart, as guest Wi-Fi does",
        "join another network or use a cable, or switch the isolation off at the access point",
    )
}

/// Only this host was called.
pub(super) fn nobody_here(port: u16) -> Finding {
    Finding::new(
        Code::NobodyAnswered,
        "nobody answered on this host",
        format!("no server has port {port} here, or it expects another --message"),
        "start one with `cooee serve`",
    )
}

pub(super) fn nobody_answered(evidence: &Evidence, interfaces: &[String]) -> Finding {
    Finding::new(
        Code::NobodyAnswered,
        format!("nobody answered on {}", listed(interfaces)),
        format!(
            "no server runs on this network, its firewall drops UDP to port {}, it expects another \
             --message, or the network keeps its clients apart (guest Wi-Fi)",
            evidence.port
        ),
        "call each address with `cooee find --sweep`, and run `cooee doctor` where the server is",
    )
}

/// The network of the same size beside it, as an example of another one.
fn neighbour(net: Ipv4Net) -> Ipv4Net {
    let bit = 1_u32.checked_shl(32 - u32::from(net.prefix_len())).unwrap_or(0);
    let beside = std::net::Ipv4Addr::from_bits(net.network().to_bits() ^ bit);
    Ipv4Net::new(beside, net.prefix_len()).unwrap_or(net)
}
