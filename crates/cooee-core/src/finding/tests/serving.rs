//! What a server on this host is told.

use super::*;

#[test]
fn a_healthy_server_has_no_finding() {
    let evidence = Evidence::new(9999, vec![lo(), interface(2, "eth0", &["10.0.1.3/24"])]);
    assert_eq!(audit(&evidence), []);
}

#[test]
fn a_server_that_nobody_can_reach_says_so() {
    let docker = interface(2, "docker0", &["172.17.0.1/16"]);
    assert_eq!(docker.role, InterfaceRole::Container);
    for interfaces in [vec![lo()], vec![lo(), docker]] {
        let mut evidence = Evidence::new(9999, interfaces);
        assert_eq!(codes(&audit(&evidence)), ["no-reachable-address"]);
        evidence.serving.advertises = true;
        assert_eq!(audit(&evidence), [], "clients are told another address");
    }
}

#[test]
fn a_server_of_a_network_without_ipv4_is_reached_over_ipv6() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "eth0", &["fe80::3/64"])]);
    assert_eq!(codes(&audit(&evidence)), ["no-reachable-address"]);
    evidence.serving.over_v6 = true;
    assert_eq!(audit(&evidence), []);
}

#[test]
fn a_server_in_a_container_says_how_it_is_reached() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "eth0", &["172.17.0.2/16"])]);
    evidence.serving.in_container = true;
    let findings = audit(&evidence);
    assert_eq!(codes(&findings), ["container-nat"]);
    for way in ["--network host", "--advertise"] {
        assert!(findings[0].remedy().contains(way), "{}", findings[0]);
    }
    let host = interface(2, "eth0", &["192.0.2.2/24"]);
    let mut evidence = Evidence::new(9999, vec![lo(), host]);
    evidence.serving.in_container = true;
    assert_eq!(audit(&evidence), [], "it has the network of its host");
}

#[test]
fn a_servers_firewall_and_strangers_on_its_port_are_told() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "eth0", &["10.0.1.3/24"])]);
    evidence.firewall = Some(Firewall::Drops { tool: FirewallTool::Ufw });
    evidence.serving.stranger = Some("10.0.1.9".parse().expect("an address"));
    let findings = audit(&evidence);
    assert_eq!(codes(&findings), ["own-firewall", "port-shared"]);
    assert!(findings[0].remedy().contains("`ufw allow 9999/udp`"), "{}", findings[0]);
}

#[test]
fn rules_for_ipv4_alone_keep_nobody_from_a_server_of_ipv6() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "eth0", &["fe80::3/64"])]);
    evidence.serving.over_v6 = true;
    evidence.firewall = Some(Firewall::Drops { tool: FirewallTool::Iptables });
    assert_eq!(codes(&audit(&evidence)), ["own-firewall"]);
    evidence.families = crate::wire::Families::V6;
    assert_eq!(audit(&evidence), []);
}

#[test]
fn a_server_says_what_opens_a_firewall_whose_rules_do_not_tell() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "eth0", &["10.0.1.3/24"])]);
    for (tool, opens) in [
        (FirewallTool::Ufw, "`ufw allow 9999/udp`"),
        (FirewallTool::Firewalld, "`firewall-cmd --add-port=9999/udp`"),
    ] {
        evidence.firewall = Some(Firewall::Active { tool });
        let findings = audit(&evidence);
        assert_eq!(codes(&findings), ["firewall-suspected"]);
        assert!(findings[0].seen().contains("cannot be read"), "{}", findings[0]);
        let once = format!("allow it with {opens}, if that has not been done yet");
        assert_eq!(findings[0].remedy(), once, "nothing tells that it has been obeyed");
    }
}

#[test]
fn the_rule_that_a_cancelled_prompt_leaves_is_removed_before_another_is_made() {
    let mut evidence = Evidence::new(9999, vec![lo(), interface(2, "Wi-Fi", &["10.0.1.3/24"])]);
    let remedy = |evidence: &Evidence| audit(evidence)[0].remedy().to_owned();
    let allow = "`netsh advfirewall firewall add rule name=\"Cooee\" dir=in action=allow \
                 protocol=UDP localport=9999`";
    evidence.firewall = Some(Firewall::Drops { tool: FirewallTool::Windows { blocked: None } });
    let unblocked = remedy(&evidence);
    assert!(unblocked.contains("Windows prompts") && unblocked.ends_with(allow), "{unblocked}");

    let blocked = Some(r"C:\Tools\cooee.exe".to_owned());
    evidence.firewall = Some(Firewall::Drops { tool: FirewallTool::Windows { blocked } });
    let blocked = remedy(&evidence);
    let delete = r#"delete rule name=all dir=in program="C:\Tools\cooee.exe"`, and"#;
    assert!(blocked.contains(delete) && blocked.ends_with(allow), "{blocked}");
}
