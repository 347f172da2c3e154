//! A protocol of a few lines, spoken over IPv6 as well: no engine knows of it.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use cooee_core::wire::{Codec, Protocol, Reply, ReplyError, TestCodec};
use cooee_core::{DiscoveryConfig, Ended, Host, ResponderConfig};
use cooee_lab::sim::{Client, Handle, Link, Network, Segment, Server};

fn encode(reply: &Reply) -> Option<Bytes> {
    Some(format!("here {} {}", reply.address, reply.port.unwrap_or(80)).into())
}

fn decode(datagram: &[u8]) -> Result<Reply, ReplyError> {
    let text = str::from_utf8(datagram).map_err(|_| ReplyError::NotText)?;
    let rest = text.strip_prefix("here ").ok_or(ReplyError::Foreign)?;
    let (address, port) = rest.split_once(' ').ok_or(ReplyError::Address)?;
    let port = Some(port.parse().map_err(|_| ReplyError::Port)?);
    let address: IpAddr = address.parse().map_err(|_| ReplyError::Address)?;
    Ok(Reply::new(address, port))
}

fn codec() -> Codec {
    Codec::Test(TestCodec { query: b"where?", encode, decode })
}

fn server(network: &mut Network, segment: Segment, codecs: Vec<Codec>) -> Handle<Server> {
    let config = ResponderConfig { codecs, service_port: Some(81), ..ResponderConfig::default() };
    network.attach(segment, Link::default(), |host| Server::new(config, host).unwrap())
}

fn found(network: &Network, client: Handle<Client>) -> Vec<(IpAddr, u16, Protocol)> {
    let servers = network[client].discovery().servers().iter();
    servers.map(|server| (server.ip, server.port, server.protocol)).collect()
}

#[test]
fn both_protocols_are_spoken_side_by_side() {
    let mut network = Network::new(1);
    let segment = network.segment("10.0.0.0/24".parse().unwrap());
    server(&mut network, segment, vec![codec()]);
    server(&mut network, segment, vec![Codec::default()]);
    let config =
        DiscoveryConfig { codecs: vec![Codec::default(), codec()], ..DiscoveryConfig::default() };
    let client =
        network.attach(segment, Link::default(), |host| Client::new(config, host).unwrap());
    network.run_until_idle(Duration::from_secs(10));
    let outcome = network[client].discovery().outcome().unwrap();
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 2));
    let mut protocols: Vec<_> =
        found(&network, client).into_iter().map(|(_, _, p)| p.as_str()).collect();
    protocols.sort_unstable();
    assert_eq!(protocols, ["classic", "test"]);
}

#[test]
fn a_named_host_is_found_over_ipv6() {
    let mut network = Network::new(2);
    let segment = network.segment_of(&["2001:db8::/64".parse().unwrap()]);
    let server = server(&mut network, segment, vec![codec()]);
    let address = network.address(server);
    let hosts = vec![Host { name: "server".into(), addresses: vec![address] }];
    let config = DiscoveryConfig { codecs: vec![codec()], hosts, ..DiscoveryConfig::default() };
    let client =
        network.attach(segment, Link::default(), |host| Client::new(config, host).unwrap());
    network.run_until_idle(Duration::from_secs(10));
    assert_eq!(found(&network, client), [(address.ip(), 81, Protocol::Test)]);
    assert_eq!(network[client].discovery().outcome().unwrap().ended, Ended::Settled);
}

#[test]
fn a_small_ipv6_network_is_swept() {
    let mut network = Network::new(3);
    let segment = network.segment_of(&["2001:db8::/64".parse().unwrap()]);
    let server = server(&mut network, segment, vec![codec()]);
    let address = network.address(server).ip();
    let sweep = vec![ipnet::IpNet::new(address, 124).unwrap()];
    let config = DiscoveryConfig { codecs: vec![codec()], sweep, ..DiscoveryConfig::default() };
    let client =
        network.attach(segment, Link::default(), |host| Client::new(config, host).unwrap());
    network.run_until_idle(Duration::from_secs(10));
    assert_eq!(found(&network, client), [(address, 81, Protocol::Test)]);
}
