use minicbor::{Decode, Encode};
use thiserror::Error;

use crate::{ConfigError, limits};

/// Why the port's owner does not answer for a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Error)]
#[non_exhaustive]
pub enum OfferRefusal {
    /// The process runs as another user, and in no group that the owner takes offers from.
    #[n(0)]
    #[error(
        "its owner runs as another user and takes no offers from this one; start the owner with \
         --offers-from and a group of this user"
    )]
    NotTrusted,
    /// The owner answers for [`limits::OFFERS_MAX`] services already.
    #[n(1)]
    #[error("its owner answers for {} services already", limits::OFFERS_MAX)]
    Full,
    /// The offer cannot work, or is not understood by this version.
    #[n(2)]
    #[error("its owner does not understand the offer; run the same version of cooee in both")]
    Unsound,
    /// The offer is longer than [`limits::OFFER_MAX`].
    #[n(3)]
    #[error(
        "the offer is longer than {} bytes; allow fewer networks, or publish fewer TXT pairs",
        limits::OFFER_MAX
    )]
    TooLong,
    /// An answer of one service would be a probe of the other.
    #[n(4)]
    #[error(
        "an answer of this service would be a probe of another one that its owner answers for, or \
         the other way round; choose another message"
    )]
    Echo,
}

/// Why a message between processes cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MessageError {
    /// It is not a message of this version.
    #[error("not a message of this version")]
    Malformed,
    /// An offer in it cannot work.
    #[error(transparent)]
    Unsound(#[from] ConfigError),
    /// It is longer than [`limits::OFFER_MAX`].
    #[error("{length} bytes; it takes up to {}", limits::OFFER_MAX)]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// It has an offer of a protocol that cannot be handed over.
    #[error("the protocol cannot be handed over")]
    Protocol,
}
