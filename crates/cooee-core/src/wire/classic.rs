//! The stock text protocol: a probe is an exact message, an answer is a prefix and an address.
//!
//! Source: `django-udp-discovery` 1.0.0 and `django-udp-discovery-client` 1.0.0. Where the stock
//! client lets through what Python's `int()` lets through (`1_0`, `+1`, leading zeros, digits that
//! are not ASCII) and drops invalid UTF-8, this decoder refuses.

use std::net::Ipv4Addr;

use bytes::Bytes;
use thiserror::Error;

use crate::{ConfigError, limits};

/// The UDP port that servers listen on.
pub const DEFAULT_PORT: u16 = 9999;
/// The probe message.
pub const DEFAULT_MESSAGE: &str = "DISCOVER_SERVER";
/// What an answer begins with.
pub const DEFAULT_PREFIX: &str = "SERVER_IP:";
/// The port of a service whose answer names none.
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

/// An answer, decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The address that the server names.
    pub ip: Ipv4Addr,
    /// The port that it names, if any.
    pub port: Option<u16>,
}

/// Why a datagram is not an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It carries nothing.
    #[error("empty datagram")]
    Empty,
    /// It is longer than [`limits::ANSWER_MAX`].
    #[error("longer than {} bytes", limits::ANSWER_MAX)]
    TooLong,
    /// It does not begin with the prefix.
    #[error("does not begin with the prefix")]
    Foreign,
    /// What follows the prefix is not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// The address is not four octets in decimal, without leading zeros.
    #[error("the address is not four octets")]
    Address,
    /// The port is not a number from 1 to 65535, without sign or leading zeros.
    #[error("the port is not 1 to 65535")]
    Port,
}

/// What a datagram is to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeMatch {
    /// The message, to the byte.
    Exact,
    /// Nothing at all.
    Empty,
    /// Longer than [`limits::DATAGRAM_MAX`].
    TooLong,
    /// An answer: some other server's, or our own reflected.
    Answer,
    /// The message with line breaks or other white space at an end.
    WhiteSpace,
    /// The message with zero bytes after it.
    Nul,
    /// The message in other letter case.
    Case,
    /// The beginning of the message, or the message with more behind it.
    Prefix,
    /// None of these.
    Foreign,
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

    /// The probe: the message itself.
    pub fn probe(&self) -> Bytes {
        self.message.clone()
    }

    /// What every answer begins with.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Refuses a message that could be somebody's answer, since servers would answer each other.
    pub(crate) fn check_answers_are_not_probes(&self) -> Result<(), ConfigError> {
        if self.decode_answer(&self.message).is_ok() {
            return Err(ConfigError::AnswerIsProbe {
                message: String::from_utf8_lossy(&self.message).into_owned(),
                prefix: String::from_utf8_lossy(&self.prefix).into_owned(),
            });
        }
        Ok(())
    }

    /// The answer that names `ip` and, if given, `port`.
    pub fn encode_answer(&self, ip: Ipv4Addr, port: Option<u16>) -> Bytes {
        let mut answer = Vec::with_capacity(self.prefix.len() + "255.255.255.255:65535".len());
        answer.extend_from_slice(&self.prefix);
        answer.extend_from_slice(ip.to_string().as_bytes());
        if let Some(port) = port {
            answer.extend_from_slice(format!(":{port}").as_bytes());
        }
        answer.into()
    }

    /// Decodes an answer: the prefix, four octets, and perhaps a colon and a port. White space
    /// around address and port is trimmed.
    ///
    /// # Errors
    /// Why it is not an answer.
    pub fn decode_answer(&self, datagram: &[u8]) -> Result<Answer, AnswerError> {
        if datagram.is_empty() {
            return Err(AnswerError::Empty);
        }
        if datagram.len() > limits::ANSWER_MAX {
            return Err(AnswerError::TooLong);
        }
        let rest = datagram.strip_prefix(self.prefix.as_ref()).ok_or(AnswerError::Foreign)?;
        let text = str::from_utf8(rest).map_err(|_| AnswerError::NotText)?;
        let (ip, port) = match text.split_once(':') {
            Some((ip, port)) => (ip, Some(decode_port(port.trim())?)),
            None => (text, None),
        };
        let ip = ip.trim().parse().map_err(|_| AnswerError::Address)?;
        Ok(Answer { ip, port })
    }

    /// Says what `datagram` is to a server: the probe, or in which way it is not.
    pub fn match_probe(&self, datagram: &[u8]) -> ProbeMatch {
        if datagram == self.message {
            return ProbeMatch::Exact;
        }
        if datagram.is_empty() {
            return ProbeMatch::Empty;
        }
        if datagram.len() > limits::DATAGRAM_MAX {
            return ProbeMatch::TooLong;
        }
        if self.decode_answer(datagram).is_ok() {
            return ProbeMatch::Answer;
        }
        self.near_miss(datagram)
    }

    fn near_miss(&self, datagram: &[u8]) -> ProbeMatch {
        let message = self.message.as_ref();
        if datagram.trim_ascii() == message.trim_ascii() {
            ProbeMatch::WhiteSpace
        } else if datagram.strip_prefix(message).is_some_and(|rest| rest.iter().all(|&b| b == 0)) {
            ProbeMatch::Nul
        } else if datagram.eq_ignore_ascii_case(message) {
            ProbeMatch::Case
        } else if datagram.starts_with(message) || message.starts_with(datagram) {
            ProbeMatch::Prefix
        } else {
            ProbeMatch::Foreign
        }
    }
}

fn decode_port(text: &str) -> Result<u16, AnswerError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.starts_with('0') {
        return Err(AnswerError::Port);
    }
    text.parse().map_err(|_| AnswerError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<Answer, AnswerError> {
        Classic::default().decode_answer(text.as_bytes())
    }

    fn answer(ip: [u8; 4], port: Option<u16>) -> Answer {
        Answer { ip: ip.into(), port }
    }

    #[test]
    fn the_stock_bytes() {
        let classic = Classic::default();
        assert_eq!(classic.probe(), "DISCOVER_SERVER");
        let ip = Ipv4Addr::new(192, 0, 2, 7);
        assert_eq!(classic.encode_answer(ip, None), "SERVER_IP:192.0.2.7");
        assert_eq!(classic.encode_answer(ip, Some(80)), "SERVER_IP:192.0.2.7:80");
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
    fn answers_that_nobody_accepts() {
        for (text, why) in [
            ("", AnswerError::Empty),
            ("DISCOVER_SERVER", AnswerError::Foreign),
            ("server_ip:192.0.2.7", AnswerError::Foreign),
            ("SERVER_IP:", AnswerError::Address),
            ("SERVER_IP::80", AnswerError::Address),
            ("SERVER_IP:192.0.2", AnswerError::Address),
            ("SERVER_IP:192.0.2.256", AnswerError::Address),
            ("SERVER_IP:host", AnswerError::Address),
            ("SERVER_IP:192.0.2.7:", AnswerError::Port),
            ("SERVER_IP:192.0.2.7:0", AnswerError::Port),
            ("SERVER_IP:192.0.2.7:65536", AnswerError::Port),
            ("SERVER_IP:192.0.2.7:80:80", AnswerError::Port),
            ("SERVER_IP:192.0.2.7:http", AnswerError::Port),
        ] {
            assert_eq!(decode(text), Err(why), "{text:?}");
        }
        let long = format!("SERVER_IP:{}192.0.2.7", " ".repeat(limits::ANSWER_MAX));
        assert_eq!(decode(&long), Err(AnswerError::TooLong));
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
            assert_eq!(decode(text), Err(AnswerError::Address), "{text:?}");
        }
        for text in ["SERVER_IP:10.0.2.7:+80", "SERVER_IP:10.0.2.7:080", "SERVER_IP:10.0.2.7:8_0"] {
            assert_eq!(decode(text), Err(AnswerError::Port), "{text:?}");
        }
        let invalid = Classic::default().decode_answer(b"SERVER_IP:10.0.2.7\xff");
        assert_eq!(invalid, Err(AnswerError::NotText));
    }

    #[test]
    fn probes_are_exact() {
        let classic = Classic::default();
        for (datagram, is) in [
            ("DISCOVER_SERVER", ProbeMatch::Exact),
            ("", ProbeMatch::Empty),
            ("DISCOVER_SERVER\n", ProbeMatch::WhiteSpace),
            (" DISCOVER_SERVER", ProbeMatch::WhiteSpace),
            ("DISCOVER_SERVER\0", ProbeMatch::Nul),
            ("discover_server", ProbeMatch::Case),
            ("DISCOVER", ProbeMatch::Prefix),
            ("DISCOVER_SERVER2", ProbeMatch::Prefix),
            ("SERVER_IP:192.0.2.7", ProbeMatch::Answer),
            ("hello", ProbeMatch::Foreign),
        ] {
            assert_eq!(classic.match_probe(datagram.as_bytes()), is, "{datagram:?}");
        }
        assert_eq!(classic.match_probe(&[0; 65_507]), ProbeMatch::TooLong);
    }

    #[test]
    fn a_message_that_reads_as_an_answer_is_refused() {
        for (message, prefix) in
            [("SERVER_IP:10.0.0.1", "SERVER_IP:"), ("10.0.0.1:80", ""), ("X 10.0.0.1 ", "X")]
        {
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
