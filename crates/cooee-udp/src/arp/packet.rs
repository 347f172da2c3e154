//! An ARP packet for Ethernet and IPv4 (RFC 826).

use std::net::Ipv4Addr;

use super::answer::ArpAnswer;

pub(super) const LENGTH: usize = 28;

const ETHERNET_AND_IPV4: [u8; 6] = [0, 1, 0x08, 0, 6, 4];
const REQUEST: [u8; 2] = [0, 1];
const REPLY: [u8; 2] = [0, 2];

/// A probe for `address`, which names no address of the sender (RFC 5227 section 2.1.1).
pub(super) fn probe(sender: [u8; 6], address: Ipv4Addr) -> [u8; LENGTH] {
    let mut packet = [0; LENGTH];
    packet[..6].copy_from_slice(&ETHERNET_AND_IPV4);
    packet[6..8].copy_from_slice(&REQUEST);
    packet[8..14].copy_from_slice(&sender);
    packet[24..].copy_from_slice(&address.octets());
    packet
}

/// Who answers for which address; `None` for anything but an answer.
pub(super) fn read(packet: &[u8]) -> Option<ArpAnswer> {
    let (head, rest) = packet.get(..LENGTH)?.split_at(8);
    if head[..6] != ETHERNET_AND_IPV4 || head[6..] != REPLY {
        return None;
    }
    let (link, rest) = rest.split_first_chunk::<6>()?;
    let (address, _) = rest.split_first_chunk::<4>()?;
    Some(ArpAnswer { address: Ipv4Addr::from(*address), link: *link })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_names_no_sender_and_is_no_answer() {
        let packet = probe([2, 0, 0, 0, 0, 9], [10, 0, 1, 2].into());
        assert_eq!(packet[14..18], [0; 4], "the sender's address");
        assert_eq!(packet[24..], [10, 0, 1, 2]);
        assert_eq!(read(&packet), None);
    }

    #[test]
    fn an_answer_says_who_has_the_address_whatever_follows_it() {
        let mut packet = probe([2, 0, 0, 0, 0, 9], [10, 0, 1, 3].into()).to_vec();
        packet[7] = 2;
        packet[14..18].copy_from_slice(&[10, 0, 1, 2]);
        packet.extend([0; 18]);
        let answer = ArpAnswer { address: [10, 0, 1, 2].into(), link: [2, 0, 0, 0, 0, 9] };
        assert_eq!(read(&packet), Some(answer));
        for length in 0..LENGTH {
            assert_eq!(read(&packet[..length]), None);
        }
    }
}
