//! Configuration files: every text is settings that are within their bounds, or an error that says
//! where and why.
//!
//! An input is the text.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use cooee_cli::{Find, Serve, Settings, Wire};
use cooee_core::wire::Query;
use cooee_core::wire::classic::Classic;
use cooee_core::{
    Advertise, ConfigError, DiscoveryConfig, DiscoveryEngine, Host, ResponderConfig, Wait, limits,
};
use ipnet::{IpNet, Ipv4Net};

use crate::network;

/// Takes one input.
///
/// # Panics
/// When a file is read as what it cannot mean, or an error does not help.
pub fn run(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    match Settings::read(Path::new("config.toml"), text) {
        Err(error) => check_error(text, &error),
        Ok(settings) => {
            check_find(settings.find);
            check_serve(settings.serve);
        }
    }
}

/// Where tables or arrays are nested more than 80 deep, the parser does not say.
const TOO_DEEP: &str = "recursion limit";

/// An error begins with `config.toml:LINE:COLUMN is wrong`, a place that exists, and goes on with
/// the reason.
fn check_error(text: &str, error: &str) {
    let (place, why) = error.split_once(" is wrong\n").expect("a place, then why");
    if why == TOO_DEEP {
        return;
    }
    let numbers: Vec<usize> =
        place.split(':').skip(1).map(|number| number.parse().expect("a number")).collect();
    let [line, column] = numbers[..] else { panic!("no line and column: {error}") };
    let of_line = text.split('\n').nth(line - 1).expect("a line that exists");
    assert!((1..=of_line.chars().count() + 1).contains(&column), "{error}");
    let reason = why.lines().last().expect("a reason").trim();
    assert!(!reason.is_empty(), "{error}");
}

fn check_wire(wire: Wire) -> Classic {
    assert_ne!(wire.port, 0);
    Classic::new(wire.message, wire.prefix).expect("texts within their bounds")
}

fn check_find(find: Find) {
    let in_bounds = |time: Duration| !time.is_zero() && time <= limits::TIMEOUT_MAX;
    assert!(find.timeout.is_none_or(in_bounds));
    assert!(find.retries <= limits::RETRIES_MAX);
    assert_ne!(find.wait, Wait::First, "that is a setting of its own");
    let names = find.selection.include.iter().chain(&find.selection.exclude);
    for name in names {
        assert!(!name.is_empty() && name.trim() == name);
    }
    assert!(find.subnets.iter().all(is_network));

    let port = find.wire.port;
    let host = |name: String| Host {
        // What is no address is a name.
        addresses: match name.parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => name.parse().into_iter().collect(),
        },
        name,
    };
    let config = DiscoveryConfig {
        codecs: vec![check_wire(find.wire).into()],
        port,
        timeout: find.timeout,
        retries: find.retries,
        wait: find.wait,
        ..DiscoveryConfig::default()
    };
    let config = DiscoveryConfig {
        hosts: find.hosts.iter().map(ToString::to_string).map(host).collect(),
        sweep: find.subnets.iter().copied().map(IpNet::V4).collect(),
        allow_public: true,
        ..config
    };
    let swept: u64 = find.subnets.iter().map(|net| 1 << (32 - net.prefix_len())).sum();
    let engine = DiscoveryEngine::new(config, Vec::new(), &[], 0, network::start());
    match engine {
        Ok(engine) => {
            assert!(swept <= limits::SWEEP_MAX && find.hosts.len() <= limits::TARGETS_MAX);
            assert!(engine.deadline() <= network::start() + limits::TIMEOUT_MAX);
        }
        Err(ConfigError::SweepTooLarge { addresses }) => {
            assert!(addresses == swept && swept > limits::SWEEP_MAX);
        }
        Err(ConfigError::TooManyNames { count }) => assert!(count > limits::NAMES_MAX),
        Err(ConfigError::TooManyTargets { count }) => {
            assert!(count == find.hosts.len() && count > limits::TARGETS_MAX);
        }
        Err(other) => panic!("a value that the engine refuses: {other}"),
    }
}

fn check_serve(serve: Serve) {
    assert!(serve.duration.is_none_or(|duration| !duration.is_zero()));
    assert!(serve.allow.iter().all(is_network));
    let classic = check_wire(serve.wire);
    let message_is_answer = classic.decode_reply(&classic.encode_query(Query::Discover)).is_ok();
    let config = ResponderConfig {
        codecs: vec![classic.into()],
        bound: Some(serve.bind.into()),
        service_port: serve.service_port,
        advertise: serve.advertise,
        ..ResponderConfig::default()
    };
    let config = ResponderConfig {
        policy: serve.answer,
        allow: serve.allow.iter().copied().map(IpNet::V4).collect(),
        rate_limit: serve.rate_limit,
        ..config
    };
    let is_a_host = |ip: IpAddr| {
        let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
        !ip.is_unspecified() && !ip.is_multicast() && !is_broadcast
    };
    assert!(!matches!(serve.advertise, Advertise::Address(ip) if !is_a_host(ip)));
    match config.check() {
        Ok(()) => assert!(!message_is_answer && serve.allow.len() <= limits::ALLOW_MAX),
        Err(ConfigError::AnswerIsProbe { .. }) => assert!(message_is_answer),
        Err(ConfigError::AllowTooLong { count }) => {
            assert!(count == serve.allow.len() && count > limits::ALLOW_MAX);
        }
        Err(other) => panic!("a value that the engine refuses: {other}"),
    }
}

fn is_network(net: &Ipv4Net) -> bool {
    net.addr() == net.network()
}
