use std::collections::BTreeMap;
use std::net::IpAddr;

use super::evidence::{Evidence, Gateway, NeighbourSeen, PortUse};
use super::firewall::{self, Firewall, FirewallTool, Side};
use super::trials::Exchanged;
use super::{Code, Finding, causes, privacy, tried};
use crate::Ended;
use crate::interface::{Interface, InterfaceRole, LinkKind, Unused, segmented_network};

/// Why a client finds nobody, the likeliest cause first.
///
/// The last finding is [`Code::NobodyAnswered`](super::Code::NobodyAnswered) if a discovery found
/// nobody and nothing else explains it. So there is always one then, unless every peer of a test
/// exchange [explains the silence](Exchanged::explains_silence).
pub fn diagnose(evidence: &Evidence) -> Vec<Finding> {
    let called = Called::new(evidence);
    let mut findings = Vec::new();
    if called.nobody {
        findings.extend(nothing_called(evidence));
    }
    findings.extend(tried::other_message(evidence));
    findings.extend(named_hosts(evidence));
    if found_nobody(evidence) {
        findings.extend(privacy::of_client(evidence));
    }
    let own_firewall = own_firewall(evidence);
    let proven = tried::proven(evidence);
    let is_it = |finding: &Finding| finding.code() == Code::OwnFirewall;
    let is_certain = own_firewall.as_ref().is_some_and(is_it);
    // A suspicion is none any more where it is proven.
    let is_proven = proven.iter().any(is_it);
    findings.extend(own_firewall.filter(|found| is_it(found) || !is_proven));
    findings.extend(proven.into_iter().filter(|found| !(is_certain && is_it(found))));
    findings.extend(causes::no_answers(evidence));
    findings.extend(duplicates(evidence));
    findings.extend(causes::outside_network(evidence));
    if called.only_containers {
        findings.push(causes::only_containers(&called.names));
    }
    if let PortUse::Foreign { owner } = &evidence.port_use {
        findings.push(causes::port_taken(evidence.port, owner.as_deref()));
    }
    findings.extend(tried::beside(evidence));
    if !called.nobody {
        findings.extend(unplugged(evidence));
    }
    if found_nobody(evidence) && called.only_this_host {
        findings.push(causes::nobody_here(evidence.port));
    } else if found_nobody(evidence) && !called.nobody && !is_silence_explained(evidence) {
        findings.extend(reach(evidence, &called));
        if findings.is_empty() {
            findings.push(causes::nobody_answered(evidence, &called.names));
        }
    }
    findings.extend(evidence.mdns_port.as_ref().map(causes::mdns_port_taken));
    findings
}

/// Whether a discovery has ended by itself with nothing. One that was stopped proves nothing.
fn found_nobody(evidence: &Evidence) -> bool {
    let outcome = evidence.outcome.as_ref();
    outcome.is_some_and(|outcome| outcome.servers == 0 && outcome.ended != Ended::Stopped)
}

/// Whether each peer says that it has no server, and would hear and reach this host if it had one.
fn is_silence_explained(evidence: &Evidence) -> bool {
    let exchanges = &evidence.trials.exchanges;
    !exchanges.is_empty() && exchanges.iter().all(Exchanged::explains_silence)
}

/// Which interfaces were probed.
struct Called<'a> {
    interfaces: Vec<&'a Interface>,
    names: Vec<String>,
    nobody: bool,
    only_containers: bool,
    only_this_host: bool,
}

impl<'a> Called<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        let family = evidence.judged_family();
        let is_called = |i: &&Interface| evidence.selection.check_over(i, family).is_ok();
        let interfaces: Vec<_> = evidence.interfaces.iter().filter(is_called).collect();
        let only_containers =
            !interfaces.is_empty() && interfaces.iter().all(|i| i.role == InterfaceRole::Container);
        let only_this_host =
            !interfaces.is_empty() && interfaces.iter().all(|i| i.kind == LinkKind::Loopback);
        let names = interfaces.iter().map(|i| i.name.clone()).collect();
        Self { nobody: interfaces.is_empty(), interfaces, names, only_containers, only_this_host }
    }
}

/// Why no interface with a network was probed: what is easiest to mend first.
fn nothing_called(evidence: &Evidence) -> Vec<Finding> {
    let named = |why: Unused| unused(evidence, why);
    let mut findings: Vec<Finding> = [
        (Unused::NoCarrier, causes::no_carrier as fn(&str) -> Finding),
        (Unused::NoAddress, causes::no_address),
        (Unused::NoIpv4, causes::only_ipv6),
        (Unused::NoLinkLocal, causes::no_link_local),
        (Unused::Down, causes::interface_down),
    ]
    .into_iter()
    .flat_map(|(why, finding)| named(why).into_iter().map(move |name| finding(&name)))
    .collect();
    let tunnels = named(Unused::PointToPoint);
    if !tunnels.is_empty() {
        findings.push(causes::only_tunnels(&tunnels));
    }
    let mut excluded = named(Unused::Excluded);
    excluded.extend(named(Unused::NotIncluded));
    if !excluded.is_empty() {
        findings.push(causes::interfaces_excluded(&excluded));
    }
    if findings.is_empty() && evidence.selection.include.is_empty() {
        findings.push(causes::only_loopback());
    }
    findings
}

/// Interfaces that could not be used beside those that were.
fn unplugged(evidence: &Evidence) -> Vec<Finding> {
    let is_mains = |name: &String| {
        evidence.interfaces.iter().any(|i| i.name == *name && i.role == InterfaceRole::Ordinary)
    };
    let names = unused(evidence, Unused::NoCarrier).into_iter().filter(is_mains);
    let used_to_have_one = |name: &String| {
        evidence.interfaces.iter().any(|i| i.name == *name && i.ipv4().next().is_some())
    };
    names.filter(used_to_have_one).map(|name| causes::no_carrier(&name)).collect()
}

fn unused(evidence: &Evidence, why: Unused) -> Vec<String> {
    let is_so = |i: &&Interface| {
        i.kind != LinkKind::Loopback
            && evidence.selection.check_over(i, evidence.judged_family()).err() == Some(why)
    };
    evidence.interfaces.iter().filter(is_so).map(|i| i.name.clone()).collect()
}

fn named_hosts(evidence: &Evidence) -> Vec<Finding> {
    let Some(outcome) = &evidence.outcome else { return Vec::new() };
    let mut findings = Vec::new();
    for (port, refused) in by_port(&outcome.refused, |name| evidence.port_of(name)) {
        findings.push(causes::nothing_listens(&refused, port, evidence.port));
    }
    for (port, prohibited) in by_port(&evidence.prohibited, |&ip| evidence.port_at(ip)) {
        findings.push(causes::rejected(&prohibited, port));
    }
    let (unrouted, mut silent): (Vec<_>, Vec<_>) =
        outcome.silent.iter().cloned().partition(|name| evidence.unrouted.contains(name));
    if outcome.ended == Ended::Stopped {
        silent.clear();
    }
    if !unrouted.is_empty() {
        findings.push(causes::no_route(&unrouted));
    }
    let is_there = |name: &String| {
        let named = evidence.hosts.iter().filter(|host| host.name == *name);
        let mut addresses = named.flat_map(|host| &host.addresses).map(std::net::SocketAddr::ip);
        addresses.any(|ip| {
            evidence.neighbours.iter().any(|seen| seen.address == ip)
                && !evidence.prohibited.contains(&ip)
                && !evidence.trials.exchanges.iter().any(|e| e.peer == ip && e.takes_part)
        })
    };
    let there: Vec<_> = silent.into_iter().filter(is_there).collect();
    for (port, there) in by_port(&there, |name| evidence.port_of(name)) {
        findings.push(causes::silent_hosts(&there, port));
    }
    findings
}

/// The hosts that were probed at each port.
fn by_port<H: ToString>(hosts: &[H], port: impl Fn(&H) -> u16) -> BTreeMap<u16, Vec<String>> {
    let mut ports: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for host in hosts {
        ports.entry(port(host)).or_default().push(host.to_string());
    }
    ports
}

fn own_firewall(evidence: &Evidence) -> Option<Finding> {
    let port = evidence.port;
    let known = evidence.known_firewall();
    match known {
        Some(Firewall::Drops { tool }) if evidence.only_by_unicast.is_empty() => {
            return Some(firewall::drops_by_its_rules(tool, port, Side::Client));
        }
        Some(Firewall::Open) => return None,
        Some(Firewall::Drops { .. } | Firewall::Active { .. } | Firewall::Unclear { .. })
        | None => {}
    }
    let unknown = FirewallTool::Unknown;
    let tool = match known {
        Some(Firewall::Drops { tool } | Firewall::Active { tool } | Firewall::Unclear { tool }) => {
            tool
        }
        _ => &unknown,
    };
    if !evidence.only_by_unicast.is_empty() {
        let hosts: Vec<_> = evidence.only_by_unicast.iter().map(ToString::to_string).collect();
        // ufw and firewalld drop what nobody asked for unless they are told otherwise. Rules that
        // are not understood prove nothing: one answer may be lost.
        let drops = matches!(known, Some(Firewall::Drops { .. } | Firewall::Active { .. }));
        let is_certain =
            drops || evidence.outcome.as_ref().is_some_and(|outcome| outcome.drops_answers);
        return Some(if is_certain {
            firewall::lets_in_only_replies(&hosts, tool, port)
        } else {
            firewall::may_let_in_only_replies(&hosts, tool, port)
        });
    }
    let resolved_us: Vec<_> = strangers(evidence)
        .filter(|seen| seen.since_probe && !has_sent(evidence, seen))
        .filter(|seen| !was_called(evidence, seen))
        .map(|seen| seen.address.to_string())
        .collect();
    if !resolved_us.is_empty() && found_nobody(evidence) {
        return Some(firewall::drops_what_resolved_us(&resolved_us, tool, port));
    }
    match known {
        Some(Firewall::Active { tool }) if found_nobody(evidence) => {
            Some(firewall::is_suspected(tool, port, Side::Client))
        }
        Some(Firewall::Unclear { tool }) if found_nobody(evidence) => {
            Some(firewall::is_unclear(tool, port, Side::Client))
        }
        _ => None,
    }
}

/// Whether something arrived from it that is no answer, so that nothing was dropped.
fn has_sent(evidence: &Evidence, seen: &NeighbourSeen) -> bool {
    let mut rejected = evidence.outcome.iter().flat_map(|outcome| &outcome.rejected);
    rejected.any(|rejected| rejected.source.ip() == seen.address)
}

/// Whether this host may have looked it up itself, to call it in a sweep or from memory.
fn was_called(evidence: &Evidence, seen: &NeighbourSeen) -> bool {
    evidence.outcome.as_ref().is_some_and(|outcome| {
        let mut remembered = outcome.remembered.silent.iter().chain(&outcome.remembered.answered);
        outcome.swept.is_some() || remembered.any(|address| address.ip() == seen.address)
    })
}

/// The neighbours that are neither routers nor named: this host may have called those itself.
fn strangers(evidence: &Evidence) -> impl Iterator<Item = &NeighbourSeen> {
    let gateways = evidence.gateways.as_deref().unwrap_or_default();
    let named = || evidence.hosts.iter().flat_map(|host| &host.addresses);
    evidence.neighbours.iter().filter(move |seen| {
        !gateways.iter().any(|gateway| gateway.address == seen.address)
            && !named().any(|address| address.ip() == seen.address)
    })
}

/// Addresses that two hosts have: known by their link addresses, or by their answers.
fn duplicates(evidence: &Evidence) -> Vec<Finding> {
    let is_known = |address: &&IpAddr| evidence.shared.iter().any(|of| of.address == **address);
    let doubled = evidence.outcome.iter().flat_map(|outcome| &outcome.doubled);
    let by_answers = doubled.filter(|address| !is_known(address)).copied();
    let by_links = evidence.shared.iter().map(causes::duplicate_address);
    by_links.chain(by_answers.map(causes::doubled_answers)).collect()
}

/// What lies between this host and servers that are there.
fn reach(evidence: &Evidence, called: &Called<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(network) = segmented_network(called.interfaces.iter().copied()) {
        findings.push(causes::wide_network(&network));
    }
    let Some(gateways) = &evidence.gateways else { return findings };
    let is_swept = evidence.outcome.as_ref().and_then(|outcome| outcome.swept).is_some();
    if strangers(evidence).next().is_some() {
        return findings;
    }
    if !evidence.routes.is_empty() {
        findings.push(causes::behind_router(evidence.routes[0], gateways.first()));
    } else if let Some(gateway) = gateways.first() {
        if is_swept {
            findings.push(causes::client_isolation(gateway));
        } else if is_of_an_organisation(gateway) {
            findings.push(causes::only_the_router(gateway, &called.interfaces));
        }
    } else if findings.is_empty() {
        findings.push(causes::no_default_route(&called.names, evidence.port));
    }
    findings
}

/// Whether the network is probably one of several: those of homes are in 192.168/16.
fn is_of_an_organisation(gateway: &Gateway) -> bool {
    match gateway.address {
        IpAddr::V4(address) => address.is_private() && address.octets()[0] != 192,
        IpAddr::V6(_) => false,
    }
}
