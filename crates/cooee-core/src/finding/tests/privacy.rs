//! When a setting of macOS may keep a program from the local network.

use super::*;

fn addresses(of: &[&str]) -> Vec<IpAddr> {
    of.iter().map(|address| address.parse().expect("an address")).collect()
}

#[test]
fn probes_that_were_not_sent_into_the_local_network_come_first_and_are_not_certain() {
    for to in ["10.0.1.255", "255.255.255.255", "10.0.1.7", "ff02::1", "fe80::7"] {
        let mut evidence = on_eth0();
        evidence.withheld = addresses(&[to]);
        let finding = first(&evidence);
        assert_eq!(finding.code(), Code::LocalNetworkPrivacy, "{to}");
        assert_eq!(finding.seen(), format!("macOS sent no probe to {to}: no route to host"));
        assert!(finding.means().contains("and also where"), "{finding}");
        assert!(finding.remedy().contains("Privacy & Security > Local Network"), "{finding}");
    }
}

#[test]
fn nothing_is_said_of_it_where_it_is_not_seen() {
    let privacy = "local-network-privacy";
    let mut evidence = on_eth0();
    assert!(!codes(&diagnose(&evidence)).contains(&privacy), "nothing was withheld");
    evidence.withheld = addresses(&["192.0.2.7"]);
    assert!(!codes(&diagnose(&evidence)).contains(&privacy), "it is on no link");
    evidence.withheld = addresses(&["10.0.1.255"]);
    evidence.outcome = Some(Outcome { servers: 1, ..nobody() });
    assert!(!codes(&diagnose(&evidence)).contains(&privacy), "somebody answered");
}

#[test]
fn a_server_whose_answers_are_not_sent_says_so() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "en0", &["10.0.1.3/24"])]);
    evidence.withheld = addresses(&["10.0.1.7", "10.0.1.8", "192.0.2.7"]);
    let findings = audit(&evidence);
    assert_eq!(codes(&findings), ["local-network-privacy"]);
    let seen = findings[0].seen();
    assert_eq!(seen, "macOS sent no answer to 10.0.1.7 and 10.0.1.8: no route to host");
}
