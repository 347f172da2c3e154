use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cooee_core::announced::TxtPair;
use cooee_core::wire::Families;
use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX};
use cooee_core::{Advertise, AnswerPolicy, ConfigError, ListenerRule, RateLimit, ResponderConfig};
use ipnet::IpNet;

use super::published::PublishedSettings;
use crate::notice::Observer;
use crate::{Notice, StartError};

/// Makes a server discoverable.
///
/// Set what differs from the defaults, then [`start`](Self::start).
#[derive(Clone)]
#[must_use = "nothing is answered until it is started"]
pub struct Responder {
    bind: SocketAddrV4,
    families: Families,
    message: Bytes,
    prefix: Bytes,
    service_port: Option<u16>,
    advertise: Advertise,
    policy: AnswerPolicy,
    allow: Vec<IpNet>,
    rate_limit: RateLimit,
    listener: ListenerRule,
    published: PublishedSettings,
    offers_group: Option<u32>,
    examinable: bool,
    stand_by: bool,
    given: Option<Arc<UdpSocket>>,
    pulse: Option<Duration>,
    /// The address that the service is bound to, if no answer can name it.
    unnameable: Option<Ipv6Addr>,
    observer: Option<Observer>,
    tells_answers: bool,
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("bind", &self.bind)
            .field("families", &self.families)
            .field("message", &self.message)
            .field("prefix", &self.prefix)
            .field("service_port", &self.service_port)
            .field("advertise", &self.advertise)
            .field("policy", &self.policy)
            .field("allow", &self.allow)
            .field("rate_limit", &self.rate_limit)
            .field("listener", &self.listener)
            .field("published", &self.published)
            .field("offers_group", &self.offers_group)
            .field("stand_by", &self.stand_by)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

impl Default for Responder {
    fn default() -> Self {
        Self {
            bind: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, DEFAULT_PORT),
            families: Families::default(),
            message: Bytes::from_static(DEFAULT_MESSAGE.as_bytes()),
            prefix: Bytes::from_static(DEFAULT_PREFIX.as_bytes()),
            service_port: None,
            advertise: Advertise::default(),
            policy: AnswerPolicy::default(),
            allow: Vec::new(),
            rate_limit: RateLimit::default(),
            listener: ListenerRule::default(),
            published: PublishedSettings::default(),
            offers_group: None,
            examinable: false,
            stand_by: false,
            given: None,
            pulse: None,
            unnameable: None,
            observer: None,
            tells_answers: true,
        }
    }
}

impl Responder {
    /// A responder with every setting at its default: it answers private networks on port 9999 with
    /// the stock server's bytes, and names the address that the client can reach.
    pub fn new() -> Self {
        Self::default()
    }

    /// A responder for a service that is bound to `address`. Answers name the port of the service,
    /// and its address unless that is unspecified (`0.0.0.0` or `::`). For a service on loopback it
    /// answers on that address only, since no other host could connect. A service on one IPv6
    /// address gives [`StartError::NotIpv4`].
    ///
    /// ```no_run
    /// let listener = std::net::TcpListener::bind("0.0.0.0:0")?;
    /// let _answering = cooee::Responder::for_service(listener.local_addr()?).start()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn for_service(address: SocketAddr) -> Self {
        let mut responder = Self::new().service_port(address.port());
        match address.ip() {
            IpAddr::V4(ip) if ip.is_loopback() => responder.bind.set_ip(ip),
            IpAddr::V4(ip) if !ip.is_unspecified() => {
                responder.advertise = Advertise::Address(ip.into());
            }
            IpAddr::V6(ip) if !ip.is_unspecified() => responder.unnameable = Some(ip),
            IpAddr::V4(_) | IpAddr::V6(_) => {}
        }
        responder
    }

    /// The UDP port to answer on. Default 9999; 0 takes a free one, which
    /// [`local_addr`](crate::Responding::local_addr) returns.
    pub fn port(mut self, port: u16) -> Self {
        self.bind.set_port(port);
        self
    }

    /// The local address to answer on. Default `0.0.0.0`. On any other, the system delivers no
    /// broadcasts, so only clients that probe this address get an answer.
    pub fn bind(mut self, address: Ipv4Addr) -> Self {
        self.bind.set_ip(address);
        self
    }

    /// The address families to answer over. Default: both, as far as the system has them.
    ///
    /// The IPv4 port decides who answers, over IPv6 too. On a [`bind`](Self::bind) address other than
    /// `0.0.0.0`, only IPv4 is answered.
    pub fn families(mut self, families: Families) -> Self {
        self.families = families;
        self
    }

    /// The exact bytes of a probe, 1 to 512. Default `DISCOVER_SERVER`.
    pub fn message(mut self, message: impl Into<Bytes>) -> Self {
        self.message = message.into();
        self
    }

    /// What an answer begins with, up to 256 bytes. Default `SERVER_IP:`.
    pub fn prefix(mut self, prefix: impl Into<Bytes>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The port of the service, appended to the answer as `:N`. By default that of the web site among
    /// the [services](Self::service) announced, or of the first of them; without any the answer names no
    /// port, as the stock server's does, and clients assume 8000.
    pub fn service_port(mut self, port: u16) -> Self {
        self.service_port = Some(port);
        self
    }

    /// The port that answers name with these settings; `None` if they name none.
    pub fn named_port(&self) -> Option<u16> {
        self.service_port.or_else(|| self.published.main_port())
    }

    /// The address to name in answers. Default: the one that the client can reach.
    pub fn advertise(mut self, advertise: Advertise) -> Self {
        self.advertise = advertise;
        self
    }

    /// Which clients to answer. Default: those with on-link and private addresses.
    pub fn answer(mut self, policy: AnswerPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Answers clients in this network too. May be called repeatedly.
    pub fn allow(mut self, network: impl Into<IpNet>) -> Self {
        self.allow.push(network.into());
        self
    }

    /// How often to answer one source. Default: 200 times a second, in bursts of 400.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = limit;
        self
    }

    /// Whether to answer only while a TCP socket listens on the port of the service, and only those
    /// clients that can connect to it: a service on loopback is not named to other hosts. Looked up
    /// when a probe arrives, at most once a second, in this network namespace. Default: no.
    ///
    /// Where the system does not tell what listens (all but Linux and Windows), the start fails with
    /// [`StartError::System`].
    pub fn require_listener(mut self, required: bool) -> Self {
        self.listener = if required { ListenerRule::OnPort } else { ListenerRule::NotRequired };
        self
    }

    /// Answers for the TCP socket that listens on `address`, only while it does, and only those
    /// clients that can connect to it. Like [`require_listener`](Self::require_listener), for one
    /// socket, and sets [`service_port`](Self::service_port).
    pub fn listener(mut self, address: SocketAddr) -> Self {
        self.listener = ListenerRule::At(address.ip());
        self.service_port(address.port())
    }

    /// What people call the service, 1 to 63 bytes. It is announced under this name by DNS-SD (RFC
    /// 6762, 6763), for phones, browsers and everything else that looks there: as `_http._tcp` with
    /// [`service_port`](Self::service_port) unless [`service`](Self::service) says otherwise, on a host
    /// called like it. If another host has the name, the next free one is taken, such as `Workshop (2)`
    /// ([`Notice::Renamed`]). The name is in [`offers_on`](crate::offers_on) too; no answer to a probe
    /// carries it.
    ///
    /// Default: none, and nothing is announced. It takes the feature `mdns`.
    ///
    /// ```no_run
    /// let responder = cooee::Responder::new().name("Workshop").service("http", 8000).txt("path", "/");
    /// let _announced_at_workshop_local = responder.start()?;
    /// # Ok::<(), cooee::StartError>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.published.name = Some(name.into());
        self
    }

    /// Announces a service of this type, such as `http` or `_ipp._tcp`, on this port, under the
    /// [`name`](Self::name). May be called repeatedly, once for each type.
    pub fn service(mut self, service: impl Into<String>, port: u16) -> Self {
        self.published.services.push((service.into(), port));
        self
    }

    /// Says this of each announced service, such as `path=/`. May be called repeatedly.
    pub fn txt(mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.published.txt.push((key.into(), Some(value.into())));
        self
    }

    /// Says this of each announced service, such as `path=/`, or a key without a value. May be called
    /// repeatedly.
    pub fn txt_pair(mut self, pair: TxtPair) -> Self {
        let value = pair.value().map(<[u8]>::to_vec);
        self.published.txt.push((pair.key().to_owned(), value));
        self
    }

    /// The host that the services are announced on, without `.local`: letters, digits and hyphens.
    /// Default: made of the [`name`](Self::name), such as `workshop` of `Workshop`.
    pub fn hostname(mut self, label: impl Into<String>) -> Self {
        self.published.hostname = Some(label.into());
        self
    }

    /// While it has the port, also answers for services that processes of this group stand by with,
    /// by the group's number. Those of root and of the same user are answered for in any case.
    /// Default: no group.
    pub fn offers_from(mut self, group: u32) -> Self {
        self.offers_group = Some(group);
        self
    }

    /// While it has the port, also answers the test calls of a [`Doctor`](crate::Doctor), at most
    /// 30 a minute from each of 64 sources, and only those on a link or with private addresses.
    /// Default: no.
    pub fn examinable(mut self, examinable: bool) -> Self {
        self.examinable = examinable;
        self
    }

    /// If another process has the port, whether to wait until the port is free, then answer.
    ///
    /// On Linux, the process that has the port answers for this service meanwhile, if it uses this
    /// library and runs as root or as the same user ([`State::StandingBy`](crate::State)). Default:
    /// no. Then the start succeeds only if that process answers for this service from now on, and
    /// did not answer for the same one before; else it gives [`StartError::PortInUse`], after a
    /// second at the latest.
    pub fn stand_by(mut self, stand_by: bool) -> Self {
        self.stand_by = stand_by;
        self
    }

    /// Answers on this bound socket, such as one that the service manager has passed, instead of
    /// binding one. Its address replaces [`port`](Self::port) and [`bind`](Self::bind). It has the
    /// port already, so there is nothing to stand by for. It is made non-blocking, able to
    /// broadcast, exclusive, and its receive buffer large.
    ///
    /// It must be an unconnected UDP socket for IPv4; any other gives
    /// [`StartError::SocketUnusable`]. A clone of this responder has the same socket.
    pub fn socket(mut self, socket: UdpSocket) -> Self {
        self.given = Some(Arc::new(socket));
        self
    }

    /// Sends the observer [`Notice::Pulse`] about this often, for a watchdog. The thread or task
    /// that answers sends it, right after it has looked for datagrams: no pulse comes while it
    /// hangs, or while receiving fails. While standing by, a pulse means that the responder still
    /// waits.
    ///
    /// By default there is none, and an idle responder without a name never wakes. Times under a
    /// millisecond count as one.
    pub fn pulse(mut self, every: Duration) -> Self {
        self.pulse = Some(every);
        self
    }

    /// Calls `observer` with each [`Notice`] as it happens: first on the thread that starts the
    /// responder, then on the responder's own thread or task. It should return quickly. A panic in
    /// it is logged.
    pub fn observe(mut self, observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Whether the observer is told of each answer ([`Notice::Answered`]). Default: yes. Without, an
    /// answer costs a tenth less.
    pub fn observe_answers(mut self, wanted: bool) -> Self {
        self.tells_answers = wanted;
        self
    }

    /// Validates the settings, without starting anything.
    ///
    /// # Errors
    /// [`ConfigError`]: the first invalid setting.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.config().map(drop)
    }

    /// The configuration, if it is valid.
    pub(crate) fn checked_config(&self) -> Result<ResponderConfig, StartError> {
        match self.unnameable {
            Some(address) => Err(StartError::NotIpv4 { address }),
            None => Ok(self.config()?),
        }
    }

    fn config(&self) -> Result<ResponderConfig, ConfigError> {
        let classic = Classic::new(self.message.clone(), self.prefix.clone())?;
        let service_port = self.named_port();
        let config = ResponderConfig {
            codecs: vec![classic.into()],
            families: self.families,
            bound: None,
            service_port,
            advertise: self.advertise,
            policy: self.policy,
            allow: self.allow.clone(),
            rate_limit: self.rate_limit,
            listener: self.listener,
            name: self.published.name.clone(),
            publication: self.published.publication(service_port)?,
        };
        config.check()?;
        Ok(config)
    }

    pub(crate) fn bind_address(&self) -> SocketAddrV4 {
        self.bind
    }

    /// A copy of the given socket, if one was given.
    pub(crate) fn given(&self) -> Result<Option<UdpSocket>, StartError> {
        let copy = self.given.as_ref().map(|socket| socket.try_clone());
        copy.transpose().map_err(StartError::system("copying the socket"))
    }

    pub(crate) fn is_examinable(&self) -> bool {
        self.examinable
    }

    pub(crate) fn offers_group(&self) -> Option<u32> {
        self.offers_group
    }

    pub(crate) fn stands_by(&self) -> bool {
        self.stand_by
    }

    pub(crate) fn pulse_interval(&self) -> Option<Duration> {
        self.pulse
    }

    /// Whom to tell of what happens, and whether of each answer too.
    pub(crate) fn into_observer(self) -> (Option<Observer>, bool) {
        (self.observer, self.tells_answers)
    }
}
