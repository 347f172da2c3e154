//! Who is answered.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use super::ProbeRefusal;
use super::address::AddressBook;
use crate::{AnswerPolicy, ResponderConfig};

/// The source as one that a datagram can be sent to without harm to anybody else.
pub(super) fn answerable(
    source: SocketAddr,
    book: &AddressBook,
) -> Result<SocketAddrV4, ProbeRefusal> {
    let SocketAddr::V4(source) = source else { return Err(ProbeRefusal::SourceUnusable) };
    let address = *source.ip();
    if source.port() == 0 {
        Err(ProbeRefusal::SourcePortZero)
    } else if address.is_multicast() {
        Err(ProbeRefusal::SourceMulticast)
    } else if address.is_broadcast() || book.is_broadcast(address) {
        Err(ProbeRefusal::SourceBroadcast)
    } else if address.octets()[0] == 0 || address.octets()[0] >= 240 {
        Err(ProbeRefusal::SourceUnusable)
    } else {
        Ok(source)
    }
}

/// Whether the policy answers `asker`, whose probe arrived on interface `arrived_on`.
pub(super) fn admit(
    config: &ResponderConfig,
    book: &AddressBook,
    asker: Ipv4Addr,
    arrived_on: Option<u32>,
) -> Result<(), ProbeRefusal> {
    if asker.is_loopback() {
        let genuine = arrived_on.is_none_or(|index| book.is_loopback_interface(index));
        return if genuine { Ok(()) } else { Err(ProbeRefusal::SourceLoopback) };
    }
    let by_policy = match config.policy {
        AnswerPolicy::Any => true,
        AnswerPolicy::Private => {
            asker.is_private() || asker.is_link_local() || book.is_on_link(asker, arrived_on)
        }
        AnswerPolicy::OnLink => book.is_on_link(asker, arrived_on),
    };
    if by_policy || config.allow.iter().any(|net| net.contains(&asker)) {
        Ok(())
    } else {
        Err(ProbeRefusal::SourceNotAllowed)
    }
}
