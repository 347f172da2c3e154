//! On each of the broken networks, `find` names the cause, or the command that helps.

use cooee_lab::scene::broken::{Broken, Fault};
use cooee_lab::scene::programs::Search;

/// Looks for servers in vain, and returns what is said and the codes of the findings, the likeliest
/// first.
fn nobody(broken: &Broken, arguments: &[&str]) -> (String, Vec<String>) {
    let said = Search::run(&broken.client, arguments);
    assert_eq!(said.status, 1, "{said:?}");
    let json = [&["--log-format", "json"], arguments].concat();
    let logged = Search::run(&broken.client, &json).said;
    let lines = logged.lines().filter_map(|line| serde_json::from_str(line).ok());
    let code = |line: serde_json::Value| Some(line["fields"]["code"].as_str()?.to_owned());
    (said.said, lines.filter_map(code).collect())
}

/// The first finding has this code, and the text has each of these parts.
fn says(fault: Fault, code: &str, parts: &[&str]) {
    let broken = Broken::new(fault);
    let _serving = broken.serve(&[]);
    let (said, codes) = nobody(&broken, &[]);
    assert_eq!(codes.first().map(String::as_str), Some(code), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(said.lines().count() <= 4, "{said}");
}

#[test]
fn a_port_that_a_foreign_program_has_is_named_with_its_owner() {
    let owner = format!("pid {}", std::process::id());
    says(Fault::PortTaken, "port-taken", &["port 9999 of this host is taken by", &owner]);
}

#[test]
fn a_firewall_here_is_named_with_the_rule_and_the_sweep() {
    let rule = "nft insert rule inet filter input udp sport 9999 accept";
    let broken = Broken::new(Fault::ClientFirewallKnown);
    let _serving = broken.serve(&[]);
    let (said, codes) = nobody(&broken, &[]);
    assert_eq!(codes.first().map(String::as_str), Some("own-firewall"), "{said}");
    for part in ["firewall of this host", "cooee find --sweep", rule] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let swept = Search::run(&broken.client, &["--sweep"]);
    assert_eq!((swept.status, swept.servers.len()), (0, 1), "{swept:?}");
}

#[test]
fn a_firewall_at_the_server_is_among_the_causes_and_the_sweep_is_next() {
    for fault in [Fault::ServerFirewallDrops, Fault::ServerFirewallRejects] {
        says(fault, "no-route", &["a firewall that drops UDP to port 9999", "--sweep"]);
    }
}

#[test]
fn a_named_host_whose_firewall_rejects_is_told_from_one_that_drops() {
    let rejecting = Broken::new(Fault::ServerFirewallRejects);
    let _serving = rejecting.serve(&[]);
    let (said, codes) = nobody(&rejecting, &["--host", "10.0.1.2"]);
    assert_eq!(codes[0], "rejected", "{said}");
    let dropping = Broken::new(Fault::ServerFirewallDrops);
    let _serving = dropping.serve(&[]);
    let (said, codes) = nobody(&dropping, &["--host", "10.0.1.2"]);
    assert_eq!(codes[0], "silent-host", "{said}");
    assert!(said.contains("a firewall there drops UDP to port 9999"), "{said}");
}

#[test]
fn a_network_that_keeps_its_clients_apart_is_named() {
    says(Fault::ClientIsolation, "behind-router", &["keeps its clients apart", "--subnet"]);
    let broken = Broken::new(Fault::ClientIsolation);
    let _serving = broken.serve(&[]);
    let (said, codes) = nobody(&broken, &["--sweep"]);
    assert_eq!(codes[0], "client-isolation", "{said}");
}

#[test]
fn a_network_without_a_way_out_is_named() {
    says(Fault::NoRoute, "no-route", &["no route leads out of its network", "ip route add"]);
    let broken = Broken::new(Fault::NoRoute);
    let (said, codes) = nobody(&broken, &["--host", "10.0.2.2"]);
    assert_eq!(codes[0], "no-route", "{said}");
    assert!(said.contains("no route leads to 10.0.2.2"), "{said}");
}

#[test]
fn a_cable_that_is_out_and_a_host_without_a_network_are_named() {
    says(Fault::CableOut, "no-carrier", &["eth0 has no carrier", "plug eth0 in"]);
    says(Fault::OnlyLoopback, "only-loopback", &["no interface but loopback"]);
}

#[test]
fn a_server_behind_address_translation_is_found_by_the_command_that_is_offered() {
    says(Fault::ServerInNat, "no-route", &["cooee find --sweep"]);
    let broken = Broken::new(Fault::ServerInNat);
    let _serving = broken.serve(&[]);
    let swept = Search::run(&broken.client, &["--sweep"]);
    assert_eq!((swept.status, swept.servers.len()), (0, 1), "{swept:?}");
}

#[test]
fn a_server_that_expects_another_message_is_among_the_causes() {
    says(Fault::OtherMessage, "no-route", &["expects another --message"]);
}

#[test]
fn an_interface_without_ipv4_is_named() {
    says(Fault::OnlyIpv6, "only-ipv6", &["eth0 has no IPv4 address"]);
}

#[test]
fn servers_that_are_found_and_cannot_be_used_are_explained() {
    for (fault, part) in [
        (Fault::WrongPrefix, "10.0.1.2 is on the link of eth0, and outside its network"),
        (Fault::SharedAddress, "each probe got two answers from 10.0.1.2"),
    ] {
        let broken = Broken::new(fault);
        let _serving = broken.serve(&[]);
        let found = Search::run(&broken.client, &[]);
        assert_eq!((found.status, found.lines_with(part)), (0, 1), "{fault:?}: {found:?}");
    }
}
