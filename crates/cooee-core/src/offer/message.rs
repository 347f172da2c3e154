use std::fmt;

use minicbor::{Decode, Encode};

use super::error::{MessageError, OfferRefusal};
use super::service::Offer;
use super::written::WrittenOffer;
use crate::limits;

/// What a process that stands by asks of the port's owner. One datagram each, in CBOR (RFC 8949).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfferRequest {
    /// To answer for these services, instead of those that it handed over before.
    Offer(Vec<Offer>),
    /// To list every offer that it answers for.
    List,
}

/// What the port's owner replies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OfferResponse {
    /// It answers for the offers.
    Taken {
        /// Whether one of them differs from every other offer.
        is_new: bool,
    },
    /// It does not.
    Refused(OfferRefusal),
    /// A probe found an offer silent, since nothing listens on this port.
    NotListening {
        /// The port.
        port: u16,
    },
    /// Every offer that it answers for.
    Listed(Vec<ListedOffer>),
}

/// An offer, and which process made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOffer {
    /// The process; `None` if it is in a PID namespace that the owner cannot see into.
    pub pid: Option<u32>,
    /// What it offers.
    pub offer: Offer,
}

#[derive(Encode, Decode)]
enum WrittenRequest {
    #[n(0)]
    Offer(#[n(0)] Vec<WrittenOffer>),
    #[n(1)]
    List,
}

#[derive(Encode, Decode)]
enum WrittenResponse {
    #[n(0)]
    Taken(#[n(0)] bool),
    #[n(1)]
    Refused(#[n(0)] OfferRefusal),
    #[n(2)]
    NotListening(#[n(0)] u16),
    #[n(3)]
    Listed(#[n(0)] Vec<WrittenListed>),
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct WrittenListed {
    #[n(0)]
    pid: Option<u32>,
    #[n(1)]
    offer: WrittenOffer,
}

impl OfferRequest {
    /// Its bytes.
    ///
    /// # Errors
    /// [`MessageError::TooLong`], [`MessageError::Protocol`].
    pub fn encode(&self) -> Result<Vec<u8>, MessageError> {
        let written = match self {
            Self::Offer(offers) => WrittenRequest::Offer(
                offers
                    .iter()
                    .map(WrittenOffer::of)
                    .collect::<Option<_>>()
                    .ok_or(MessageError::Protocol)?,
            ),
            Self::List => WrittenRequest::List,
        };
        let bytes = encode(&written);
        match bytes.len() {
            length if length > limits::OFFER_MAX => Err(MessageError::TooLong { length }),
            _ => Ok(bytes),
        }
    }

    /// Reads a request, and checks its offers as configuration is checked.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > limits::OFFER_MAX {
            return Err(MessageError::TooLong { length: bytes.len() });
        }
        match decode(bytes)? {
            WrittenRequest::Offer(offers) if (1..=limits::CODECS_MAX).contains(&offers.len()) => {
                let offers = offers.into_iter().map(WrittenOffer::read);
                let request = Self::Offer(offers.collect::<Result<_, _>>()?);
                // An address may be written shorter than it is listed.
                request.encode()?;
                Ok(request)
            }
            WrittenRequest::Offer(_) => Err(MessageError::Malformed),
            WrittenRequest::List => Ok(Self::List),
        }
    }
}

impl OfferResponse {
    /// The most bytes that a response has: that of a list of the longest offers.
    pub const LENGTH_MAX: usize = limits::OFFERS_MAX * (limits::OFFER_MAX + 16);

    /// Its bytes. Offers that cannot be handed over are not listed.
    pub fn encode(&self) -> Vec<u8> {
        encode(&match self {
            Self::Taken { is_new } => WrittenResponse::Taken(*is_new),
            Self::Refused(why) => WrittenResponse::Refused(*why),
            Self::NotListening { port } => WrittenResponse::NotListening(*port),
            Self::Listed(offers) => {
                let written = offers.iter().filter_map(|listed| {
                    let offer = WrittenOffer::of(&listed.offer)?;
                    Some(WrittenListed { pid: listed.pid, offer })
                });
                WrittenResponse::Listed(written.collect())
            }
        })
    }

    /// Reads a response.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        Ok(match decode(bytes)? {
            WrittenResponse::Taken(is_new) => Self::Taken { is_new },
            WrittenResponse::Refused(why) => Self::Refused(why),
            WrittenResponse::NotListening(port) => Self::NotListening { port },
            WrittenResponse::Listed(offers) => {
                let read = offers
                    .into_iter()
                    .map(|listed| Ok(ListedOffer { pid: listed.pid, offer: listed.offer.read()? }));
                Self::Listed(read.collect::<Result<_, MessageError>>()?)
            }
        })
    }
}

fn encode(message: &impl Encode<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = minicbor::encode(message, &mut bytes);
    bytes
}

fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, MessageError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let message = decoder.decode().map_err(|_| MessageError::Malformed)?;
    if decoder.position() == bytes.len() { Ok(message) } else { Err(MessageError::Malformed) }
}

impl fmt::Display for ListedOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "port {} of pid {pid}", self.offer.port()),
            None => write!(f, "port {}", self.offer.port()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ConfigError;
    use crate::announced::{Publication, PublishedService, ServiceType, Txt};
    use crate::wire::Families;
    use crate::wire::classic::Classic;
    use crate::{Advertise, AnswerPolicy, ListenerRule};

    fn offer() -> Offer {
        Offer {
            codec: Classic::new(&b"WHO\xff"[..], "HERE ").expect("lengths are fine").into(),
            families: Families::V6,
            service_port: Some(8001),
            advertise: Advertise::Address([192, 0, 2, 7].into()),
            bound: Some("2001:db8::1".parse().expect("an address")),
            policy: AnswerPolicy::OnLink,
            allow: vec!["10.0.0.0/8".parse().expect("a network")],
            listener: ListenerRule::At("::".parse().expect("an address")),
            name: Some("Workshop".into()),
            publication: Some(publication()),
        }
    }

    fn publication() -> Publication {
        let mut txt = Txt::new();
        for pair in ["path=/", "secure", "empty="] {
            txt.add(pair.parse().expect("a pair")).expect("it fits");
        }
        let service = ServiceType::http();
        Publication {
            name: "Ärzte Büro".into(),
            hostname: Some("buero".into()),
            services: vec![PublishedService { service, port: 8001, txt }],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let on_port = Offer { listener: ListenerRule::OnPort, ..Offer::default() };
        for request in [OfferRequest::List, OfferRequest::Offer(vec![offer(), on_port.clone()])] {
            let bytes = request.encode().expect("it is short");
            assert_eq!(OfferRequest::decode(&bytes), Ok(request));
        }
        let listed = |pid| ListedOffer { pid, offer: offer() };
        for response in [
            OfferResponse::Taken { is_new: true },
            OfferResponse::Refused(OfferRefusal::Full),
            OfferResponse::NotListening { port: 80 },
            OfferResponse::Listed(vec![listed(Some(7)), listed(None)]),
        ] {
            assert_eq!(OfferResponse::decode(&response.encode()), Ok(response));
        }
    }

    #[test]
    fn a_plain_offer_is_short() {
        let bytes = OfferRequest::Offer(vec![Offer::default()]).encode().expect("it is short");
        assert!(bytes.len() < 48, "{} bytes", bytes.len());
    }

    #[test]
    fn an_offer_is_checked_like_configuration() {
        let zero = Offer { service_port: Some(0), ..Offer::default() };
        let bytes = OfferRequest::Offer(vec![zero]).encode().expect("it is short");
        assert_eq!(OfferRequest::decode(&bytes), Err(ConfigError::PortZero.into()));
        let none = OfferRequest::Offer(Vec::new()).encode().expect("it is short");
        assert_eq!(OfferRequest::decode(&none), Err(MessageError::Malformed));
    }

    #[test]
    fn lengths_are_bounded() {
        let allow = vec!["2001:db8:1:2:3:4:5:6/128".parse().expect("a network"); 100];
        let long = OfferRequest::Offer(vec![Offer { allow, ..Offer::default() }]);
        assert!(matches!(long.encode(), Err(MessageError::TooLong { .. })));
        let zeros = [0; limits::OFFER_MAX + 1];
        assert!(matches!(OfferRequest::decode(&zeros), Err(MessageError::TooLong { .. })));
    }

    #[test]
    fn the_length_counts_as_this_version_writes_it() {
        let (shorter, longer) = (b"\x73::ffff:ffff:ffff/96", "::ffff:255.255.255.255/96");
        let request = |count: u8| {
            let mut bytes = b"\x82\x00\x81\x81\xa3\x00\x41A\x01\x41B\x06\x98".to_vec();
            bytes.push(count);
            bytes.extend(shorter.repeat(count.into()));
            OfferRequest::decode(&bytes)
        };
        let Ok(OfferRequest::Offer(offers)) = request(70) else { panic!("it fits") };
        assert_eq!(offers[0].allow, vec![longer.parse::<ipnet::IpNet>().expect("a network"); 70]);
        assert!(matches!(request(95), Err(MessageError::TooLong { length: 2500.. })));
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over() {
        // The message and the prefix, and an item that this version does not know.
        let later = b"\x82\x00\x81\x81\xa3\x00\x41A\x01\x41B\x18\x63\x07";
        let request = OfferRequest::decode(later).expect("it is understood");
        let codec = Classic::new("A", "B").expect("lengths are fine").into();
        assert_eq!(request, OfferRequest::Offer(vec![Offer { codec, ..Offer::default() }]));
        let unknown = b"\x82\x09\x80";
        assert_eq!(OfferRequest::decode(unknown), Err(MessageError::Malformed));
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_again(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(request) = OfferRequest::decode(&bytes) {
                let again = request.encode().expect("it was short");
                prop_assert_eq!(OfferRequest::decode(&again), Ok(request));
            }
            if let Ok(response) = OfferResponse::decode(&bytes) {
                prop_assert_eq!(OfferResponse::decode(&response.encode()), Ok(response));
            }
        }
    }
}
