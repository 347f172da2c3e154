use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use ipnet::IpNet;

use crate::announced::Publication;
use crate::net::is_public;
use crate::wire::classic::DEFAULT_PORT;
use crate::wire::{Codec, Families, Family};
use crate::{Advertise, AnswerPolicy, ConfigError, ListenerRule, Offer, limits};

/// How often to answer one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// This many times a second, in bursts of [`limits::BURST_PER_SOURCE`]'s worth; and all sources
    /// together [`limits::ANSWERS_IN_ALL`] times.
    PerSource(NonZeroU32),
    /// No limit, neither for one source nor for all.
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
///
/// Later versions may add fields: take those that you do not set from [`default`](Self::default).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponderConfig {
    /// The protocols to answer, each in its own.
    pub codecs: Vec<Codec>,
    /// The address families to answer over.
    pub families: Families,
    /// The address that the socket is bound to, unless it is unspecified. Answers name it. A
    /// broadcast address counts as none.
    pub bound: Option<IpAddr>,
    /// The port of the service, appended to the answer as `:N`. `None` names no port, as the stock
    /// server does; clients then assume [`crate::wire::classic::DEFAULT_SERVICE_PORT`].
    pub service_port: Option<u16>,
    /// Which address to name.
    pub advertise: Advertise,
    /// Which sources to answer.
    pub policy: AnswerPolicy,
    /// Networks to answer besides those of the policy.
    pub allow: Vec<IpNet>,
    /// How often to answer.
    pub rate_limit: RateLimit,
    /// What has to listen for an answer to be true.
    pub listener: ListenerRule,
    /// What people call the service, in reports. No answer carries it.
    pub name: Option<String>,
    /// What is published of it by DNS-SD, if anything.
    pub publication: Option<Publication>,
}

impl Default for ResponderConfig {
    fn default() -> Self {
        Self {
            codecs: vec![Codec::default()],
            families: Families::default(),
            bound: None,
            service_port: None,
            advertise: Advertise::default(),
            policy: AnswerPolicy::default(),
            allow: Vec::new(),
            rate_limit: RateLimit::default(),
            listener: ListenerRule::default(),
            name: None,
            publication: None,
        }
    }
}

impl ResponderConfig {
    /// Validates the configuration.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        check_codecs(&self.codecs)?;
        let offers: Vec<_> = self.offers().collect();
        offers.iter().try_for_each(Offer::check)?;
        let echo = offers.iter().enumerate().find_map(|(n, offer)| {
            let other = offers[..n].iter().find(|other| offer.echoes(other))?;
            Some((offer.classic()?, other.classic()?))
        });
        if let Some((one, other)) = echo {
            return Err(ConfigError::AnswerIsProbe {
                message: String::from_utf8_lossy(one.message()).into_owned(),
                prefix: String::from_utf8_lossy(other.prefix()).into_owned(),
            });
        }
        Ok(())
    }

    /// What it offers: the same in each of its protocols.
    pub fn offers(&self) -> impl Iterator<Item = Offer> + '_ {
        self.codecs.iter().map(|codec| Offer {
            codec: codec.clone(),
            families: self.families,
            service_port: self.service_port,
            advertise: self.advertise,
            bound: self.bound,
            policy: self.policy,
            allow: self.allow.clone(),
            listener: self.listener,
            name: self.name.clone(),
            publication: self.publication.clone(),
        })
    }
}

fn check_codecs(codecs: &[Codec]) -> Result<(), ConfigError> {
    let count = codecs.len();
    let sound = (1..=limits::CODECS_MAX).contains(&count);
    if sound { Ok(()) } else { Err(ConfigError::Codecs { count }) }
}

/// When to end a discovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Wait {
    /// At the first answer.
    First,
    /// After three rounds, when nothing new arrives and hardly any server can be missing that
    /// answers promptly; at the timeout at the latest. Misses servers that take more than half a
    /// second.
    Quick,
    /// After four rounds and 1.5 s, or up to 3.25 s where answers are lost or late; when nothing
    /// new arrives, every named host has answered, and hardly any server can be missing; at the
    /// timeout at the latest.
    #[default]
    Settled,
    /// At the timeout.
    Full,
}

/// A host to probe directly, besides the broadcasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name in reports, such as when it stays silent.
    pub name: String,
    /// Its addresses, each with a port. All of them are probed; an answer from any counts. None
    /// means that its name is being looked up: [`handle_resolved`] takes what comes of that.
    ///
    /// [`handle_resolved`]: crate::DiscoveryEngine::handle_resolved
    pub addresses: Vec<SocketAddr>,
}

/// How to discover servers.
///
/// Later versions may add fields: take those that you do not set from [`default`](Self::default).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryConfig {
    /// The protocols to speak. Each target is sent one probe of each.
    pub codecs: Vec<Codec>,
    /// The address families to speak them over.
    pub families: Families,
    /// The UDP port that servers listen on. Default [`DEFAULT_PORT`].
    pub port: u16,
    /// When to give up, counted from the start. Default: 5 s, or as long as one pass of the sweep
    /// takes, if that is longer.
    pub timeout: Option<Duration>,
    /// Minimum rounds of probes after the first, unless the discovery ends early. Default 3.
    pub retries: u32,
    /// Rounds of broadcasts and to named hosts at the most. Default: as many as there is time for.
    pub rounds: Option<u32>,
    /// When to end.
    pub wait: Wait,
    /// Hosts to probe directly in every round.
    pub hosts: Vec<Host>,
    /// Addresses at which servers were found before: probed in the first two rounds, expected of
    /// none. At most [`limits::REMEMBERED_MAX`] of them are, the first ones.
    pub remembered: Vec<SocketAddr>,
    /// Networks whose every address to probe, paced, repeatedly and beside the rounds. In those
    /// that contain an address of this host, the nearest addresses come first.
    pub sweep: Vec<IpNet>,
    /// The same, while an address of this host is within: such as the
    /// [`on_link_networks`](crate::interface::on_link_networks) tell.
    pub sweep_on_link: Vec<IpNet>,
    /// How long nobody must have answered for the nearest addresses of this host's private networks
    /// to be swept once. Default: they are not, however long.
    pub sweep_if_nobody: Option<Duration>,
    /// Whether `sweep` may name public networks that are not on a link of this host.
    pub allow_public: bool,
    /// Whether to send probes. Without, the servers are those that
    /// [announcements](crate::DiscoveryEngine::handle_announcement) tell of: for 1.5 s at least, for 0.7 s
    /// with [`Wait::Quick`]. Default: they are sent.
    pub probes: bool,
}

impl Default for DiscoveryConfig {
    fn default() -> Self {
        Self {
            codecs: vec![Codec::default()],
            families: Families::default(),
            port: DEFAULT_PORT,
            timeout: None,
            retries: 3,
            rounds: None,
            wait: Wait::default(),
            hosts: Vec::new(),
            remembered: Vec::new(),
            sweep: Vec::new(),
            sweep_on_link: Vec::new(),
            sweep_if_nobody: None,
            allow_public: false,
            probes: true,
        }
    }
}

impl DiscoveryConfig {
    /// The timeout if none is given and no sweep takes longer.
    pub const TIMEOUT: Duration = Duration::from_secs(5);

    /// Validates the configuration.
    ///
    /// # Errors
    /// The first invalid setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        check_codecs(&self.codecs)?;
        if self.port == 0 || self.hosts.iter().flat_map(|h| &h.addresses).any(|a| a.port() == 0) {
            return Err(ConfigError::PortZero);
        }
        if let Some(timeout) = self.timeout
            && (timeout.is_zero() || timeout > limits::TIMEOUT_MAX)
        {
            return Err(ConfigError::Timeout { timeout });
        }
        if self.retries > limits::RETRIES_MAX {
            return Err(ConfigError::Retries { retries: self.retries });
        }
        let names = self.hosts.iter().filter(|host| host.addresses.is_empty()).count();
        if names > limits::NAMES_MAX {
            return Err(ConfigError::TooManyNames { count: names });
        }
        let count = self.hosts.iter().map(|host| host.addresses.len()).sum();
        if count > limits::TARGETS_MAX || self.hosts.len() > limits::TARGETS_MAX {
            return Err(ConfigError::TooManyTargets { count });
        }
        if let Some(host) =
            self.hosts.iter().find(|host| !host.addresses.is_empty() && !self.reaches(host))
        {
            return Err(ConfigError::Unspeakable { host: host.name.clone() });
        }
        let mut swept = self.sweep.iter().chain(&self.sweep_on_link);
        if let Some(net) = swept.clone().find(|net| !self.speaks(Family::of(net.addr()))) {
            return Err(ConfigError::Unspeakable { host: net.to_string() });
        }
        let size =
            |net: &IpNet| 1_u64.checked_shl(u32::from(net.max_prefix_len() - net.prefix_len()));
        let addresses = swept.try_fold(0_u64, |sum, net| sum.checked_add(size(net)?));
        match addresses {
            Some(addresses) if addresses <= limits::SWEEP_MAX => Ok(()),
            addresses => {
                Err(ConfigError::SweepTooLarge { addresses: addresses.unwrap_or(u64::MAX) })
            }
        }
    }

    /// Refuses to sweep public networks, unless that is allowed. Those of `own`, the networks on
    /// links of this host, need no permission.
    ///
    /// # Errors
    /// [`ConfigError::SweepIsPublic`]: the first such network.
    pub fn check_public(&self, own: &[IpNet]) -> Result<(), ConfigError> {
        let public = self.sweep.iter().find(|&&net| is_public(net, own));
        match public.filter(|_| !self.allow_public) {
            Some(net) => Err(ConfigError::SweepIsPublic { net: net.trunc() }),
            None => Ok(()),
        }
    }

    /// How many targets are probed in each round, beside the hosts: what they leave of
    /// [`limits::TARGETS_MAX`].
    pub fn room_for_targets(&self) -> usize {
        let hosts = self.hosts.iter().map(|host| host.addresses.len()).sum();
        limits::TARGETS_MAX.saturating_sub(hosts)
    }

    /// Whether it sweeps any network, or may come to.
    pub fn sweeps(&self) -> bool {
        !(self.sweep.is_empty() && self.sweep_on_link.is_empty()) || self.sweep_if_nobody.is_some()
    }

    fn reaches(&self, host: &Host) -> bool {
        host.addresses.iter().any(|&address| self.speaks(address.into()))
    }

    /// Whether `family` is used.
    pub fn speaks(&self, family: Family) -> bool {
        self.families.has(family)
    }
}
