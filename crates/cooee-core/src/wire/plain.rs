//! Answers as servers write them: four octets and a port, and nothing else. They are nearly all
//! that arrive, by the thousand on a large network, and need no text to be made of them.

use std::net::Ipv4Addr;

use super::Reply;

/// Decodes what follows the prefix. `None` says that it is not so plain, and nothing more.
pub(super) fn decode(mut bytes: &[u8]) -> Option<Reply> {
    let mut octets = [0; 4];
    for (place, octet) in octets.iter_mut().enumerate() {
        if place > 0 {
            bytes = bytes.strip_prefix(b".")?;
        }
        *octet = take_number(&mut bytes)?.try_into().ok()?;
    }
    let port = match bytes {
        [] => None,
        [b':', digits @ ..] => {
            bytes = digits;
            Some(take_number(&mut bytes).filter(|port| *port > 0)?)
        }
        _ => return None,
    };
    bytes.is_empty().then(|| Reply::new(Ipv4Addr::from(octets), port))
}

/// Takes the digits at the front, which begin with a zero only if that is the number.
fn take_number(bytes: &mut &[u8]) -> Option<u16> {
    let mut number = None;
    while let [digit @ b'0'..=b'9', rest @ ..] = *bytes {
        let digit = u16::from(digit - b'0');
        number = match number {
            None => Some(digit),
            Some(0) => return None,
            Some(before) => Some(u16::checked_add(before.checked_mul(10)?, digit)?),
        };
        *bytes = rest;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::classic::Classic;

    fn plain(text: &str) -> Option<Reply> {
        decode(text.as_bytes())
    }

    #[test]
    fn the_smallest_and_the_largest_numbers_are_read() {
        for (text, octets, port) in [
            ("0.0.0.0", [0; 4], None),
            ("255.255.255.255:65535", [255; 4], Some(65535)),
            ("10.0.2.7:1", [10, 0, 2, 7], Some(1)),
        ] {
            assert_eq!(plain(text), Some(Reply::new(octets, port)), "{text}");
        }
    }

    #[test]
    fn what_is_read_here_is_read_so_with_all_care() {
        let classic = Classic::new("?", " ").expect("lengths are fine");
        for written in ["192.0.2.7:8000", "0.10.255.99", "1.2.3.4:65535"] {
            assert!(plain(written).is_some(), "{written}");
            for place in 0..written.len() {
                for other in ["", "0", "1", "6", "9", ".", ":", " ", "+", "[", "\0", "é"] {
                    let altered = format!("{}{other}{}", &written[..place], &written[place + 1..]);
                    // White space in front keeps the codec from reading it as plain.
                    let carefully = classic.decode_reply(format!("  {altered}").as_bytes());
                    let plain = plain(&altered);
                    assert!(plain.is_none() || carefully.ok() == plain, "{altered:?}");
                }
            }
        }
    }
}
