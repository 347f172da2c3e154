//! The stock text protocol: a probe is an exact message, an answer is a prefix and an address.
//!
//! Over IPv6, which the stock programs do not speak, an answer names an address in brackets, and
//! after the port the IPv4 addresses of the same interface: `SERVER_IP:[fe80::1]:8000 10.77.0.2`.
//! `docs/protocol.md` is the specification.
//!
//! Source: `django-udp-discovery` 1.0.0 and `django-udp-discovery-client` 1.0.0. The stock client
//! accepts every number that Python's `int()` reads (`1_0`, `+1`, leading zeros, digits that are
//! not ASCII), and drops bytes that are not UTF-8. This decoder refuses both.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use bytes::{Bytes, BytesMut};

use super::{Others, Query, QueryError, Reply, ReplyError, plain};
use crate::{ConfigError, limits};

/// The UDP port that servers listen on.
pub const DEFAULT_PORT: u16 = 9999;
/// The probe message.
pub const DEFAULT_MESSAGE: &str = "DISCOVER_SERVER";
/// The prefix of an answer.
pub const DEFAULT_PREFIX: &str = "SERVER_IP:";
/// The port of a service if its answer names none.
pub const DEFAULT_SERVICE_PORT: u16 = 8000;

/// The two texts that both sides must agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classic {
    message: Bytes,
    prefix: Bytes,
}

impl Default for Classic {
    fn default() -> Self {
        Self {
            message: Bytes::from_static(DEFAULT_MESSAGE.as_bytes()),
            prefix: Bytes::from_static(DEFAULT_PREFIX.as_bytes()),
        }
    }
}

impl Classic {
    /// The protocol with this probe message and answer prefix.
    ///
    /// # Errors
    /// [`ConfigError::MessageEmpty`], [`ConfigError::MessageTooLong`],
    /// [`ConfigError::PrefixTooLong`].
    pub fn new(message: impl Into<Bytes>, prefix: impl Into<Bytes>) -> Result<Self, ConfigError> {
        let (message, prefix) = (message.into(), prefix.into());
        if message.is_empty() {
            return Err(ConfigError::MessageEmpty);
        }
        if message.len() > limits::MESSAGE_MAX {
            return Err(ConfigError::MessageTooLong { length: message.len() });
        }
        if prefix.len() > limits::PREFIX_MAX {
            return Err(ConfigError::PrefixTooLong { length: prefix.len() });
        }
        Ok(Self { message, prefix })
    }

    /// The bytes of a query: the message itself.
    pub fn encode_query(&self, query: Query) -> Bytes {
        match query {
            Query::Discover => self.message.clone(),
        }
    }

    /// The bytes of every query.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The prefix of every answer.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Refuses a message that could be a server's answer, since servers would answer each other.
    pub(crate) fn check_answers_are_not_probes(&self) -> Result<(), ConfigError> {
        if self.decode_reply(&self.message).is_ok() {
            return Err(ConfigError::AnswerIsProbe {
                message: String::from_utf8_lossy(&self.message).into_owned(),
                prefix: String::from_utf8_lossy(&self.prefix).into_owned(),
            });
        }
        Ok(())
    }

    /// The reply's bytes: the prefix, the address and, if given, a colon and the port. An IPv6
    /// address has brackets, and the other addresses behind the port, each after a space.
    pub fn encode_reply(&self, reply: &Reply) -> Bytes {
        let mut bytes = BytesMut::with_capacity(self.prefix.len() + 64);
        bytes.extend_from_slice(&self.prefix);
        // Writing to memory does not fail.
        let _ = match reply.address {
            IpAddr::V4(address) => write!(bytes, "{address}"),
            IpAddr::V6(address) => write!(bytes, "[{address}]"),
        };
        if let Some(port) = reply.port {
            let _ = write!(bytes, ":{port}");
        }
        if reply.address.is_ipv6() {
            for other in reply.others.as_slice() {
                let _ = write!(bytes, " {other}");
            }
        }
        bytes.freeze()
    }

    /// Decodes a reply: the prefix, four octets or an IPv6 address in brackets, and optionally a
    /// colon and a port; after an IPv6 address also IPv4 addresses, of which the first
    /// [`limits::OTHERS_MAX`] are kept. Trims white space around address and port, and zero bytes
    /// at the end, which C programs send.
    ///
    /// # Errors
    /// The reason why the datagram is not a reply.
    pub fn decode_reply(&self, datagram: &[u8]) -> Result<Reply, ReplyError> {
        if datagram.is_empty() {
            return Err(ReplyError::Empty);
        }
        if datagram.len() > limits::ANSWER_MAX {
            return Err(ReplyError::TooLong);
        }
        let Some(rest) = datagram.strip_prefix(self.prefix.as_ref()) else {
            let is_query = datagram == self.message;
            return Err(if is_query { ReplyError::Query } else { ReplyError::Foreign });
        };
        if let Some(reply) = plain::decode(rest) {
            return Ok(reply);
        }
        let zeros = rest.iter().rev().take_while(|&&byte| byte == 0).count();
        let text = str::from_utf8(&rest[..rest.len() - zeros]).map_err(|_| ReplyError::NotText)?;
        match text.trim_start().strip_prefix('[') {
            Some(bracketed) => decode_v6(bracketed),
            None => decode_v4(text),
        }
    }

    /// Decodes a query, which equals the message byte for byte.
    ///
    /// # Errors
    /// How the datagram differs from a query.
    pub fn decode_query(&self, datagram: &[u8]) -> Result<Query, QueryError> {
        if datagram == self.message {
            return Ok(Query::Discover);
        }
        Err(self.not_a_query(datagram))
    }

    fn not_a_query(&self, datagram: &[u8]) -> QueryError {
        let message = self.message.as_ref();
        if datagram.is_empty() {
            QueryError::Empty
        } else if datagram.len() > limits::DATAGRAM_MAX {
            QueryError::TooLong
        } else if self.decode_reply(datagram).is_ok() {
            QueryError::Reply
        } else if datagram.trim_ascii() == message.trim_ascii() {
            QueryError::WhiteSpace
        } else if datagram.strip_prefix(message).is_some_and(|rest| rest.iter().all(|&b| b == 0)) {
            QueryError::Nul
        } else if datagram.eq_ignore_ascii_case(message) {
            QueryError::Case
        } else if datagram.starts_with(message) || message.starts_with(datagram) {
            QueryError::Prefix
        } else {
            QueryError::Foreign
        }
    }
}

fn decode_v4(text: &str) -> Result<Reply, ReplyError> {
    let (address, port) = text.split_once(':').map_or((text, None), |(a, p)| (a, Some(p)));
    let address: Ipv4Addr = address.trim().parse().map_err(|_| ReplyError::Address)?;
    let port = port.map(|port| decode_port(port.trim())).transpose()?;
    Ok(Reply::new(address, port))
}

/// Decodes what follows the opening bracket.
fn decode_v6(text: &str) -> Result<Reply, ReplyError> {
    let (address, rest) = text.split_once(']').ok_or(ReplyError::Address)?;
    let address: Ipv6Addr = address.parse().map_err(|_| ReplyError::Address)?;
    if address.to_ipv4_mapped().is_some() {
        return Err(ReplyError::Address);
    }
    let (port, others) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (port, others) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            (Some(decode_port(port)?), others)
        }
        None if rest.is_empty() || rest.starts_with(char::is_whitespace) => (None, rest),
        None => return Err(ReplyError::Address),
    };
    let others = others.split_whitespace().map(str::parse::<Ipv4Addr>);
    let others = others.collect::<Result<Others, _>>().map_err(|_| ReplyError::Address)?;
    Ok(Reply { address: address.into(), port, others })
}

fn decode_port(text: &str) -> Result<u16, ReplyError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.starts_with('0') {
        return Err(ReplyError::Port);
    }
    text.parse().map_err(|_| ReplyError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<Reply, ReplyError> {
        Classic::default().decode_reply(text.as_bytes())
    }

    fn answer(address: [u8; 4], port: Option<u16>) -> Reply {
        Reply::new(address, port)
    }

    #[test]
    fn the_stock_bytes() {
        let classic = Classic::default();
        let encoded = |reply| classic.encode_reply(&reply);
        assert_eq!(classic.encode_query(Query::Discover), "DISCOVER_SERVER");
        assert_eq!(encoded(answer([192, 0, 2, 7], None)), "SERVER_IP:192.0.2.7");
        assert_eq!(encoded(answer([192, 0, 2, 7], Some(80))), "SERVER_IP:192.0.2.7:80");
    }

    #[test]
    fn answers_that_stock_accepts() {
        assert_eq!(decode("SERVER_IP:192.0.2.7"), Ok(answer([192, 0, 2, 7], None)));
        assert_eq!(decode("SERVER_IP:192.0.2.7:8080"), Ok(answer([192, 0, 2, 7], Some(8080))));
        assert_eq!(decode("SERVER_IP: 192.0.2.7 : 80 \r\n"), Ok(answer([192, 0, 2, 7], Some(80))));
        assert_eq!(decode("SERVER_IP:192.0.2.7:65535"), Ok(answer([192, 0, 2, 7], Some(65535))));
        assert_eq!(decode("SERVER_IP:0.0.0.0"), Ok(answer([0, 0, 0, 0], None)));
    }

    #[test]
    fn an_ipv6_address_has_brackets_and_ipv4_addresses_behind_it() {
        let classic = Classic::default();
        let reply = |port, others: &[[u8; 4]]| Reply {
            address: "fe80::1".parse().expect("an address"),
            port,
            others: others.iter().copied().map(Ipv4Addr::from).collect(),
        };
        let two = [[10, 77, 0, 2], [10, 78, 0, 2]];
        for (text, reply) in [
            ("SERVER_IP:[fe80::1]:8000 10.77.0.2 10.78.0.2", reply(Some(8000), &two)),
            ("SERVER_IP:[fe80::1] 10.77.0.2", reply(None, &two[..1])),
            ("SERVER_IP:[fe80::1]:80", reply(Some(80), &[])),
            ("SERVER_IP:[fe80::1]", reply(None, &[])),
        ] {
            assert_eq!(classic.encode_reply(&reply), text);
            assert_eq!(decode(text), Ok(reply));
        }
        let many = reply(None, &[[10, 0, 0, 1]; limits::OTHERS_MAX]);
        let more = format!("SERVER_IP:[fe80::1]{}", " 10.0.0.1".repeat(limits::OTHERS_MAX + 1));
        assert_eq!(decode(&more), Ok(many), "those that fit");
        assert_eq!(
            decode("SERVER_IP: [fe80::1]:80 \t10.77.0.2\r\n\0"),
            Ok(reply(Some(80), &two[..1]))
        );
    }

    #[test]
    fn answers_that_nobody_accepts() {
        for (text, why) in [
            ("", ReplyError::Empty),
            ("DISCOVER_SERVER", ReplyError::Query),
            ("hello", ReplyError::Foreign),
            ("server_ip:192.0.2.7", ReplyError::Foreign),
            ("SERVER_IP:", ReplyError::Address),
            ("SERVER_IP::80", ReplyError::Address),
            ("SERVER_IP:192.0.2", ReplyError::Address),
            ("SERVER_IP:192.0.2.256", ReplyError::Address),
            ("SERVER_IP:host", ReplyError::Address),
            ("SERVER_IP:host:http", ReplyError::Address),
            ("SERVER_IP:fd00::2", ReplyError::Address),
            ("SERVER_IP:[fd00::2", ReplyError::Address),
            ("SERVER_IP:[fe80::1%eth0]:80", ReplyError::Address),
            ("SERVER_IP:[10.0.0.1]:80", ReplyError::Address),
            ("SERVER_IP:[::ffff:10.0.0.1]:80", ReplyError::Address),
            ("SERVER_IP:[fe80::1]80", ReplyError::Address),
            ("SERVER_IP:[fe80::1]:80 fe80::2", ReplyError::Address),
            ("SERVER_IP:[fe80::1]:80 10.0.0.1,10.0.0.2", ReplyError::Address),
            ("SERVER_IP:[fe80::1]:", ReplyError::Port),
            ("SERVER_IP:[fe80::1]:0 10.0.0.1", ReplyError::Port),
            ("SERVER_IP:[fe80::1]: 80", ReplyError::Port),
            ("SERVER_IP:10.0.0.1:80 10.0.0.2", ReplyError::Port),
            ("SERVER_IP:192.0.2.7:", ReplyError::Port),
            ("SERVER_IP:192.0.2.7:0", ReplyError::Port),
            ("SERVER_IP:192.0.2.7:65536", ReplyError::Port),
            ("SERVER_IP:192.0.2.7:80:80", ReplyError::Port),
            ("SERVER_IP:192.0.2.7:http", ReplyError::Port),
        ] {
            assert_eq!(decode(text), Err(why), "{text:?}");
        }
        let long = format!("SERVER_IP:{}192.0.2.7", " ".repeat(limits::ANSWER_MAX));
        assert_eq!(decode(&long), Err(ReplyError::TooLong));
    }

    #[test]
    fn answers_that_only_stock_accepts() {
        for text in [
            "SERVER_IP:1_0.0.2.7",
            "SERVER_IP:+10.0.2.7",
            "SERVER_IP:010.0.2.7",
            "SERVER_IP:١0.0.2.7",
            "SERVER_IP:10 . 0.2.7",
        ] {
            assert_eq!(decode(text), Err(ReplyError::Address), "{text:?}");
        }
        for text in ["SERVER_IP:10.0.2.7:+80", "SERVER_IP:10.0.2.7:080", "SERVER_IP:10.0.2.7:8_0"] {
            assert_eq!(decode(text), Err(ReplyError::Port), "{text:?}");
        }
        let invalid = Classic::default().decode_reply(b"SERVER_IP:10.0.2.7\xff");
        assert_eq!(invalid, Err(ReplyError::NotText));
    }

    #[test]
    fn probes_are_exact() {
        let classic = Classic::default();
        for (datagram, is) in [
            ("DISCOVER_SERVER", Ok(Query::Discover)),
            ("", Err(QueryError::Empty)),
            ("DISCOVER_SERVER\n", Err(QueryError::WhiteSpace)),
            (" DISCOVER_SERVER", Err(QueryError::WhiteSpace)),
            ("DISCOVER_SERVER\0", Err(QueryError::Nul)),
            ("discover_server", Err(QueryError::Case)),
            ("DISCOVER", Err(QueryError::Prefix)),
            ("DISCOVER_SERVER2", Err(QueryError::Prefix)),
            ("SERVER_IP:192.0.2.7", Err(QueryError::Reply)),
            ("hello", Err(QueryError::Foreign)),
        ] {
            assert_eq!(classic.decode_query(datagram.as_bytes()), is, "{datagram:?}");
        }
        assert_eq!(classic.decode_query(&[0; 65_507]), Err(QueryError::TooLong));
    }

    #[test]
    fn a_message_that_reads_as_an_answer_is_refused() {
        for (message, prefix) in [
            ("SERVER_IP:10.0.0.1", "SERVER_IP:"),
            ("SERVER_IP:[::1]", "SERVER_IP:"),
            ("10.0.0.1:80", ""),
            ("X 10.0.0.1 ", "X"),
        ] {
            let classic = Classic::new(message, prefix).expect("lengths are fine");
            let refused = classic.check_answers_are_not_probes();
            assert!(matches!(refused, Err(ConfigError::AnswerIsProbe { .. })), "{message:?}");
        }
        let stock = Classic::new("SERVER_IP:WHO", "SERVER_IP:").expect("lengths are fine");
        assert_eq!(stock.check_answers_are_not_probes(), Ok(()));
    }

    #[test]
    fn lengths_are_bounded() {
        assert_eq!(Classic::new("", "P"), Err(ConfigError::MessageEmpty));
        let long = "m".repeat(limits::MESSAGE_MAX + 1);
        assert_eq!(Classic::new(long, "P"), Err(ConfigError::MessageTooLong { length: 513 }));
        let long = "p".repeat(limits::PREFIX_MAX + 1);
        assert_eq!(Classic::new("M", long), Err(ConfigError::PrefixTooLong { length: 257 }));
    }
}
