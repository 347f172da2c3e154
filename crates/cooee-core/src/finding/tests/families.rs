//! What is said where IPv6 is used.

use super::*;
use crate::wire::Families;

#[test]
fn rules_for_ipv4_alone_say_nothing_of_ipv6() {
    let nft = |table: &str| FirewallTool::Nft { table: table.into(), chain: "input".into() };
    let drops = |tool| Firewall::Drops { tool };
    let mut evidence = found_nobody(&[interface(2, "eth0", &["fe80::3/64"])]);
    evidence.families = Families::V6;
    for (firewall, code) in [
        (drops(nft("ip filter")), "nobody-answered"),
        (drops(FirewallTool::Iptables), "nobody-answered"),
        (drops(nft("inet filter")), "own-firewall"),
    ] {
        evidence.firewall = Some(firewall.clone());
        assert_eq!(codes(&diagnose(&evidence)), [code], "{firewall:?}");
    }
    evidence.firewall = Some(Firewall::Open);
    evidence.families = Families::Both;
    evidence.interfaces = vec![lo(), interface(2, "eth0", &["10.0.1.3/24", "fe80::3/64"])];
    evidence.outcome = Some(Outcome { servers: 1, drops_answers: true, ..nobody() });
    evidence.only_by_unicast = vec!["fe80::2".parse().expect("an address")];
    assert_eq!(codes(&diagnose(&evidence)), ["own-firewall"], "IPv4 is open");
    evidence.only_by_unicast = vec!["10.0.1.2".parse().expect("an address")];
    assert_eq!(codes(&diagnose(&evidence)), [""; 0]);
}

/// Rules for IPv4 alone that drop answers.
fn drops_over_v4() -> Option<Firewall> {
    Some(Firewall::Drops { tool: FirewallTool::Iptables })
}

fn heard_and_not_answered(peer: &str) -> Exchanged {
    Exchanged {
        takes_part: true,
        is_server: true,
        hears_broadcast: true,
        ..Exchanged::nothing(peer.parse().expect("an address"), true, true)
    }
}

#[test]
fn rules_for_ipv4_alone_hide_no_proof_over_ipv6() {
    let mut evidence = found_nobody(&[interface(2, "eth0", &["10.0.1.3/24", "fe80::3/64"])]);
    evidence.outcome = Some(Outcome { servers: 1, ..nobody() });
    evidence.firewall = drops_over_v4();
    evidence.families = Families::V6;
    evidence.trials.exchanges = vec![heard_and_not_answered("fe80::7")];
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["own-firewall"]);
    assert!(findings[0].seen().starts_with("fe80::7 heard a multicast"), "{findings:?}");

    // Where IPv4 is asked about too, its rules are told, and once.
    evidence.families = Families::Both;
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["own-firewall"]);
    assert!(findings[0].seen().contains("iptables"), "{findings:?}");
}

#[test]
fn calls_of_this_host_to_itself_say_nothing_of_ipv6() {
    let mut evidence = found_nobody(&[interface(2, "eth0", &["10.0.1.3/24", "fe80::3/64"])]);
    evidence.outcome = Some(Outcome { servers: 1, ..nobody() });
    evidence.trials.own_calls =
        vec![OwnCall { interface: "eth0".into(), unicast: true, broadcast: false }];
    for firewall in [None, drops_over_v4()] {
        evidence.firewall = firewall;
        for (families, codes_of) in [
            (Families::Both, &["own-firewall"][..]),
            (Families::V4, &["own-firewall"]),
            (Families::V6, &[]),
        ] {
            evidence.families = families;
            assert_eq!(codes(&diagnose(&evidence)), codes_of, "{families:?}");
        }
    }
}
