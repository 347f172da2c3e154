//! The calling side: what is configured, and the engine that both drivers turn.

mod call;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use bytes::Bytes;
use cooee_core::interface::{Interface, Selection};
use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX};
use cooee_core::{DiscoveryConfig, Outcome, Target, Wait, call_targets};
use ipnet::Ipv4Net;

#[cfg(feature = "tokio")]
use crate::asynchronous::AsyncAnswers;
use crate::blocking::Answers;
use crate::{DiscoverError, Server};
pub(crate) use call::{Call, Received};

/// Finds servers.
///
/// Set what differs from the defaults, then [`run`](Self::run), take the
/// [`first`](Self::first), or iterate over the [`answers`](Self::answers).
///
/// ```no_run
/// use std::time::Duration;
///
/// let found = cooee::Discovery::new()
///     .timeout(Duration::from_secs(2))
///     .interface("eth0")
///     .run()?;
/// println!("{} servers in {:?}", found.len(), found.outcome().elapsed);
/// # Ok::<(), cooee::DiscoverError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "nobody is called until it is run"]
pub struct Discovery {
    message: Bytes,
    prefix: Bytes,
    port: u16,
    timeout: Duration,
    retries: u32,
    wait: Wait,
    selection: Selection,
    hosts: Vec<Ipv4Addr>,
    subnets: Vec<Ipv4Net>,
}

impl Default for Discovery {
    fn default() -> Self {
        let defaults = DiscoveryConfig::default();
        Self {
            message: Bytes::from_static(DEFAULT_MESSAGE.as_bytes()),
            prefix: Bytes::from_static(DEFAULT_PREFIX.as_bytes()),
            port: DEFAULT_PORT,
            timeout: defaults.timeout,
            retries: defaults.retries,
            wait: defaults.wait,
            selection: Selection::default(),
            hosts: Vec::new(),
            subnets: Vec::new(),
        }
    }
}

impl Discovery {
    /// A discovery with every setting at its default: 5 s at most, three retries, until settled,
    /// on every interface that can broadcast.
    pub fn new() -> Self {
        Self::default()
    }

    /// The UDP port that servers listen on. Default 9999.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The bytes of the probe, 1 to 512. Default `DISCOVER_SERVER`.
    pub fn message(mut self, message: impl Into<Bytes>) -> Self {
        self.message = message.into();
        self
    }

    /// What an answer begins with, up to 256 bytes. Default `SERVER_IP:`.
    pub fn prefix(mut self, prefix: impl Into<Bytes>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The absolute end, counted from the start. Default 5 s, at most an hour.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many more rounds of probes are sent before the timeout at least, unless it is over before
    /// (see [`wait`](Self::wait)). Default 3, at most 100.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// When it is over. Default: when settled.
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Calls only on this interface, by its exact name, and on others that are named likewise.
    /// Loopback and point-to-point links are called on only when named.
    pub fn interface(mut self, name: impl Into<String>) -> Self {
        self.selection.include.push(name.into());
        self
    }

    /// Does not call on this interface, by its exact name, even if it was named. May be called
    /// repeatedly.
    pub fn exclude_interface(mut self, name: impl Into<String>) -> Self {
        self.selection.exclude.push(name.into());
        self
    }

    /// Calls this host directly too. May be called repeatedly.
    pub fn host(mut self, host: Ipv4Addr) -> Self {
        self.hosts.push(host);
        self
    }

    /// Calls every address of this network too, 250 a second, again and again beside the rounds. May be called repeatedly; up to
    /// 65,536 addresses in all.
    pub fn subnet(mut self, subnet: Ipv4Net) -> Self {
        self.subnets.push(subnet);
        self
    }

    /// Calls, and waits until it is over.
    ///
    /// # Errors
    /// [`DiscoverError`]: what in the configuration cannot work, or why nobody could be called.
    /// That nobody answers is no error.
    pub fn run(&self) -> Result<Found, DiscoverError> {
        let mut answers = self.answers()?;
        answers.by_ref().for_each(drop);
        Ok(answers.finish())
    }

    /// Calls, and waits for one answer. `None` if none comes before the timeout.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn first(&self) -> Result<Option<Server>, DiscoverError> {
        Ok(self.clone().wait(Wait::First).answers()?.next())
    }

    /// Calls, and gives each server when it first answers.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn answers(&self) -> Result<Answers, DiscoverError> {
        Answers::start(self.call()?)
    }

    /// As [`run`](Self::run), without blocking.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// Outside a tokio runtime, or in one without its I/O and time drivers.
    #[cfg(feature = "tokio")]
    pub async fn run_async(&self) -> Result<Found, DiscoverError> {
        let mut answers = self.answers_async()?;
        while answers.next().await.is_some() {}
        Ok(answers.finish())
    }

    /// As [`first`](Self::first), without blocking.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run_async`](Self::run_async).
    #[cfg(feature = "tokio")]
    pub async fn first_async(&self) -> Result<Option<Server>, DiscoverError> {
        Ok(self.clone().wait(Wait::First).answers_async()?.next().await)
    }

    /// As [`answers`](Self::answers), as a stream. Dropping it ends the discovery.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run_async`](Self::run_async).
    #[cfg(feature = "tokio")]
    pub fn answers_async(&self) -> Result<AsyncAnswers, DiscoverError> {
        AsyncAnswers::start(self.call()?)
    }

    fn call(&self) -> Result<Call, DiscoverError> {
        let config = DiscoveryConfig {
            classic: Classic::new(self.message.clone(), self.prefix.clone())?,
            port: self.port,
            timeout: self.timeout,
            retries: self.retries,
            wait: self.wait,
            sweep: self.subnets.clone(),
        };
        Call::begin(config, self.clone())
    }

    /// Whom to call, with the interfaces as they are.
    fn targets(&self, interfaces: &[Interface]) -> Result<Vec<Target>, DiscoverError> {
        let exists = |name: &&String| interfaces.iter().any(|i| i.name == **name);
        if let Some(name) = self.selection.include.iter().find(|name| !exists(name)) {
            let known = interfaces.iter().map(|i| i.name.clone()).collect();
            return Err(DiscoverError::NoSuchInterface { name: name.clone(), known });
        }
        let mut targets = call_targets(interfaces, &self.selection, self.port);
        let hosts = self.hosts.iter().map(|&host| SocketAddrV4::new(host, self.port));
        targets.extend(hosts.map(Target::host));
        if targets.is_empty() && self.subnets.is_empty() {
            let why = |i: &Interface| Some((i.name.clone(), self.selection.check(i).err()?));
            let unused = interfaces.iter().filter_map(why).collect();
            return Err(DiscoverError::NoInterface { unused });
        }
        Ok(targets)
    }
}

/// The servers that a discovery found, and how complete it believes to be.
#[derive(Debug, Clone)]
pub struct Found {
    pub(crate) servers: Vec<Server>,
    pub(crate) outcome: Outcome,
}

impl Found {
    /// What was done, and how complete it believes to be.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl std::ops::Deref for Found {
    type Target = [Server];

    fn deref(&self) -> &[Server] {
        &self.servers
    }
}

impl IntoIterator for Found {
    type Item = Server;
    type IntoIter = std::vec::IntoIter<Server>;

    fn into_iter(self) -> Self::IntoIter {
        self.servers.into_iter()
    }
}

impl<'a> IntoIterator for &'a Found {
    type Item = &'a Server;
    type IntoIter = std::slice::Iter<'a, Server>;

    fn into_iter(self) -> Self::IntoIter {
        self.servers.iter()
    }
}
