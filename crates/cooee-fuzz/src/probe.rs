//! Probes: every datagram is what the definition of its class says, and only the message itself is
//! a probe.
//!
//! An input is the message (a zero byte for the default, else a quarter of its length and its
//! bytes), the prefix (likewise, with half its length), a number, and the datagram. Beside that,
//! datagrams are looked at that are almost the message.

use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PREFIX};
use cooee_core::wire::{Query, QueryError};
use cooee_core::{ConfigError, ResponderConfig, limits};

use crate::take;

/// Takes one input.
///
/// # Panics
/// When a datagram is taken for what it is not.
pub fn run(mut input: &[u8]) {
    let message = take::text(&mut input, 4, DEFAULT_MESSAGE);
    let prefix = take::text(&mut input, 2, DEFAULT_PREFIX);
    let number = usize::from(take::byte(&mut input));
    let sound =
        (1..=limits::MESSAGE_MAX).contains(&message.len()) && prefix.len() <= limits::PREFIX_MAX;
    let classic = Classic::new(message.to_vec(), prefix.to_vec());
    assert_eq!(classic.is_ok(), sound);
    let Ok(classic) = classic else { return };
    assert_eq!(classic.encode_query(Query::Discover), message);
    assert_eq!(classic.decode_query(message), Ok(Query::Discover));

    look(&classic, input);
    look(&classic, &[message, input].concat());
    look(&classic, &[input, message, input].concat());
    look(&classic, &[prefix, input].concat());
    look(&classic, &message[..number % message.len()]);
    look(&classic, &[message, &vec![0; number]].concat());
    look(&classic, &[&vec![0; number], message].concat());
    let mut other_case = message.to_vec();
    for at in [0, number % message.len()] {
        other_case[at] ^= 0x20;
    }
    look(&classic, &other_case);

    let message_is_answer = classic.decode_reply(message).is_ok();
    let config = ResponderConfig { codecs: vec![classic.into()], ..ResponderConfig::default() };
    let refused = matches!(config.check(), Err(ConfigError::AnswerIsProbe { .. }));
    assert_eq!(refused, message_is_answer);
    assert_eq!(config.check().is_err(), refused);
}

fn look(classic: &Classic, datagram: &[u8]) {
    let message = classic.encode_query(Query::Discover);
    let message = message.as_ref();
    let is_answer = || classic.decode_reply(datagram).is_ok();
    let is_padded = || datagram.trim_ascii() == message.trim_ascii();
    let ends_in_zeros =
        || datagram.strip_prefix(message).is_some_and(|rest| rest.iter().all(|&byte| byte == 0));
    let overlaps = || datagram.starts_with(message) || message.starts_with(datagram);
    let found = classic.decode_query(datagram);
    assert_eq!(found == Ok(Query::Discover), datagram == message);
    match found {
        Ok(_) => {}
        Err(QueryError::Empty) => assert!(datagram.is_empty()),
        Err(QueryError::TooLong) => assert!(datagram.len() > limits::DATAGRAM_MAX),
        Err(QueryError::Reply) => assert!(is_answer()),
        Err(QueryError::WhiteSpace) => assert!(is_padded() && !is_answer()),
        Err(QueryError::Nul) => assert!(ends_in_zeros()),
        Err(QueryError::Case) => assert!(datagram.eq_ignore_ascii_case(message)),
        Err(QueryError::Prefix) => assert!(overlaps() && !ends_in_zeros()),
        Err(QueryError::Foreign) => {
            assert!(!datagram.is_empty() && datagram.len() <= limits::DATAGRAM_MAX);
            assert!(!is_answer() && !is_padded() && !overlaps());
            assert!(!datagram.eq_ignore_ascii_case(message));
        }
        Err(other) => panic!("a reason that nobody knows: {other:?}"),
    }
}
