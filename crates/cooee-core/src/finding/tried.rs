//! The findings of the doctor, which sends test calls where a discovery only looks.

use super::commands::System;
use super::evidence::Evidence;
use super::trials::{Connection, Exchanged, ServiceTried};
use super::{Code, Finding, listed};
use crate::wire::Family;
use crate::{GROUP, Trust};

/// What is proven by an experiment, and explains why nobody answers.
pub(super) fn proven(evidence: &Evidence) -> Vec<Finding> {
    let trials = &evidence.trials;
    let mut findings = Vec::new();
    if !trials.absent.is_empty() {
        let absent: Vec<_> = trials.absent.iter().map(ToString::to_string).collect();
        findings.push(match trials.routers_there.first() {
            Some(router) => kept_apart(&absent, &router.to_string()),
            None => nobody_has(&absent),
        });
    }
    findings.extend(trials.tunnels.first().map(|route| {
        Finding::new(
            Code::TunnelTakesNetwork,
            format!("the tunnel {} takes what is for {}", route.tunnel, route.destination),
            format!(
                "that is part of {}, a network of this host: what is sent to servers there goes \
                 into the tunnel",
                route.network
            ),
            format!(
                "leave that network out of the tunnel's routes, or end the tunnel {}",
                route.tunnel
            ),
        )
    }));
    findings.extend(own_firewall(evidence));
    findings.extend(broadcasts_lost(evidence));
    findings
}

/// What is wrong beside: addresses and services that cannot be reached, and owners of the port.
pub(super) fn beside(evidence: &Evidence) -> Vec<Finding> {
    let trials = &evidence.trials;
    let mut findings: Vec<_> = trials.services.iter().filter_map(service).collect();
    if trials.port_sharers.len() > 1 {
        findings.push(Finding::new(
            Code::SeveralOwners,
            format!("port {} of this host has several owners: {}", evidence.port, {
                listed(&trials.port_sharers)
            }),
            "each datagram reaches one of them, and not always the same",
            "stop all of them but one",
        ));
    }
    findings
}

fn kept_apart(absent: &[String], router: &str) -> Finding {
    Finding::new(
        Code::ClientIsolation,
        format!("no host answers ARP for {}, and the router {router} does", listed(absent)),
        "the network keeps its clients apart, as guest Wi-Fi does, or that host is off",
        "check that the host is on, then join another network or use a cable, or switch the \
         isolation off at the access point",
    )
}

fn nobody_has(absent: &[String]) -> Finding {
    Finding::new(
        Code::NobodyThere,
        format!("no host answers ARP for {}", listed(absent)),
        "the host is off, has another address, or is not on this link",
        format!("check the address with `{}` on that host", System::OWN.show_addresses()),
    )
}

/// A server takes part in a test exchange, and does not answer probes.
pub(super) fn other_message(evidence: &Evidence) -> Option<Finding> {
    let is_silent = |e: &&Exchanged| e.is_server && !e.answers_probes;
    let peer = evidence.trials.exchanges.iter().find(is_silent)?.name();
    Some(Finding::new(
        Code::OtherMessage,
        format!("{peer} takes part in a test exchange, and its server does not answer probes"),
        "it expects another --message, is not to answer this client, or waits for its service",
        "compare --message, --answer and --allow on both sides; with --require-listener, start the \
         service there",
    ))
}

/// By experiment. Where the rules that are known explain it, their finding goes before this one.
fn own_firewall(evidence: &Evidence) -> Option<Finding> {
    let lost =
        evidence.trials.exchanges.iter().find(|e| e.hears_broadcast && !e.answer_to_broadcast);
    let seen = if let Some(lost) = lost {
        let way = if lost.peer.is_ipv4() { "broadcast" } else { "multicast" };
        format!("{} heard a {way}, and its answer did not arrive", lost.name())
    } else {
        // This host calls itself over IPv4.
        let is_asked = evidence.families.has(Family::V4);
        let calls = evidence.trials.own_calls.iter().filter(|call| is_asked && !call.broadcast);
        let lost: Vec<_> = calls.map(|call| call.interface.clone()).collect();
        if lost.is_empty() {
            return None;
        }
        format!("a broadcast of this host to itself on {} did not arrive", listed(&lost))
    };
    Some(Finding::new(
        Code::OwnFirewall,
        seen,
        "a firewall on this host drops what belongs to no connection, as answers to a broadcast",
        format!(
            "allow UDP from port {} in the firewall, or call each address with `cooee find --sweep`",
            evidence.port
        ),
    ))
}

/// A peer on the link hears by unicast and not by broadcast.
fn broadcasts_lost(evidence: &Evidence) -> Option<Finding> {
    let exchanges = &evidence.trials.exchanges;
    let deaf = exchanges.iter().find(|e| e.takes_part && e.on_link && !e.hears_broadcast)?;
    let (peer, port) = (deaf.name(), evidence.port);
    if deaf.peer.is_ipv6() {
        return Some(Finding::new(
            Code::BroadcastsLost,
            format!("{peer} hears this host by unicast, and not by multicast"),
            "the network or that host's firewall drops what is sent to the group that servers join",
            format!(
                "allow UDP to {GROUP} port {port} there, and in switches that filter multicast, or \
                 name the server with `cooee find --host {peer}`"
            ),
        ));
    }
    Some(Finding::new(
        Code::BroadcastsLost,
        format!("{peer} hears this host by unicast, and not by broadcast"),
        "the network or that host's firewall drops broadcasts, or the prefix lengths differ",
        format!(
            "compare the prefix lengths with `{}` on both hosts, allow broadcasts to port \
             {port} there, or name the server with `cooee find --host {peer}`",
            System::OWN.show_addresses()
        ),
    ))
}

fn service(tried: &ServiceTried) -> Option<Finding> {
    let ServiceTried { address, source, .. } = tried;
    let is_foreign = tried.trust == Trust::Unverified;
    match tried.connection {
        Connection::Accepted => None,
        Connection::Refused | Connection::Nothing if is_foreign => Some(Finding::new(
            Code::UnreachableAddress,
            format!("{source} names {address}, which cannot be reached from here"),
            "the server is in a container or behind address translation, and names an address of \
             its inner network",
            "start that container with `--network host`, or name the outer address there with \
             `cooee serve --advertise ADDRESS`",
        )),
        Connection::Refused if tried.names_port => Some(Finding::new(
            Code::ServiceSilent,
            format!("{source} names {address}, and nothing listens there"),
            "the server is announced, and its service does not run, or only on its loopback address",
            "start the service on that host, and use `cooee serve --require-listener`",
        )),
        Connection::Nothing if tried.names_port => Some(Finding::new(
            Code::ServiceSilent,
            format!("{source} names {address}, and a connection to it gets no reply"),
            "a firewall there drops connections to that port",
            format!("allow TCP to port {} there", address.port()),
        )),
        Connection::Refused | Connection::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::diagnose;
    use super::super::tests::{codes, on_eth0};
    use super::*;

    fn exchanged(is_server: bool) -> Exchanged {
        Exchanged {
            takes_part: true,
            is_server,
            hears_broadcast: true,
            answer_to_broadcast: true,
            its_broadcast: true,
            ..Exchanged::nothing([10, 0, 1, 2].into(), true, false)
        }
    }

    #[test]
    fn a_server_that_takes_part_and_is_silent_expects_something_else() {
        let mut evidence = on_eth0();
        evidence.trials.exchanges = vec![exchanged(true)];
        assert_eq!(codes(&diagnose(&evidence))[0], "other-message");
        evidence.trials.exchanges[0].answers_probes = true;
        assert!(!codes(&diagnose(&evidence)).contains(&"other-message"));
    }

    #[test]
    fn over_ipv6_the_group_is_named_and_the_peer_with_its_zone() {
        let mut evidence = on_eth0();
        evidence.gateways = Some(vec![]);
        let peer = "fe80::7".parse().expect("an address");
        evidence.trials.exchanges = vec![Exchanged {
            peer,
            zone: Some("eth0".into()),
            hears_broadcast: false,
            ..exchanged(true)
        }];
        evidence.trials.exchanges[0].answers_probes = true;
        let finding = &diagnose(&evidence)[0];
        assert_eq!(finding.code(), Code::BroadcastsLost);
        assert!(finding.seen().ends_with("not by multicast"), "{finding:?}");
        assert!(finding.remedy().ends_with("`cooee find --host fe80::7%eth0`"), "{finding:?}");
    }

    #[test]
    fn a_peer_without_a_server_explains_that_nobody_answers() {
        let mut evidence = on_eth0();
        evidence.gateways = Some(vec![]);
        evidence.trials.exchanges = vec![exchanged(false)];
        assert_eq!(codes(&diagnose(&evidence)), [""; 0]);
        evidence.trials.exchanges[0].hears_broadcast = false;
        assert_eq!(codes(&diagnose(&evidence))[0], "broadcasts-lost");
    }

    #[test]
    fn peers_that_are_not_all_without_a_server_on_the_link_explain_no_silence() {
        let elsewhere = Exchanged { on_link: false, ..exchanged(false) };
        let silent = Exchanged::nothing([10, 0, 1, 9].into(), true, false);
        for exchanges in [
            vec![elsewhere.clone()],
            vec![exchanged(false), elsewhere],
            vec![exchanged(false), silent],
            vec![],
        ] {
            let mut evidence = on_eth0();
            evidence.gateways = Some(vec![]);
            evidence.trials.exchanges = exchanges.clone();
            assert_eq!(codes(&diagnose(&evidence)), ["no-route"], "{exchanges:?}");
        }
    }
}
