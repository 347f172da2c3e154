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
