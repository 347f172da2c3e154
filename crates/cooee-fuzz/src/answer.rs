//! Answers: decoding refuses for the reason it names, and undoes encoding.
//!
//! An input is the prefix (a zero byte for the default, else its length and its bytes) and what may
//! follow it in an answer. That is decoded with the prefix before it, and as it is.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use cooee_core::limits;
use cooee_core::wire::classic::{
    Answer, AnswerError, Classic, DEFAULT_MESSAGE, DEFAULT_PREFIX, ProbeMatch,
};

use crate::take;

/// Takes one input.
///
/// # Panics
/// When an answer is decoded wrongly.
pub fn run(mut input: &[u8]) {
    let prefix = take::text(&mut input, 1, DEFAULT_PREFIX);
    let classic = Classic::new(DEFAULT_MESSAGE, prefix.to_vec()).expect("a prefix of 255 bytes");
    decode(&classic, &[prefix, input].concat());
    decode(&classic, input);
    encode(&classic, input);
}

fn decode(classic: &Classic, datagram: &[u8]) {
    let after_prefix = datagram.strip_prefix(classic.prefix());
    let text = after_prefix.map(str::from_utf8);
    match classic.decode_answer(datagram) {
        Err(AnswerError::Empty) => assert!(datagram.is_empty()),
        Err(AnswerError::TooLong) => assert!(datagram.len() > limits::ANSWER_MAX),
        Err(AnswerError::Foreign) => assert!(after_prefix.is_none()),
        Err(AnswerError::NotText) => assert!(matches!(text, Some(Err(_)))),
        Err(AnswerError::Address | AnswerError::Port) => {
            let Some(Ok(text)) = text else { panic!("refused for what it does not have") };
            assert!(!says_something(text), "{text:?}");
        }
        Err(other) => panic!("a reason that nobody knows: {other}"),
        Ok(answer) => {
            assert!(!datagram.is_empty() && datagram.len() <= limits::ANSWER_MAX);
            assert_ne!(answer.port, Some(0));
            let Some(Ok(text)) = text else { panic!("no text, but an answer") };
            let encoded = classic.encode_answer(answer.ip, answer.port);
            assert_eq!(&encoded[classic.prefix().len()..], without_margins(text).as_bytes());
            assert_eq!(classic.decode_answer(&encoded), Ok(answer));
            let to_a_server = classic.match_probe(datagram);
            assert!(to_a_server == ProbeMatch::Answer || datagram == classic.probe());
        }
    }
}

/// Whether a text is an address, and perhaps a port, with white space around each.
fn says_something(text: &str) -> bool {
    let parts: Vec<_> = text.split(':').map(str::trim).collect();
    match parts[..] {
        [address] => is_address(address),
        [address, port] => is_address(address) && is_number(port, 1..=65_535),
        _ => false,
    }
}

fn is_address(text: &str) -> bool {
    text.split('.').count() == 4 && text.split('.').all(|octet| is_number(octet, 0..=255))
}

/// Whether a text is a number in this range as one writes it, with neither sign nor leading zeros.
fn is_number(text: &str, range: RangeInclusive<u32>) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text && range.contains(&number))
}

/// The address and the port without the white space around each: all that may differ between
/// answers that say the same.
fn without_margins(text: &str) -> String {
    let parts: Vec<_> = text.split(':').map(str::trim).collect();
    parts.join(":")
}

fn encode(classic: &Classic, mut input: &[u8]) {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |number, &b| number << 8 | u32::from(b));
    let ip = Ipv4Addr::from_bits(number(take::bytes(&mut input, 4)));
    let port = Some(number(take::bytes(&mut input, 2)) as u16).filter(|&port| port > 0);
    let encoded = classic.encode_answer(ip, port);
    assert!(encoded.len() <= classic.prefix().len() + "255.255.255.255:65535".len());
    assert_eq!(classic.decode_answer(&encoded), Ok(Answer { ip, port }));
}
