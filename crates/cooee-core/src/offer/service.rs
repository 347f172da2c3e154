use std::net::IpAddr;

use ipnet::IpNet;

use super::rules::{Advertise, AnswerPolicy, ListenerRule};
use crate::address::may_be_a_host;
use crate::announced::Publication;
use crate::wire::classic::{Classic, DEFAULT_SERVICE_PORT};
use crate::wire::{Codec, Families, Query};
use crate::{ConfigError, limits};

/// What one service says to clients, and to which of them.
///
/// The process that owns the port answers for its own service and for those of processes that stand
/// by. Later versions may add fields: take those that you do not set from [`default`](Self::default).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offer {
    /// The protocol to answer.
    pub codec: Codec,
    /// The address families to answer over.
    pub families: Families,
    /// The port of the service. `None` names no port; clients then assume
    /// [`DEFAULT_SERVICE_PORT`].
    pub service_port: Option<u16>,
    /// Which address to name.
    pub advertise: Advertise,
    /// The only address whose probes it answers, if it was to be bound to one. Answers name it.
    pub bound: Option<IpAddr>,
    /// Which sources to answer.
    pub policy: AnswerPolicy,
    /// Networks to answer besides those of the policy.
    pub allow: Vec<IpNet>,
    /// What has to listen for an answer to be true.
    pub listener: ListenerRule,
    /// What people call the service, in reports. No answer carries it.
    pub name: Option<String>,
    /// What is published of it by DNS-SD, if anything.
    pub publication: Option<Publication>,
}

impl Offer {
    /// Validates the offer.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.codec.check_answers_are_not_probes()?;
        if self.service_port == Some(0) {
            return Err(ConfigError::PortZero);
        }
        if self.allow.len() > limits::ALLOW_MAX {
            return Err(ConfigError::AllowTooLong { count: self.allow.len() });
        }
        if let Some(name) = self.name.as_ref().filter(|name| name.len() > limits::NAME_MAX) {
            return Err(ConfigError::NameTooLong { length: name.len() });
        }
        if let Some(publication) = &self.publication {
            publication.check()?;
        }
        match self.advertise {
            Advertise::Address(address) if !may_be_a_host(address) => {
                Err(ConfigError::AdvertiseNotAHost { address })
            }
            _ => Ok(()),
        }
    }

    /// Whether an answer for one of the two offers would be a probe of the other, so that an echo
    /// could keep their server talking.
    pub fn echoes(&self, other: &Self) -> bool {
        let asks = |one: &Self, other: &Self| {
            let query = one.codec.encode_query(Query::Discover);
            other.codec.decode_reply(&query).is_ok()
        };
        asks(self, other) || asks(other, self)
    }

    /// The texts that both sides agree on; `None` for a protocol without.
    pub fn classic(&self) -> Option<&Classic> {
        self.codec.as_classic()
    }

    /// The port that clients will connect to.
    pub fn port(&self) -> u16 {
        self.service_port.unwrap_or(DEFAULT_SERVICE_PORT)
    }
}
