//! What to say when no server has answered, or not all that were asked for.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use cooee::finding::{Code, Finding};
use cooee::interface::{Interface, LinkKind, Unused};
use cooee::{Ended, Found, HostAddress, Outcome};

use crate::console::Console;
use crate::phrase::{count, grouped, listed, rough_time};
use crate::settings::Find;

/// Prints where probes went, what came of them, and what to try.
pub(super) fn explain(find: &Find, found: &Found, console: Console) {
    let outcome = found.outcome();
    if !find.sends_probes() {
        return console.say(nothing_announced(find, outcome));
    }
    let findings = findings(found, console);
    let interfaces = cooee::interfaces().unwrap_or_default();
    let network = Network::new(find, &interfaces);
    console.say(headline(find, outcome, &network));
    if let Some(line) = unused(&network) {
        console.say(line);
    }
    explain_missing(find, outcome, console);
    let likeliest = findings.first().map(Finding::code);
    // The likeliest finding quotes the first.
    let told = usize::from(likeliest == Some(Code::NoAnswers));
    for rejected in outcome.rejected.iter().skip(told) {
        // A warning has told of the others as they came.
        if !rejected.is_almost_an_answer() {
            console.warn(format_args!(
                "{} sent \"{}\", which is no answer: {}",
                rejected.source, rejected.excerpt, rejected.why
            ));
        }
    }
    console.tell(&findings);
}

/// What the discovery shows of this host and its network; nothing if that is not to be printed, or
/// if the user has stopped it, who does not wait for it then.
pub(super) fn findings(found: &Found, console: Console) -> Vec<Finding> {
    if found.outcome().ended == Ended::Stopped || !console.wants_findings() {
        return Vec::new();
    }
    found.findings()
}

/// Prints which named hosts stayed silent, and which addresses were not probed.
pub(super) fn explain_missing(find: &Find, outcome: &Outcome, console: Console) {
    for (port, hosts) in refused_by_port(find, outcome) {
        console.say(format_args!("nothing listens on port {port} at {}", listed(&hosts)));
    }
    for name in &outcome.unresolved {
        console.say(format_args!(
            "cannot resolve {}: {}; check the name, or give the address",
            name.host, name.why
        ));
    }
    if !outcome.silent.is_empty() {
        console.say(format_args!("no answer from {}", listed(&outcome.silent)));
    }
    let Some(swept) = outcome.swept else { return };
    if swept.refused > 0 {
        let (refused, of) = (grouped(swept.refused), grouped(swept.of));
        console.say(format_args!(
            "{refused} of {of} addresses could not be sent a probe; check the route and the firewall"
        ));
    }
    if swept.called + swept.refused < swept.of {
        console.say_swept(swept, incomplete_sweep(swept.called, swept.of, swept.pass_takes));
    }
}

/// The hosts that refused, by the port that they were probed at.
fn refused_by_port(find: &Find, outcome: &Outcome) -> BTreeMap<u16, Vec<String>> {
    let mut ports: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for name in &outcome.refused {
        let host = find.hosts.iter().find(|host| host.to_string() == *name);
        let port = host.and_then(HostAddress::port).unwrap_or(find.wire.port);
        ports.entry(port).or_default().push(name.clone());
    }
    ports
}

/// How far the sweep came, and what would be enough.
fn incomplete_sweep(called: u64, of: u64, pass_takes: Duration) -> String {
    format!(
        "{} of {} addresses called; all of them take about {}, which --timeout {} allows",
        grouped(called),
        grouped(of),
        rough_time(pass_takes),
        rough_time(pass_takes.mul_f64(1.25) + Duration::from_secs(1)),
    )
}

/// The interfaces of this host, and what was done on them.
struct Network<'a> {
    called: Vec<(&'a Interface, String)>,
    unused: Vec<(&'a str, Unused)>,
    only_loopback: bool,
}

impl<'a> Network<'a> {
    fn new(find: &Find, interfaces: &'a [Interface]) -> Self {
        let families = find.wire.families();
        let addresses = cooee::probed_addresses(interfaces, &find.selection, families);
        let probed = interfaces.iter().filter_map(|interface| {
            let of_it = addresses.iter().filter(|(index, _)| *index == interface.index);
            let texts: Vec<_> = of_it.map(|(_, address)| shown(address)).collect();
            (!texts.is_empty())
                .then(|| (interface, format!("{} ({})", interface.name, texts.join(", "))))
        });
        let called: Vec<_> = probed.collect();
        let is_loopback = |(interface, _): &(&Interface, String)| {
            interface.kind == LinkKind::Loopback && find.selection.include.is_empty()
        };
        let only_loopback = called.iter().all(is_loopback);
        let why = |i: &'a Interface| {
            Some((i.name.as_str(), find.selection.check_over(i, families).err()?))
        };
        let unused = interfaces.iter().filter_map(why).collect();
        Self { called, unused, only_loopback }
    }

    fn places(&self) -> Vec<String> {
        if self.only_loopback {
            return vec!["this host".to_owned()];
        }
        self.called.iter().map(|(_, place)| place.clone()).collect()
    }
}

/// An address of IPv4, or that the group of the link was probed.
fn shown(address: &IpAddr) -> String {
    if address.is_ipv4() { address.to_string() } else { "IPv6".to_owned() }
}

fn nothing_announced(find: &Find, outcome: &Outcome) -> String {
    let elapsed = outcome.elapsed.as_secs_f64();
    if find.services.is_empty() {
        return format!(
            "no server is announced by multicast DNS in {elapsed:.1} s; those without a name are found by \
             probes, without --only mdns"
        );
    }
    let services: Vec<_> = find.services.iter().map(ToString::to_string).collect();
    format!(
        "nothing of {} is announced by multicast DNS in {elapsed:.1} s; see whether UDP port 5353 is open in \
         the firewall of this host",
        listed(&services)
    )
}

fn headline(find: &Find, outcome: &Outcome, network: &Network<'_>) -> String {
    let mut places = network.places();
    places.extend(find.hosts.iter().map(ToString::to_string));
    match outcome.swept.filter(|swept| swept.called < swept.of) {
        None => places.extend(find.subnets.iter().map(ToString::to_string)),
        // Nothing is known of the rest.
        Some(swept) => {
            let option = if find.sweep { "--sweep" } else { "--subnet" };
            places.push(format!("{} addresses of {option}", grouped(swept.called)));
        }
    }
    let elapsed = outcome.elapsed.as_secs_f64();
    let mut line = format!("no servers found on {} in {elapsed:.1} s", shortened(&places));
    if outcome.ended == Ended::Stopped {
        line += ", then stopped";
    }
    if outcome.refusals.in_all() > 0 {
        let other = count(outcome.refusals.in_all(), "datagram");
        line += &format!("; received {other}, but no answer");
    }
    line
}

/// Why interfaces that were not named were not used either: a word for each that has something
/// wrong with it.
fn unused(network: &Network<'_>) -> Option<String> {
    let is_telling = |why: Unused| match why {
        Unused::Down
        | Unused::NoCarrier
        | Unused::NoAddress
        | Unused::NoIpv4
        | Unused::NoLinkLocal => true,
        Unused::PointToPoint | Unused::NoBroadcast => network.only_loopback,
        _ => false,
    };
    let reasons: Vec<_> = network
        .unused
        .iter()
        .filter(|(_, why)| is_telling(*why))
        .map(|(name, why)| format!("{name} {}", why.predicate()))
        .collect();
    (!reasons.is_empty()).then(|| format!("not used: {}", listed(&reasons)))
}

fn shortened(places: &[String]) -> String {
    match places {
        [first @ .., last] if places.len() > 4 => {
            format!("{}, {} more and {last}", first[..2].join(", "), first.len() - 2)
        }
        places => places.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use cooee::interface::LinkState;

    use super::*;

    fn interface(index: u32, name: &str, addresses: &[&str], state: LinkState) -> Interface {
        Interface {
            index,
            name: name.into(),
            addresses: addresses.iter().map(|net| net.parse().unwrap()).collect(),
            kind: if name == "lo" { LinkKind::Loopback } else { LinkKind::Broadcast },
            state,
            role: cooee::interface::role(name, None, !addresses.is_empty()),
        }
    }

    fn lo() -> Interface {
        interface(1, "lo", &["127.0.0.1/8"], LinkState::Up)
    }

    #[test]
    fn an_unplugged_host_says_why_and_never_names_loopback() {
        let interfaces = [
            lo(),
            interface(2, "eth0", &["10.0.0.2/24"], LinkState::NoCarrier),
            interface(3, "eth1", &[], LinkState::Up),
            interface(4, "wlan0", &[], LinkState::Down),
        ];
        let network = Network::new(&Find::default(), &interfaces);
        assert!(network.only_loopback);
        assert_eq!(
            unused(&network).unwrap(),
            "not used: eth0 has no carrier, eth1 has no address and wlan0 is down"
        );
    }

    #[test]
    fn the_headline_names_what_was_probed_over_the_families_in_use() {
        let eth = |addresses: &[&str]| interface(2, "eth0", addresses, LinkState::Up);
        let places =
            |find: &Find, interfaces: &[Interface]| Network::new(find, interfaces).places();
        let both = [lo(), eth(&["10.0.1.2/24", "fe80::2/64"])];
        let mut find = Find::default();
        assert_eq!(places(&find, &both), ["eth0 (10.0.1.255, IPv6)"]);
        let only_ipv6 = [lo(), eth(&["2001:db8::2/64", "fe80::2/64"])];
        assert_eq!(places(&find, &only_ipv6), ["eth0 (IPv6)"]);
        assert_eq!(unused(&Network::new(&find, &only_ipv6)), None);
        find.wire.ipv6 = true;
        assert_eq!(places(&find, &both), ["eth0 (IPv6)"]);
        (find.wire.ipv6, find.wire.ipv4) = (false, true);
        assert_eq!(places(&find, &both), ["eth0 (10.0.1.255)"]);
    }

    #[test]
    fn a_sweep_that_was_cut_short_claims_no_more_than_it_did() {
        assert_eq!(
            incomplete_sweep(1250, 65_536, Duration::from_secs_f64(262.1)),
            "1,250 of 65,536 addresses called; all of them take about 4m23s, which --timeout \
             5m29s allows"
        );
    }
}
