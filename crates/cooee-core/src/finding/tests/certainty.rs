//! When a firewall of this host is proven, and when it is suspected.

use super::*;

#[test]
fn rules_that_are_not_understood_prove_nothing() {
    let tool = || FirewallTool::Iptables;
    for (firewall, code) in [
        (None, "firewall-suspected"),
        (Some(Firewall::Unclear { tool: tool() }), "firewall-suspected"),
        (Some(Firewall::Active { tool: FirewallTool::Ufw }), "own-firewall"),
        (Some(Firewall::Drops { tool: tool() }), "own-firewall"),
    ] {
        let mut evidence = on_eth0();
        evidence.outcome = Some(Outcome { servers: 1, ..nobody() });
        evidence.only_by_unicast = vec!["10.0.1.2".parse().expect("an address")];
        evidence.firewall = firewall.clone();
        assert_eq!(codes(&diagnose(&evidence)), [code], "{firewall:?}");
        evidence.outcome = Some(Outcome { servers: 1, drops_answers: true, ..nobody() });
        assert_eq!(codes(&diagnose(&evidence)), ["own-firewall"], "{firewall:?}");
    }
}
