//! Twelve networks with a fault each: the cause is the first finding.

use cooee_lab::scene::broken::{Broken, Fault};
use cooee_lab::scene::programs::SERVER;

use super::Examination;

/// What the doctor finds first, with servers started where the network has them.
fn first(fault: Fault, arguments: &[&str]) -> String {
    let broken = Broken::new(fault);
    let _serving = broken.serve(&[]);
    let examined = Examination::run(&broken.client, arguments);
    println!("{fault:?}: {:#?} {}", examined.findings, examined.said);
    examined.first().to_owned()
}

/// As somebody would who wants to reach a certain server.
const TO_THE_SERVER: [&str; 2] = ["--peer", SERVER];

#[test]
fn a_port_that_is_taken() {
    assert_eq!(first(Fault::PortTaken, &[]), "port-taken");
}

#[test]
fn a_firewall_of_the_client() {
    assert_eq!(first(Fault::ClientFirewall, &[]), "own-firewall");
    assert_eq!(first(Fault::ClientFirewallKnown, &[]), "own-firewall");
    assert_eq!(first(Fault::ClientFirewall, &TO_THE_SERVER), "own-firewall");
}

#[test]
fn a_firewall_of_the_server() {
    assert_eq!(first(Fault::ServerFirewallDrops, &TO_THE_SERVER), "silent-host");
    assert_eq!(first(Fault::ServerFirewallRejects, &TO_THE_SERVER), "rejected");
}

#[test]
fn a_network_that_keeps_its_clients_apart() {
    assert_eq!(first(Fault::ClientIsolation, &TO_THE_SERVER), "client-isolation");
}

#[test]
fn no_route() {
    assert_eq!(first(Fault::NoRoute, &["--peer", "10.0.2.2"]), "no-route");
}

#[test]
fn a_cable_that_is_out() {
    assert_eq!(first(Fault::CableOut, &[]), "no-carrier");
}

#[test]
fn nothing_but_loopback() {
    assert_eq!(first(Fault::OnlyLoopback, &[]), "only-loopback");
}

#[test]
fn a_server_behind_address_translation() {
    assert_eq!(first(Fault::ServerInNat, &TO_THE_SERVER), "unreachable-address");
}

#[test]
fn a_wrong_prefix_length() {
    assert_eq!(first(Fault::WrongPrefix, &[]), "outside-network");
}

#[test]
fn two_servers_with_one_address() {
    assert_eq!(first(Fault::SharedAddress, &[]), "duplicate-address");
}

#[test]
fn only_ipv6() {
    assert_eq!(first(Fault::OnlyIpv6, &[]), "only-ipv6");
}

/// The server's own message is tried, so that its policy or its message is what is left.
#[test]
fn another_message_on_one_side() {
    let broken = Broken::new(Fault::OtherMessage);
    let _serving = broken.serve(&["--doctor"]);
    let examined = Examination::run(&broken.client, &TO_THE_SERVER);
    assert_eq!(examined.first(), "other-message");
}

#[test]
fn another_message_of_a_server_that_takes_no_part() {
    assert_eq!(first(Fault::OtherMessage, &TO_THE_SERVER), "silent-host");
}
