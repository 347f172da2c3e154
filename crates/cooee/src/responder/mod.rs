//! The answering side: what is configured, and the engine that both drivers turn.

mod answering;
mod shared;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX};
use cooee_core::{Advertise, AnswerPolicy, ConfigError, RateLimit, ResponderConfig};
use cooee_udp::{Claim, OwnedPort, StandBy};
use ipnet::Ipv4Net;

use crate::StartError;
#[cfg(feature = "tokio")]
use crate::asynchronous::AsyncResponding;
use crate::blocking::Responding;
use crate::log_limit::LogLimit;
use crate::pulse::Pulse;
pub(crate) use answering::{Answering, Progress, random_seed};
pub(crate) use shared::Shared;
pub use shared::{Notice, State, Stats};

type Observer = Arc<dyn Fn(&Notice) + Send + Sync>;

/// Makes a server discoverable.
///
/// Set what differs from the defaults, then [`start`](Self::start).
#[derive(Clone)]
#[must_use = "nothing is answered until it is started"]
pub struct Responder {
    bind: SocketAddrV4,
    message: Bytes,
    prefix: Bytes,
    service_port: Option<u16>,
    advertise: Advertise,
    policy: AnswerPolicy,
    allow: Vec<Ipv4Net>,
    rate_limit: RateLimit,
    stand_by: bool,
    given: Option<Arc<UdpSocket>>,
    pulse: Option<Duration>,
    /// What the service is bound to, if no answer can name it.
    unnameable: Option<Ipv6Addr>,
    observer: Option<Observer>,
}

impl fmt::Debug for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("bind", &self.bind)
            .field("service_port", &self.service_port)
            .field("advertise", &self.advertise)
            .field("policy", &self.policy)
            .field("allow", &self.allow)
            .field("rate_limit", &self.rate_limit)
            .field("stand_by", &self.stand_by)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

impl Default for Responder {
    fn default() -> Self {
        Self {
            bind: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, DEFAULT_PORT),
            message: Bytes::from_static(DEFAULT_MESSAGE.as_bytes()),
            prefix: Bytes::from_static(DEFAULT_PREFIX.as_bytes()),
            service_port: None,
            advertise: Advertise::default(),
            policy: AnswerPolicy::default(),
            allow: Vec::new(),
            rate_limit: RateLimit::default(),
            stand_by: false,
            given: None,
            pulse: None,
            unnameable: None,
            observer: None,
        }
    }
}

impl Responder {
    /// A responder with every setting at its default: the stock server's bytes on port 9999, the
    /// address that each asker can reach, private networks answered.
    pub fn new() -> Self {
        Self::default()
    }

    /// A responder for a service that is bound to `address`: its port is named in the answers, and
    /// so is its address unless that is unspecified (`0.0.0.0` or `::`). For a service on loopback
    /// it answers on that address only, since nobody else could connect. A service on one IPv6
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
            IpAddr::V4(ip) if !ip.is_unspecified() => responder.advertise = Advertise::Address(ip),
            IpAddr::V6(ip) if !ip.is_unspecified() => responder.unnameable = Some(ip),
            IpAddr::V4(_) | IpAddr::V6(_) => {}
        }
        responder
    }

    /// The UDP port to answer on. Default 9999; 0 takes a free one, which
    /// [`Responding::local_addr`] tells.
    pub fn port(mut self, port: u16) -> Self {
        self.bind.set_port(port);
        self
    }

    /// The local address to answer on. Default `0.0.0.0`. With any other the system delivers no
    /// broadcasts, so only clients that call this address itself get an answer.
    pub fn bind(mut self, address: Ipv4Addr) -> Self {
        self.bind.set_ip(address);
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

    /// The port of the service, appended to the answer as `:N`. By default none is, which gives
    /// the stock server's bytes, for which clients assume 8000.
    pub fn service_port(mut self, port: u16) -> Self {
        self.service_port = Some(port);
        self
    }

    /// The address that answers name. Default: the one that the asker can reach.
    pub fn advertise(mut self, advertise: Advertise) -> Self {
        self.advertise = advertise;
        self
    }

    /// Which sources are answered. Default: on-link and private ones.
    pub fn answer(mut self, policy: AnswerPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Also answers sources in this network. May be called repeatedly.
    pub fn allow(mut self, network: Ipv4Net) -> Self {
        self.allow.push(network);
        self
    }

    /// How many answers per second one source may draw. Default 20, in bursts of 40.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = limit;
        self
    }

    /// Whether to wait, when another process has the port, until that process is gone, and answer
    /// then. Default: [`StartError::PortInUse`].
    pub fn stand_by(mut self, stand_by: bool) -> Self {
        self.stand_by = stand_by;
        self
    }

    /// Answers on this bound socket, for instance one that the service manager has passed on,
    /// instead of binding one. Its address counts, not [`port`](Self::port) and
    /// [`bind`](Self::bind); the port is ours already, so there is nothing to stand by for. It is
    /// made non-blocking, able to broadcast, exclusive, and its receive buffer large.
    ///
    /// It has to be a UDP socket for IPv4 that is not connected; what is not gives
    /// [`StartError::SocketUnusable`]. A clone of this responder has the same socket.
    pub fn socket(mut self, socket: UdpSocket) -> Self {
        self.given = Some(Arc::new(socket));
        self
    }

    /// Tells the observer [`Notice::Pulse`] about this often, for a watchdog. It comes from the
    /// thread or task that answers, right after that has looked for datagrams: it stays away when
    /// that hangs, or when receiving fails. While standing by, it says that the wait goes on.
    ///
    /// By default there is none, and an idle responder never wakes. Times under a millisecond count
    /// as one.
    pub fn pulse(mut self, every: Duration) -> Self {
        self.pulse = Some(every);
        self
    }

    /// Calls `observer` with everything worth telling as it happens: first on the thread that starts
    /// the responder, then on the responder's own thread or task. It should return quickly. What
    /// panics in it is logged.
    pub fn observe(mut self, observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Whether this configuration can work, without starting anything.
    ///
    /// # Errors
    /// [`ConfigError`]: what in it cannot.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.config().map(drop)
    }

    /// Starts to answer, on a thread of its own, until the guard is dropped.
    ///
    /// # Errors
    /// [`StartError`]: what in the configuration cannot work, or why the port cannot be had.
    pub fn start(self) -> Result<Responding, StartError> {
        let (claim, plan) = self.prepare()?;
        Responding::start(claim, plan)
    }

    /// As [`start`](Self::start), on a task of the current tokio runtime.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    ///
    /// # Panics
    /// Outside a tokio runtime, or in one without its I/O and time drivers.
    #[cfg(feature = "tokio")]
    pub fn start_async(self) -> Result<AsyncResponding, StartError> {
        let (claim, plan) = self.prepare()?;
        AsyncResponding::start(claim, plan)
    }

    fn prepare(self) -> Result<(Claim, Plan), StartError> {
        if let Some(address) = self.unnameable {
            return Err(StartError::NotIpv4 { address });
        }
        let config = self.config()?;
        let claim = match self.given {
            Some(socket) => {
                let socket =
                    socket.try_clone().map_err(StartError::system("copying the socket"))?;
                Claim::Owned(OwnedPort::given(socket)?)
            }
            None if self.stand_by => StandBy::claim(self.bind)?,
            None => Claim::Owned(OwnedPort::take(self.bind)?),
        };
        let shared = Arc::new(Shared::new(self.observer));
        let pulse = Pulse::new(self.pulse);
        Ok((claim, Plan { bind: self.bind, config, pulse, shared, log: Logs::default() }))
    }

    fn config(&self) -> Result<ResponderConfig, ConfigError> {
        let config = ResponderConfig {
            classic: Classic::new(self.message.clone(), self.prefix.clone())?,
            service_port: self.service_port,
            advertise: self.advertise,
            policy: self.policy,
            allow: self.allow.clone(),
            rate_limit: self.rate_limit,
        };
        config.check()?;
        Ok(config)
    }
}

/// What a driver needs to begin answering once it has the port.
pub(crate) struct Plan {
    pub(crate) bind: SocketAddrV4,
    pub(crate) config: ResponderConfig,
    pub(crate) pulse: Pulse,
    pub(crate) shared: Arc<Shared>,
    log: Logs,
}

#[derive(Default)]
struct Logs {
    port: LogLimit,
    #[cfg(any(unix, feature = "tokio"))]
    notice: LogLimit,
}

impl Plan {
    /// Takes the port into service.
    pub(crate) fn answer_on(&self, port: OwnedPort) -> Result<Answering, StartError> {
        Answering::new(self.config.clone(), port, Arc::clone(&self.shared))
    }

    /// Tells that the responder is alive, if it is time to.
    pub(crate) fn beat(&mut self, now: Instant) {
        if self.pulse.is_due(now) {
            self.shared.tell(|| Notice::Pulse);
        }
    }

    /// Tries for the port; the place in the line if it is still another's.
    pub(crate) fn try_for_port(&mut self, stand_by: StandBy) -> Result<Answering, StandBy> {
        let begun = match stand_by.try_again() {
            Ok(Claim::Waiting(still)) => {
                self.stands_by(&still);
                return Err(still);
            }
            Ok(Claim::Owned(port)) => self.answer_on(port),
            Err(error) => Err(error.into()),
        };
        begun.map_err(|error| self.try_later(&error))
    }

    /// A place in the line after the port was free but something else failed.
    pub(crate) fn try_later(&mut self, error: &StartError) -> StandBy {
        if let Some(held_back) = self.log.port.admit(Instant::now()) {
            tracing::warn!(%error, held_back, "the port is free but cannot be had; trying again");
        }
        StandBy::later(self.bind)
    }

    /// Says that the port is tried once a second, since the kernel cannot be asked to tell.
    #[cfg(any(unix, feature = "tokio"))]
    pub(crate) fn waits_without_notice(&mut self, error: &std::io::Error) {
        if let Some(held_back) = self.log.notice.admit(Instant::now()) {
            tracing::warn!(%error, held_back, "standing by without the kernel's notice");
        }
    }

    pub(crate) fn stands_by(&self, stand_by: &StandBy) {
        self.shared
            .enter(State::StandingBy { owner: stand_by.owner().cloned(), ahead: stand_by.ahead() });
    }
}
