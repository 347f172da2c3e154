//! Which sources are answered.

use std::net::{IpAddr, SocketAddr};

use super::ProbeRefusal;
use super::address::AddressBook;
use crate::{AnswerPolicy, Offer};

/// Refuses a source that no datagram can be sent to without harm to somebody else.
#[inline]
pub(super) fn answerable(source: SocketAddr, book: &AddressBook) -> Result<(), ProbeRefusal> {
    if source.port() == 0 {
        return Err(ProbeRefusal::SourcePortZero);
    }
    match source.ip() {
        IpAddr::V4(address) => match address.octets()[0] {
            224..=239 => Err(ProbeRefusal::SourceMulticast),
            _ if address.is_broadcast() || book.is_broadcast_v4(address) => {
                Err(ProbeRefusal::SourceBroadcast)
            }
            0 | 240.. => Err(ProbeRefusal::SourceUnusable),
            _ => Ok(()),
        },
        IpAddr::V6(address) if address.is_multicast() => Err(ProbeRefusal::SourceMulticast),
        IpAddr::V6(address) if address.is_unspecified() || address.to_ipv4_mapped().is_some() => {
            Err(ProbeRefusal::SourceUnusable)
        }
        IpAddr::V6(_) => Ok(()),
    }
}

/// Whether the policy answers `asker`, whose probe arrived on interface `arrived_on`.
pub(super) fn admit(
    offer: &Offer,
    book: &AddressBook,
    asker: IpAddr,
    arrived_on: Option<u32>,
) -> Result<(), ProbeRefusal> {
    if asker.is_loopback() {
        let genuine = arrived_on.is_none_or(|index| book.is_loopback_interface(index));
        return if genuine { Ok(()) } else { Err(ProbeRefusal::SourceLoopback) };
    }
    let by_policy = match offer.policy {
        AnswerPolicy::Any => true,
        AnswerPolicy::Private => is_private(asker) || book.is_on_link(asker, arrived_on),
        AnswerPolicy::OnLink => book.is_on_link(asker, arrived_on),
    };
    if by_policy || offer.allow.iter().any(|net| net.contains(&asker)) {
        Ok(())
    } else {
        Err(ProbeRefusal::SourceNotAllowed)
    }
}

/// RFC 1918 and RFC 3927; RFC 4193 and the link-local addresses of RFC 4291.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}
