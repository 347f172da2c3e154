//! Answers: decoding refuses for the reason it names, and undoes encoding.
//!
//! An input is the prefix (a zero byte for the default, else its length and its bytes) and what may
//! follow it in an answer. That is decoded with the prefix before it, and as it is.

use std::net::{Ipv4Addr, Ipv6Addr};
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
            assert_eq!(said(text), Err(why), "{text:?}");
        }
        Err(other) => panic!("a reason that nobody knows: {other}"),
        Ok(reply) => {
            assert!(!datagram.is_empty() && datagram.len() <= limits::ANSWER_MAX);
            assert_ne!(reply.port, Some(0));
            let Some(Ok(text)) = text else { panic!("no text, but an answer") };
            let canonical = said(text).unwrap_or_else(|why| panic!("{text:?}: {why}"));
            let encoded = classic.encode_reply(&reply);
            assert_eq!(&encoded[classic.prefix().len()..], canonical.as_bytes());
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

/// What a text says, as it is written when nothing is left to choose; or what is wrong with it.
fn said(text: &str) -> Result<String, ReplyError> {
    let text = text.trim_end_matches('\0');
    match text.trim_start().strip_prefix('[') {
        Some(bracketed) => said_over_v6(bracketed),
        None => said_over_v4(text),
    }
}

/// The address and perhaps the port: what is between colons, without the white space around each.
fn said_over_v4(text: &str) -> Result<String, ReplyError> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    match parts[..] {
        [address, ..] if !is_address(address) => Err(ReplyError::Address),
        [_] => Ok(parts.join(":")),
        [_, port] if is_port(port) => Ok(parts.join(":")),
        _ => Err(ReplyError::Port),
    }
}

/// What follows the opening bracket: the address, perhaps the port, and other addresses.
fn said_over_v6(text: &str) -> Result<String, ReplyError> {
    let mut words = text.split(char::is_whitespace);
    let first = words.next().unwrap_or_default();
    let (address, port) = first.split_once(']').ok_or(ReplyError::Address)?;
    let address: Ipv6Addr = address.parse().map_err(|_| ReplyError::Address)?;
    if address.to_ipv4_mapped().is_some() || !(port.is_empty() || port.starts_with(':')) {
        return Err(ReplyError::Address);
    }
    if !port.strip_prefix(':').is_none_or(is_port) {
        return Err(ReplyError::Port);
    }
    let others: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if !others.iter().all(|other| is_address(other)) {
        return Err(ReplyError::Address);
    }
    let others = others.iter().take(limits::OTHERS_MAX).map(|other| format!(" {other}"));
    Ok(format!("[{address}]{port}{}", others.collect::<String>()))
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
    let reply = Reply::new(Ipv4Addr::from_bits(bits), port);
    let encoded = classic.encode_reply(&reply);
    assert!(encoded.len() <= classic.prefix().len() + "255.255.255.255:65535".len());
    assert_eq!(classic.decode_reply(&encoded), Ok(reply));
    let others = (0..bits % 7).map(|nth| Ipv4Addr::from_bits(bits.wrapping_add(nth)));
    let address = Ipv6Addr::from_bits(u128::from(bits) << 96 | 1);
    let reply = Reply { address: address.into(), port, others: others.collect() };
    let encoded = classic.encode_reply(&reply);
    assert!(encoded.len() <= limits::ANSWER_MAX);
    assert_eq!(classic.decode_reply(&encoded), Ok(reply));
}
