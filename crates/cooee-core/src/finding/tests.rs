mod certainty;
mod families;
mod privacy;
mod serving;

use std::net::IpAddr;
use std::time::Duration;

use super::*;
use crate::interface::{Interface, InterfaceRole, LinkKind, LinkState, Selection, role};
use crate::{Ended, Host, Outcome, Refusals};

fn interface(index: u32, name: &str, addresses: &[&str]) -> Interface {
    Interface {
        index,
        name: name.into(),
        addresses: addresses.iter().map(|net| net.parse().expect("a network")).collect(),
        kind: if name == "lo" { LinkKind::Loopback } else { LinkKind::Broadcast },
        state: LinkState::Up,
        role: role(name, None, !addresses.is_empty()),
    }
}

fn lo() -> Interface {
    interface(1, "lo", &["127.0.0.1/8"])
}

fn nobody() -> Outcome {
    Outcome {
        ended: Ended::Settled,
        elapsed: Duration::from_secs(2),
        rounds: 4,
        servers: 0,
        answers: 0,
        refusals: Refusals::default(),
        kernel_drops: 0,
        estimate: None,
        truncated: false,
        silent: Vec::new(),
        refused: Vec::new(),
        looked_up: Vec::new(),
        unresolved: Vec::new(),
        remembered: Default::default(),
        swept: None,
        behind_firewall: 0,
        drops_answers: false,
        doubled: Vec::new(),
        rejected: Vec::new(),
    }
}

/// A discovery that found nobody on these interfaces, besides loopback.
fn found_nobody(interfaces: &[Interface]) -> Evidence {
    let mut evidence = Evidence::new(9999, [&[lo()], interfaces].concat());
    evidence.outcome = Some(nobody());
    evidence
}

pub(super) fn on_eth0() -> Evidence {
    found_nobody(&[interface(2, "eth0", &["10.0.1.3/24"])])
}

fn neighbour(address: &str, since_probe: bool) -> NeighbourSeen {
    NeighbourSeen { address: address.parse().expect("an address"), interface: 2, since_probe }
}

fn gateway(address: &str) -> Gateway {
    Gateway { address: address.parse().expect("an address"), interface: 2 }
}

pub(super) fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code().as_str()).collect()
}

fn first(evidence: &Evidence) -> Finding {
    diagnose(evidence).into_iter().next().expect("nobody was found, which has a cause")
}

#[test]
fn every_code_has_a_name_of_its_own() {
    let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    let is_kebab = |name: &&str| {
        name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    assert!(names.iter().all(is_kebab), "{names:?}");
}

#[test]
fn without_a_network_each_interface_says_why() {
    let unplugged =
        Interface { state: LinkState::NoCarrier, ..interface(2, "eth0", &["10.0.0.2/24"]) };
    let bare = interface(3, "eth1", &[]);
    let down = Interface { state: LinkState::Down, ..interface(4, "wlan0", &[]) };
    let v6 = interface(5, "eth2", &["fd00::2/64", "fe80::2/64"]);
    let evidence = found_nobody(&[down, bare, v6, unplugged]);
    assert_eq!(
        codes(&diagnose(&evidence)),
        ["no-carrier", "no-address", "only-ipv6", "interface-down"]
    );
}

#[test]
fn a_host_without_interfaces_has_only_loopback() {
    assert_eq!(codes(&diagnose(&found_nobody(&[]))), ["only-loopback"]);
}

#[test]
fn a_tunnel_and_settings_that_leave_everything_out_are_named() {
    let tunnel =
        Interface { kind: LinkKind::PointToPoint, ..interface(2, "wg0", &["10.8.0.2/24"]) };
    assert_eq!(codes(&diagnose(&found_nobody(&[tunnel]))), ["only-tunnels"]);
    let mut evidence = on_eth0();
    evidence.selection = Selection { include: vec![], exclude: vec!["eth0".into()] };
    assert_eq!(codes(&diagnose(&evidence)), ["interfaces-excluded"]);
}

#[test]
fn where_only_ipv6_is_used_nothing_is_said_of_ipv4() {
    let eth = interface(2, "eth0", &["fd00::2/64", "fe80::2/64"]);
    let mut evidence = found_nobody(&[eth]);
    evidence.families = crate::wire::Families::V6;
    assert_eq!(codes(&diagnose(&evidence)), ["nobody-answered"]);
    let mut evidence = found_nobody(&[interface(2, "eth0", &["10.0.1.3/24"])]);
    evidence.families = crate::wire::Families::V6;
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::NoAddress);
    assert!(finding.seen().contains("no link-local IPv6 address"), "{finding}");
    evidence.families = crate::wire::Families::Both;
    assert_eq!(codes(&diagnose(&evidence)), ["nobody-answered"]);
}

#[test]
fn a_discovery_that_was_stopped_proves_no_silence() {
    let mut evidence = on_eth0();
    evidence.gateways = Some(vec![]);
    evidence.neighbours = vec![neighbour("10.0.1.2", true), neighbour("10.0.1.8", true)];
    let addresses = vec![([10, 0, 1, 8], 9999).into()];
    evidence.hosts = vec![Host { name: "workshop".into(), addresses }];
    let silent = vec!["workshop".into()];
    evidence.outcome = Some(Outcome { ended: Ended::Stopped, silent, ..nobody() });
    assert_eq!(codes(&diagnose(&evidence)), [""; 0]);
    evidence.interfaces[1].state = LinkState::NoCarrier;
    assert_eq!(codes(&diagnose(&evidence)), ["no-carrier"], "what was seen is told");
}

#[test]
fn a_network_where_nothing_else_is_known_has_a_finding_too() {
    let finding = first(&on_eth0());
    assert_eq!(finding.code(), Code::NobodyAnswered);
    assert!(finding.remedy().contains("--sweep"), "{finding}");
}

#[test]
fn what_no_discovery_was_run_for_is_no_finding() {
    let mut evidence = on_eth0();
    evidence.outcome = None;
    evidence.gateways = Some(vec![]);
    assert_eq!(diagnose(&evidence), []);
}

#[test]
fn a_host_that_resolved_us_and_stays_silent_means_a_firewall_here() {
    let mut evidence = on_eth0();
    evidence.neighbours = vec![neighbour("10.0.1.2", true)];
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::OwnFirewall);
    assert!(finding.seen().starts_with("10.0.1.2 looked this host up"), "{finding}");

    evidence.neighbours = vec![neighbour("10.0.1.2", false)];
    assert_eq!(first(&evidence).code(), Code::NobodyAnswered, "this host may have asked for it");
    evidence.neighbours = vec![neighbour("10.0.1.1", true)];
    evidence.gateways = Some(vec![gateway("10.0.1.1")]);
    assert_eq!(first(&evidence).code(), Code::BehindRouter, "a router is asked anyway");
}

#[test]
fn hosts_that_this_host_called_itself_say_nothing_of_a_firewall() {
    let mut evidence = on_eth0();
    evidence.neighbours = vec![neighbour("10.0.1.2", true)];
    let swept = crate::Swept { called: 254, refused: 0, of: 254, pass_takes: Duration::ZERO };
    evidence.outcome = Some(Outcome { swept: Some(swept), ..nobody() });
    assert!(!codes(&diagnose(&evidence)).contains(&"own-firewall"), "swept");
    let silent = vec![([10, 0, 1, 2], 9999).into()];
    let remembered = crate::Remembered { silent, ..Default::default() };
    evidence.outcome = Some(Outcome { remembered, ..nobody() });
    assert!(!codes(&diagnose(&evidence)).contains(&"own-firewall"), "remembered");
}

#[test]
fn a_host_whose_name_was_looked_up_is_a_silent_host_and_accuses_nobody() {
    let mut evidence = on_eth0();
    evidence.hosts = vec![Host { name: "workshop".into(), addresses: vec![] }];
    evidence.neighbours = vec![neighbour("10.0.1.2", true)];
    let addresses = vec![([10, 0, 1, 2], 9999).into()];
    let looked_up = vec![Host { name: "workshop".into(), addresses }];
    evidence.note_outcome(Outcome { looked_up, silent: vec!["workshop".into()], ..nobody() });
    assert_eq!(codes(&diagnose(&evidence)), ["silent-host"]);
}

#[test]
fn the_rules_of_a_firewall_are_proof_and_its_name_is_a_suspicion() {
    let tool = FirewallTool::Nft { table: "inet filter".into(), chain: "input".into() };
    let mut evidence = on_eth0();
    evidence.firewall = Some(Firewall::Drops { tool });
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::OwnFirewall);
    assert!(
        finding.remedy().contains("`nft insert rule inet filter input udp sport 9999 accept`"),
        "{finding}"
    );
    assert!(finding.remedy().contains("--sweep"), "{finding}");

    evidence.firewall = Some(Firewall::Active { tool: FirewallTool::Ufw });
    assert_eq!(first(&evidence).code(), Code::FirewallSuspected);
    evidence.firewall = Some(Firewall::Unclear { tool: FirewallTool::Iptables });
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::FirewallSuspected);
    assert!(!finding.seen().contains("cannot be read"), "{finding}");
    evidence.firewall = Some(Firewall::Open);
    assert_eq!(first(&evidence).code(), Code::NobodyAnswered);
}

#[test]
fn named_hosts_refuse_are_silent_or_have_no_route() {
    let mut evidence = on_eth0();
    let names = ["10.0.1.7", "10.0.1.8", "10.9.9.9", "10.0.1.9"].map(str::to_owned);
    let host = |name: &String| {
        let address = (name.parse::<std::net::IpAddr>().expect("an address"), 9999);
        Host { name: name.clone(), addresses: vec![address.into()] }
    };
    evidence.hosts = names.iter().map(host).collect();
    let [refused, there, unrouted, gone] = names;
    evidence.neighbours = vec![neighbour(&there, true), neighbour(&refused, true)];
    evidence.unrouted = vec![unrouted.clone()];
    evidence.outcome =
        Some(Outcome { silent: vec![there, unrouted, gone], refused: vec![refused], ..nobody() });
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["nothing-listens", "no-route", "silent-host"]);
    assert!(findings[2].seen().starts_with("10.0.1.8 is on the link"), "{}", findings[2]);
}

#[test]
fn a_host_that_was_named_with_a_port_is_spoken_of_with_that_port() {
    let mut evidence = on_eth0();
    let names = ["10.0.1.7", "10.0.1.7:8888", "workshop:7777"];
    let host = |name: &str, port| {
        let addresses = vec![([10, 0, 1, 7], port).into()];
        Host { name: name.into(), addresses }
    };
    evidence.hosts = vec![host(names[0], 9999), host(names[1], 8888), host(names[2], 7777)];
    evidence.outcome = Some(Outcome { refused: names.map(str::to_owned).to_vec(), ..nobody() });
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["nothing-listens"; 3]);
    for (finding, port) in findings.iter().zip([7777, 8888, 9999]) {
        assert!(finding.seen().contains(&format!("nothing listens on port {port} ")), "{finding}");
    }
    assert!(findings[1].remedy().contains("serve --port 8888"), "{}", findings[1]);
}

#[test]
fn a_firewall_that_says_so_is_not_taken_for_a_silent_host() {
    let mut evidence = on_eth0();
    let address: std::net::IpAddr = "10.0.1.8".parse().expect("an address");
    evidence.hosts = vec![Host { name: "printer".into(), addresses: vec![(address, 9999).into()] }];
    evidence.neighbours = vec![neighbour("10.0.1.8", true)];
    evidence.prohibited = vec![address];
    evidence.outcome = Some(Outcome { silent: vec!["printer".into()], ..nobody() });
    assert_eq!(codes(&diagnose(&evidence)), ["rejected"]);
}

#[test]
fn servers_that_answer_only_by_unicast_mean_a_firewall_here() {
    let mut evidence = on_eth0();
    evidence.outcome = Some(Outcome { servers: 1, ..nobody() });
    evidence.only_by_unicast = vec!["10.0.1.2".parse().expect("an address")];
    assert_eq!(codes(&diagnose(&evidence)), ["firewall-suspected"], "one answer may be lost");
    let lost = OwnCall { interface: "eth0".into(), unicast: true, broadcast: false };
    evidence.trials.own_calls = vec![lost];
    assert_eq!(codes(&diagnose(&evidence)), ["own-firewall"], "proven by a doctor");
    evidence.trials.own_calls.clear();
    evidence.outcome = Some(Outcome { servers: 1, drops_answers: true, ..nobody() });
    assert_eq!(codes(&diagnose(&evidence)), ["own-firewall"]);
    evidence.outcome = Some(Outcome { servers: 1, ..nobody() });
    evidence.firewall = Some(Firewall::Active { tool: FirewallTool::Firewalld });
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["own-firewall"]);
    assert!(findings[0].remedy().contains("firewall-cmd --add-source-port=9999/udp"));
    let (table, chain) = ("inet filter".into(), "input".into());
    evidence.firewall = Some(Firewall::Drops { tool: FirewallTool::Nft { table, chain } });
    let finding = first(&evidence);
    assert_eq!(
        finding.remedy(),
        "allow it with `nft insert rule inet filter input udp sport 9999 accept`"
    );
    assert!(finding.seen().contains("10.0.1.2"));
    evidence.firewall = Some(Firewall::Open);
    assert_eq!(codes(&diagnose(&evidence)), [""; 0], "an answer was lost");
}

#[test]
fn a_wide_network_is_offered_the_segment_beside_it() {
    let mut evidence = found_nobody(&[interface(2, "eth0", &["10.5.2.3/16"])]);
    evidence.gateways = Some(vec![]);
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::WideNetwork);
    assert!(finding.remedy().contains("--subnet 10.5.3.0/24"), "{finding}");
}

#[test]
fn the_network_behind_a_router_is_the_one_that_a_route_leads_to() {
    let mut evidence = on_eth0();
    evidence.gateways = Some(vec![gateway("10.0.1.1")]);
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::BehindRouter);
    assert!(finding.remedy().contains("--subnet 10.0.0.0/24"), "{finding}");
    let mut at_home = found_nobody(&[interface(2, "eth0", &["192.168.1.3/24"])]);
    at_home.gateways = Some(vec![gateway("192.168.1.1")]);
    assert_eq!(first(&at_home).code(), Code::NobodyAnswered, "there is one network");
    evidence.routes = vec!["10.0.7.0/24".parse().expect("a network")];
    assert!(first(&evidence).remedy().contains("--subnet 10.0.7.0/24"));
}

#[test]
fn without_any_route_out_of_the_network_that_is_what_is_told() {
    let mut evidence = on_eth0();
    evidence.gateways = Some(vec![]);
    assert_eq!(codes(&diagnose(&evidence)), ["no-route"]);
}

#[test]
fn a_network_of_which_only_the_router_was_found_keeps_its_clients_apart() {
    let mut evidence = on_eth0();
    evidence.gateways = Some(vec![gateway("10.0.1.1")]);
    let swept = crate::Swept { called: 254, refused: 0, of: 254, pass_takes: Duration::ZERO };
    evidence.outcome = Some(Outcome { swept: Some(swept), ..nobody() });
    assert_eq!(codes(&diagnose(&evidence)), ["client-isolation"]);
}

#[test]
fn neighbours_from_outside_the_network_mean_a_wrong_prefix_length() {
    let mut evidence = found_nobody(&[interface(2, "eth0", &["10.0.1.200/25"])]);
    evidence.neighbours = vec![neighbour("10.0.1.2", false)];
    let finding = first(&evidence);
    assert_eq!(finding.code(), Code::OutsideNetwork);
    assert!(finding.means().contains("10.0.1.200/25"), "{finding}");
}

#[test]
fn an_address_of_two_hosts_and_a_port_of_another_program_are_found() {
    let mut evidence = on_eth0();
    let address = "10.0.1.2".parse().expect("an address");
    evidence.shared = vec![SharedAddress { address, links: vec!["02:0a".into(), "02:0b".into()] }];
    let owner = Some("pid 4121 (python)".to_owned());
    evidence.port_use = PortUse::Foreign { owner };
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["duplicate-address", "port-taken"]);
    assert!(findings[1].remedy().starts_with("stop pid 4121 (python)"), "{}", findings[1]);
    evidence.port_use = PortUse::Taken { owner: None };
    assert_eq!(codes(&diagnose(&evidence)), ["duplicate-address"], "it may be one of ours");
}

#[test]
fn more_answers_than_one_host_gives_mean_two_of_one_address() {
    let mut evidence = on_eth0();
    let address = "10.0.1.2".parse().expect("an address");
    evidence.outcome = Some(Outcome { servers: 1, doubled: vec![address], ..nobody() });
    assert_eq!(codes(&diagnose(&evidence)), ["duplicate-address"]);
    evidence.shared = vec![SharedAddress { address, links: vec![] }];
    assert_eq!(codes(&diagnose(&evidence)), ["duplicate-address"], "once");
}

#[test]
fn only_a_bridge_of_containers_is_no_network() {
    let evidence = found_nobody(&[interface(2, "docker0", &["172.17.0.1/16"])]);
    assert_eq!(codes(&diagnose(&evidence)), ["only-containers"]);
}

#[test]
fn where_only_this_host_was_called_nothing_is_said_of_networks() {
    let mut evidence = on_eth0();
    evidence.selection.include = vec!["lo".into()];
    evidence.gateways = Some(vec![]);
    let findings = diagnose(&evidence);
    assert_eq!(codes(&findings), ["nobody-answered"]);
    assert!(findings[0].remedy().contains("cooee serve"), "{}", findings[0]);
}
