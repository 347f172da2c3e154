//! Values as people write them, the same on the command line, in the environment and in a file.

mod file;

use std::net::Ipv4Addr;
use std::str::FromStr;
use std::time::Duration;

use clap::ValueEnum;
use cooee::ipnet::Ipv4Net;
use cooee::{RateLimit, limits};

pub(crate) use file::deserialize_list;

/// A UDP or TCP port that is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Port(pub(crate) u16);

/// The text of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message(pub(crate) String);

/// What an answer begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix(pub(crate) String);

/// How long a discovery may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timeout(pub(crate) Duration);

/// How long to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime(pub(crate) Duration);

/// Rounds of probes after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retries(pub(crate) u32);

/// Answers per second and source, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate(pub(crate) RateLimit);

/// The address in the answers, or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advertise(pub(crate) cooee::Advertise);

/// An IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Host(pub(crate) Ipv4Addr);

/// An IPv4 network; an address alone is a /32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subnet(pub(crate) Ipv4Net);

/// The exact name of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InterfaceName(pub(crate) String);

/// Whom a server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// Only hosts on the networks of this host's interfaces.
    OnLink,
    /// Those, and private addresses from anywhere.
    Private,
    /// Everybody.
    Any,
}

/// When a discovery is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wait {
    /// At the timeout.
    Full,
    /// When hardly anybody can be missing.
    Settled,
}

/// How servers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Columns, for people.
    Table,
    /// One array, at the end.
    Json,
    /// One object a line, as they come.
    Ndjson,
    /// One URL a line, as they come.
    Url,
}

/// How interfaces are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns, for people.
    Table,
    /// One array.
    Json,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// Lines, for people.
    Text,
    /// One object a line.
    Json,
}

impl FromStr for Port {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(port) if port > 0 => Ok(Self(port)),
            _ => Err("not a port; it takes 1 to 65535".into()),
        }
    }
}

impl FromStr for Message {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.len() {
            1..=limits::MESSAGE_MAX => Ok(Self(text.into())),
            length => Err(format!("{length} bytes; it takes 1 to {}", limits::MESSAGE_MAX)),
        }
    }
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.len() {
            0..=limits::PREFIX_MAX => Ok(Self(text.into())),
            length => Err(format!("{length} bytes; it takes up to {}", limits::PREFIX_MAX)),
        }
    }
}

impl FromStr for Timeout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match duration(text)? {
            time if time <= limits::TIMEOUT_MAX => Ok(Self(time)),
            _ => Err("too long; it takes up to 1h".into()),
        }
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration(text).map(Self)
    }
}

/// More than nothing, as `1m30s` or as a number of seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let time = seconds.or_else(|| humantime::parse_duration(text).ok());
    match time {
        Some(time) if !time.is_zero() => Ok(time),
        Some(_) => Err("no time at all; it takes more than 0".into()),
        None => Err("not a duration; it takes 5s, 500ms, 1m30s, or seconds such as 0.5".into()),
    }
}

impl FromStr for Retries {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(retries) if retries <= limits::RETRIES_MAX => Ok(Self(retries)),
            _ => Err(format!("not a count of retries; it takes 0 to {}", limits::RETRIES_MAX)),
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(RateLimit::Off));
        }
        let limit = text.parse().ok().and_then(|answers| RateLimit::per_source(answers).ok());
        limit.map(Self).ok_or_else(|| "not a rate; it takes 1 or more a second, or off".into())
    }
}

impl FromStr for Advertise {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self(cooee::Advertise::Auto));
        }
        match text.parse::<Ipv4Addr>() {
            Ok(ip) if is_host(ip) => Ok(Self(cooee::Advertise::Address(ip))),
            _ => Err("not the address of a host; it takes auto, or one as 192.168.1.20".into()),
        }
    }
}

fn is_host(ip: Ipv4Addr) -> bool {
    !ip.is_unspecified() && !ip.is_broadcast() && !ip.is_multicast()
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let host = text.trim().parse().map(Self);
        host.map_err(|_| "not an IPv4 address; it takes one as 192.168.1.20".into())
    }
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let alone = text.parse::<Ipv4Addr>().map(Ipv4Net::from);
        let net = alone.ok().or_else(|| text.parse::<Ipv4Net>().ok());
        net.map(|net| Self(net.trunc()))
            .ok_or_else(|| "not an IPv4 network; it takes one as 192.168.1.0/24".into())
    }
}

impl FromStr for InterfaceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("empty; it takes a name as eth0, see `cooee interfaces`".into()),
            name => Ok(Self(name.into())),
        }
    }
}

/// Yes or no.
pub(crate) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("neither yes nor no; it takes true or false".into()),
    }
}

/// How much to say on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Only errors.
    Quiet,
    /// Warnings too.
    Normal,
    /// What happens.
    Events,
    /// Details of it.
    Details,
    /// All that is logged.
    Everything,
}

/// How much to say.
pub(crate) fn verbosity(text: &str) -> Result<u8, String> {
    text.parse().map_err(|_| "not a level; it takes 0 to 3".into())
}

/// Reads `text` as a list separated by commas; nothing is an empty list.
pub(crate) fn list<T: FromStr<Err = String>>(text: &str) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::from_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, ms) in [
            ("5s", 5000),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            ("5", 5000),
            ("5.0", 5000),
            ("0.5", 500),
            ("1h", 3_600_000),
        ] {
            assert_eq!(text.parse(), Ok(Timeout(Duration::from_millis(ms))), "{text}");
        }
        for text in ["", "0", "0s", "-1", "soon", "nan", "inf", "1e99", "61m", "5 5"] {
            assert!(text.parse::<Timeout>().is_err(), "{text}");
        }
    }

    #[test]
    fn rates_ports_and_networks() {
        assert_eq!("off".parse(), Ok(Rate(RateLimit::Off)));
        assert!("0".parse::<Rate>().is_err());
        assert!("0".parse::<Port>().is_err());
        assert!("65536".parse::<Port>().is_err());
        let net = |text: &str| text.parse::<Subnet>().map(|net| net.0.to_string());
        assert_eq!(net("10.1.2.3"), Ok("10.1.2.3/32".into()));
        assert_eq!(net("10.1.2.3/8"), Ok("10.0.0.0/8".into()));
        assert!(net("10.1.2.3/33").is_err());
    }

    #[test]
    fn lists_have_commas() {
        let names = list::<InterfaceName>("eth0, wlan0,").expect("names");
        assert_eq!(names, [InterfaceName("eth0".into()), InterfaceName("wlan0".into())]);
    }
}
