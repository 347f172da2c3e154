use std::net::IpAddr;

use ipnet::IpNet;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::error::MessageError;
use super::published::WrittenPublication;
use super::rules::{Advertise, AnswerPolicy, ListenerRule};
use super::service::Offer;
use crate::limits;
use crate::wire::Families;
use crate::wire::classic::Classic;

/// An offer as it is written: addresses and networks as text, which is short and has one form.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct WrittenOffer {
    #[n(0)]
    message: ByteVec,
    #[n(1)]
    prefix: ByteVec,
    #[n(2)]
    service_port: Option<u16>,
    #[n(3)]
    advertise: Option<String>,
    #[n(4)]
    bound: Option<String>,
    #[n(5)]
    policy: Option<WrittenPolicy>,
    #[n(6)]
    allow: Option<Vec<String>>,
    #[n(7)]
    needs_listener: Option<bool>,
    #[n(8)]
    listens_at: Option<String>,
    #[n(9)]
    name: Option<String>,
    #[n(10)]
    families: Option<WrittenFamilies>,
    #[n(11)]
    publication: Option<WrittenPublication>,
}

/// The default is left out.
#[derive(Encode, Decode)]
#[cbor(index_only)]
enum WrittenPolicy {
    #[n(0)]
    OnLink,
    #[n(1)]
    Any,
}

/// The default is left out.
#[derive(Encode, Decode)]
#[cbor(index_only)]
enum WrittenFamilies {
    #[n(0)]
    V4,
    #[n(1)]
    V6,
}

impl WrittenOffer {
    /// `None` for a protocol that cannot be handed over.
    pub(super) fn of(offer: &Offer) -> Option<Self> {
        let classic = offer.codec.as_classic()?;
        Some(Self {
            message: classic.message().to_vec().into(),
            prefix: classic.prefix().to_vec().into(),
            service_port: offer.service_port,
            advertise: match offer.advertise {
                Advertise::Auto => None,
                Advertise::Address(address) => Some(address.to_string()),
            },
            bound: offer.bound.map(|bound| bound.to_string()),
            policy: match offer.policy {
                AnswerPolicy::OnLink => Some(WrittenPolicy::OnLink),
                AnswerPolicy::Private => None,
                AnswerPolicy::Any => Some(WrittenPolicy::Any),
            },
            allow: (!offer.allow.is_empty())
                .then(|| offer.allow.iter().map(IpNet::to_string).collect()),
            needs_listener: (offer.listener == ListenerRule::OnPort).then_some(true),
            listens_at: match offer.listener {
                ListenerRule::At(address) => Some(address.to_string()),
                ListenerRule::OnPort | ListenerRule::NotRequired => None,
            },
            name: offer.name.clone(),
            families: match offer.families {
                Families::Both => None,
                Families::V4 => Some(WrittenFamilies::V4),
                Families::V6 => Some(WrittenFamilies::V6),
            },
            publication: offer.publication.as_ref().map(WrittenPublication::of),
        })
    }

    pub(super) fn read(self) -> Result<Offer, MessageError> {
        let address = |text: String| text.parse::<IpAddr>().map_err(|_| MessageError::Malformed);
        let allow = self.allow.unwrap_or_default();
        if allow.len() > limits::ALLOW_MAX {
            return Err(MessageError::Malformed);
        }
        let allow = allow.into_iter().map(|text| text.parse::<IpNet>());
        let offer = Offer {
            codec: Classic::new(Vec::from(self.message), Vec::from(self.prefix))?.into(),
            service_port: self.service_port,
            advertise: match self.advertise.map(address).transpose()? {
                Some(address) => Advertise::Address(address),
                None => Advertise::Auto,
            },
            bound: self.bound.map(address).transpose()?,
            policy: match self.policy {
                None => AnswerPolicy::Private,
                Some(WrittenPolicy::OnLink) => AnswerPolicy::OnLink,
                Some(WrittenPolicy::Any) => AnswerPolicy::Any,
            },
            allow: allow.collect::<Result<_, _>>().map_err(|_| MessageError::Malformed)?,
            listener: match self.listens_at.map(address).transpose()? {
                Some(address) => ListenerRule::At(address),
                None if self.needs_listener == Some(true) => ListenerRule::OnPort,
                None => ListenerRule::NotRequired,
            },
            name: self.name,
            families: match self.families {
                None => Families::Both,
                Some(WrittenFamilies::V4) => Families::V4,
                Some(WrittenFamilies::V6) => Families::V6,
            },
            publication: self.publication.map(WrittenPublication::read).transpose()?,
        };
        offer.check()?;
        Ok(offer)
    }
}
