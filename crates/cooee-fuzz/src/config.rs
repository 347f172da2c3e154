//! Configuration files: every text is settings that are within their bounds, or an error that says
//! where and why.
//!
//! An input is the text.

use std::path::Path;

use cooee_cli::{Find, Serve, Settings, Wire};
use cooee_core::wire::classic::Classic;
use cooee_core::{Advertise, ConfigError, Discovery, DiscoveryConfig, ResponderConfig, limits};
use ipnet::Ipv4Net;

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
    assert!(!find.timeout.is_zero() && find.timeout <= limits::TIMEOUT_MAX);
    assert!(find.retries <= limits::RETRIES_MAX);
    let names = find.selection.include.iter().chain(&find.selection.exclude);
    for name in names {
        assert!(!name.is_empty() && name.trim() == name);
    }
    assert!(find.subnets.iter().all(is_network));

    let port = find.wire.port;
    let config = DiscoveryConfig {
        classic: check_wire(find.wire),
        port,
        timeout: find.timeout,
        retries: find.retries,
        wait: find.wait,
        sweep: find.subnets,
    };
    match Discovery::new(config, Vec::new(), &[], 0, network::start()) {
        Ok(_) | Err(ConfigError::SweepTooLarge { .. }) => {}
        Err(other) => panic!("a value that the engine refuses: {other}"),
    }
}

fn check_serve(serve: Serve) {
    assert!(serve.duration.is_none_or(|duration| !duration.is_zero()));
    assert!(serve.allow.iter().all(is_network));
    assert!(!matches!(serve.advertise, Advertise::Address(ip) if ip.is_unspecified()));
    let config = ResponderConfig {
        classic: check_wire(serve.wire),
        service_port: serve.service_port,
        advertise: serve.advertise,
        policy: serve.answer,
        allow: serve.allow,
        rate_limit: serve.rate_limit,
    };
    match config.check() {
        Ok(()) | Err(ConfigError::AnswerIsProbe { .. } | ConfigError::AllowTooLong { .. }) => {}
        Err(other) => panic!("a value that the engine refuses: {other}"),
    }
}

fn is_network(net: &Ipv4Net) -> bool {
    net.addr() == net.network()
}
