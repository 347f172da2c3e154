use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::time::Duration;

use ipnet::Ipv4Net;

use crate::wire::classic::{Classic, DEFAULT_PORT};
use crate::{ConfigError, limits};

/// Which sources a responder answers. Loopback is always answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AnswerPolicy {
    /// Only sources within a network of the interface that the probe arrived on.
    OnLink,
    /// On-link sources, and the private ranges of RFC 1918 and RFC 3927 from anywhere.
    #[default]
    Private,
    /// Every source that can be answered at all.
    Any,
}

/// Which address a responder puts into its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Advertise {
    /// The one that the asker can reach, chosen for each probe.
    #[default]
    Auto,
    /// Always this one.
    Address(Ipv4Addr),
}

/// How many answers per second one source may draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// This many per second and source, with bursts of [`limits::BURST_PER_SOURCE`]'s worth; and
    /// [`limits::ANSWERS_IN_ALL`] for all sources together.
    PerSource(NonZeroU32),
    /// No limit, neither for a source nor for all.
    Off,
}

impl RateLimit {
    /// A limit of `answers` per second and source.
    ///
    /// # Errors
    /// [`ConfigError::RateZero`] when `answers` is 0.
    pub fn per_source(answers: u32) -> Result<Self, ConfigError> {
        NonZeroU32::new(answers).map(Self::PerSource).ok_or(ConfigError::RateZero)
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        NonZeroU32::new(limits::ANSWERS_PER_SOURCE).map_or(Self::Off, Self::PerSource)
    }
}

/// How a responder answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResponderConfig {
    /// The probe message and the answer prefix.
    pub classic: Classic,
    /// The port of the service, appended to the answer as `:N`. `None` gives the stock server's
    /// bytes, for which clients assume [`crate::wire::classic::DEFAULT_SERVICE_PORT`].
    pub service_port: Option<u16>,
    /// Which address the answer names.
    pub advertise: Advertise,
    /// Which sources are answered.
    pub policy: AnswerPolicy,
    /// Networks that are answered besides those of the policy.
    pub allow: Vec<Ipv4Net>,
    /// How often.
    pub rate_limit: RateLimit,
}

impl ResponderConfig {
    /// Whether it can work.
    ///
    /// # Errors
    /// What in it cannot.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.classic.check_answers_are_not_probes()?;
        if self.service_port == Some(0) {
            return Err(ConfigError::PortZero);
        }
        if self.allow.len() > limits::ALLOW_MAX {
            return Err(ConfigError::AllowTooLong { count: self.allow.len() });
        }
        if let Advertise::Address(address) = self.advertise
            && (address.is_unspecified() || address.is_broadcast() || address.is_multicast())
        {
            return Err(ConfigError::AdvertiseNotAHost { address });
        }
        Ok(())
    }
}

/// When a discovery is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Wait {
    /// At the first answer.
    First,
    /// When nothing new arrives and hardly anybody can be missing; at the timeout at the latest.
    #[default]
    Settled,
    /// At the timeout.
    Full,
}

/// How a discovery calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryConfig {
    /// The probe message and the answer prefix.
    pub classic: Classic,
    /// The UDP port that servers listen on. Default [`DEFAULT_PORT`].
    pub port: u16,
    /// The absolute end, counted from the start. Default 5 s.
    pub timeout: Duration,
    /// Rounds of probes after the first that are sent before the timeout at least, unless it is
    /// over before. Default 3.
    pub retries: u32,
    /// When it is over.
    pub wait: Wait,
    /// Networks whose every address is called, paced, again and again beside the rounds.
    pub sweep: Vec<Ipv4Net>,
}

impl Default for DiscoveryConfig {
    fn default() -> Self {
        Self {
            classic: Classic::default(),
            port: DEFAULT_PORT,
            timeout: Duration::from_secs(5),
            retries: 3,
            wait: Wait::default(),
            sweep: Vec::new(),
        }
    }
}

impl DiscoveryConfig {
    pub(crate) fn check(&self, targets: usize) -> Result<(), ConfigError> {
        if self.port == 0 {
            return Err(ConfigError::PortZero);
        }
        if self.timeout.is_zero() || self.timeout > limits::TIMEOUT_MAX {
            return Err(ConfigError::Timeout { timeout: self.timeout });
        }
        if self.retries > limits::RETRIES_MAX {
            return Err(ConfigError::Retries { retries: self.retries });
        }
        if targets > limits::TARGETS_MAX {
            return Err(ConfigError::TooManyTargets { count: targets });
        }
        let addresses = self.sweep.iter().map(|net| 1_u64 << (32 - net.prefix_len())).sum();
        if addresses > limits::SWEEP_MAX {
            return Err(ConfigError::SweepTooLarge { addresses });
        }
        Ok(())
    }
}
