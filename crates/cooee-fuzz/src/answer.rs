//! Answers: decoding refuses for the reason it names, and undoes encoding.
//!
//! An input is the prefix (a zero byte for the default, else its length and its bytes) and what may
//! follow it in an answer. That is decoded with the prefix before it, and as it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use cooee_core::limits;
use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PREFIX};
use cooee_core::wire::{Query, QueryError, Reply, ReplyError};

use crate::take;

/// Takes one input.
///
/// # Panics
/// When an answer is decoded wrongly.
pub fn run(mut input: &[u8]) {
    let prefix = take::text(&mut input, 1, DEFAULT_PREFIX);
    let classic = Classic::new(DEFAULT_MESSAGE, prefix.to_vec()).expect("a prefix of 255 bytes");
    decode(&classic, &[prefix, input].concat());
    decode(&classic, &[prefix, input, &[0; 2]].concat());
    decode(&classic, input);
    decode(&classic, DEFAULT_MESSAGE.as_bytes());
    encode(&classic, input);
}

fn decode(classic: &Classic, datagram: &[u8]) {
    let after_prefix = datagram.strip_prefix(classic.prefix());
    let text = after_prefix.map(str::from_utf8);
    let is_query = datagram == classic.encode_query(Query::Discover);
    let decoded = classic.decode_reply(datagram);
    match decoded {
        Err(ReplyError::Empty) => assert!(datagram.is_empty()),
        Err(ReplyError::TooLong) => assert!(datagram.len() > limits::ANSWER_MAX),
        Err(ReplyError::Query) => assert!(after_prefix.is_none() && is_query),
        Err(ReplyError::Foreign) => assert!(after_prefix.is_none() && !is_query),
        Err(ReplyError::NotText) => assert!(matches!(text, Some(Err(_)))),
        Err(why @ (ReplyError::Address | ReplyError::Port)) => {
            let Some(Ok(text)) = text else { panic!("refused for what it does not have") };
            let parts = parts(text);
            assert!(!says_something(&parts), "{text:?}");
            assert_eq!(why == ReplyError::Address, !is_address(parts[0]), "{text:?}");
        }
        Err(other) => panic!("a reason that nobody knows: {other}"),
        Ok(reply) => {
            assert!(!datagram.is_empty() && datagram.len() <= limits::ANSWER_MAX);
            assert_ne!(reply.port, Some(0));
            let Some(Ok(text)) = text else { panic!("no text, but an answer") };
            assert!(says_something(&parts(text)), "{text:?}");
            let encoded = classic.encode_reply(&reply).expect("an IPv4 address");
            assert_eq!(&encoded[classic.prefix().len()..], parts(text).join(":").as_bytes());
            assert_eq!(classic.decode_reply(&encoded), Ok(reply));
            let to_a_server = classic.decode_query(datagram);
            assert!(to_a_server == Err(QueryError::Reply) || is_query);
        }
    }
    let begins_as_one =
        after_prefix.is_some() && (1..=limits::ANSWER_MAX).contains(&datagram.len());
    let almost = decoded.is_err_and(ReplyError::is_almost_a_reply);
    assert_eq!(almost, begins_as_one && decoded.is_err());
}

/// The address and perhaps the port: what is between colons, without the white space around each,
/// and without zero bytes at the end of all. Nothing else may differ between answers that say the
/// same.
fn parts(text: &str) -> Vec<&str> {
    text.trim_end_matches('\0').split(':').map(str::trim).collect()
}

/// Whether these are an address and perhaps a port.
fn says_something(parts: &[&str]) -> bool {
    match parts {
        [address] => is_address(address),
        [address, port] => is_address(address) && is_port(port),
        _ => false,
    }
}

fn is_port(text: &str) -> bool {
    is_number(text, 1..=65_535)
}

fn is_address(text: &str) -> bool {
    text.split('.').count() == 4 && text.split('.').all(|octet| is_number(octet, 0..=255))
}

/// Whether a text is a number in this range as one writes it, with neither sign nor leading zeros.
fn is_number(text: &str, range: RangeInclusive<u32>) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text && range.contains(&number))
}

fn encode(classic: &Classic, mut input: &[u8]) {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, &b| number << 8 | u32::from(b));
    let bits = number(take::bytes(&mut input, 4));
    let port = Some(number(take::bytes(&mut input, 2)) as u16).filter(|&port| port > 0);
    let reply = Reply { address: Ipv4Addr::from_bits(bits).into(), port };
    let encoded = classic.encode_reply(&reply).expect("an IPv4 address");
    assert!(encoded.len() <= classic.prefix().len() + "255.255.255.255:65535".len());
    assert_eq!(classic.decode_reply(&encoded), Ok(reply));
    let ipv6 = IpAddr::from(Ipv6Addr::from_bits(bits.into()));
    assert_eq!(classic.encode_reply(&Reply { address: ipv6, port }), None);
}
