//! Probes: every datagram is what the definition of its class says, and only the message itself is
//! a probe.
//!
//! An input is the message (a zero byte for the default, else a quarter of its length and its
//! bytes), the prefix (likewise, with half its length), a number, and the datagram. Beside that,
//! datagrams are looked at that are almost the message.

use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PREFIX, ProbeMatch};
use cooee_core::{ResponderConfig, limits};

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
    assert_eq!(classic.match_probe(message), ProbeMatch::Exact);

    look(&classic, input);
    look(&classic, &[message, input].concat());
    look(&classic, &[input, message, input].concat());
    look(&classic, &[prefix, input].concat());
    look(&classic, &message[..number % message.len()]);
    look(&classic, &[message, &vec![0; number]].concat());
    let mut other_case = message.to_vec();
    for at in [0, number % message.len()] {
        other_case[at] ^= 0x20;
    }
    look(&classic, &other_case);

    let message_is_answer = classic.decode_answer(message).is_ok();
    let config = ResponderConfig { classic, ..ResponderConfig::default() };
    assert_eq!(config.check().is_err(), message_is_answer);
}

fn look(classic: &Classic, datagram: &[u8]) {
    let message = classic.probe();
    let message = message.as_ref();
    let is_answer = || classic.decode_answer(datagram).is_ok();
    let is_padded = || datagram.trim_ascii() == message.trim_ascii();
    let ends_in_zeros =
        || datagram.strip_prefix(message).is_some_and(|rest| rest.iter().all(|&byte| byte == 0));
    let overlaps = || datagram.starts_with(message) || message.starts_with(datagram);
    let found = classic.match_probe(datagram);
    assert_eq!(found == ProbeMatch::Exact, datagram == message);
    match found {
        ProbeMatch::Exact => {}
        ProbeMatch::Empty => assert!(datagram.is_empty()),
        ProbeMatch::TooLong => assert!(datagram.len() > limits::DATAGRAM_MAX),
        ProbeMatch::Answer => assert!(is_answer()),
        ProbeMatch::WhiteSpace => assert!(is_padded() && !is_answer()),
        ProbeMatch::Nul => assert!(ends_in_zeros()),
        ProbeMatch::Case => assert!(datagram.eq_ignore_ascii_case(message)),
        ProbeMatch::Prefix => assert!(overlaps() && !ends_in_zeros()),
        ProbeMatch::Foreign => {
            assert!(!datagram.is_empty() && datagram.len() <= limits::DATAGRAM_MAX);
            assert!(!is_answer() && !is_padded() && !overlaps());
            assert!(!datagram.eq_ignore_ascii_case(message));
        }
    }
}
