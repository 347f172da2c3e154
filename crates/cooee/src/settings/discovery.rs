use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use cooee_core::finding::Evidence;
use cooee_core::interface::{Interface, OnLinkNetwork, Selection, Unused, on_link_networks};
use cooee_core::wire::Families;
use cooee_core::wire::classic::{Classic, DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX};
use cooee_core::{ConfigError, DiscoveryConfig, Host, Target, Wait};
use ipnet::{IpNet, Ipv4Net};

use super::HostAddress;
use super::browsed::Browsed;
use crate::DiscoverError;

/// Finds servers.
///
/// Set what differs from the defaults, then [`run`](Self::run), take the
/// [`first`](Self::first), or iterate over the [`servers`](Self::servers).
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
    pub(super) families: Families,
    port: u16,
    timeout: Option<Duration>,
    retries: u32,
    wait: Wait,
    pub(super) selection: Selection,
    hosts: Vec<HostAddress>,
    remembered: Vec<SocketAddr>,
    subnets: Vec<IpNet>,
    sweeps_links: bool,
    sweep_if_nobody: Option<Duration>,
    allows_public: bool,
    checks: bool,
    pub(super) browsed: Browsed,
}

impl Default for Discovery {
    fn default() -> Self {
        let defaults = DiscoveryConfig::default();
        Self {
            message: Bytes::from_static(DEFAULT_MESSAGE.as_bytes()),
            prefix: Bytes::from_static(DEFAULT_PREFIX.as_bytes()),
            families: Families::default(),
            port: DEFAULT_PORT,
            timeout: defaults.timeout,
            retries: defaults.retries,
            wait: defaults.wait,
            selection: Selection::default(),
            hosts: Vec::new(),
            remembered: Vec::new(),
            subnets: Vec::new(),
            sweeps_links: false,
            sweep_if_nobody: None,
            allows_public: false,
            checks: false,
            browsed: Browsed::default(),
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

    /// The address families to use. Default: both, as far as the system has them.
    pub fn families(mut self, families: Families) -> Self {
        self.families = families;
        self
    }

    /// Gives up after this time, counted from the start; at most an hour. Default: 5 s, or as long
    /// as one pass over the [subnets](Self::subnet) takes, if that is longer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Minimum retransmissions, unless the discovery ends early (see [`wait`](Self::wait)), 0 to
    /// 100. Default 3. With fewer, [`Wait::Settled`] ends earlier and can miss more.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// When to stop. Default [`Wait::Settled`].
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Sends broadcasts only from this interface, by its exact name, and from others named
    /// likewise. Loopback and point-to-point links are used only when named.
    pub fn interface(mut self, name: impl Into<String>) -> Self {
        self.selection.include.push(name.into());
        self
    }

    /// Sends no broadcasts from this interface, by its exact name, even if it was named. May be
    /// called repeatedly.
    pub fn exclude_interface(mut self, name: impl Into<String>) -> Self {
        self.selection.exclude.push(name.into());
        self
    }

    /// Probes this host directly too: an address or a name, with or without a port. May be called
    /// repeatedly; up to 32 names.
    ///
    /// Names are looked up by the system while the broadcasts go out, and every address of a name is
    /// probed. One that leads nowhere is reported in [`Outcome::unresolved`], and a name server that
    /// does not answer is waited for until the timeout.
    ///
    /// ```no_run
    /// let found = cooee::Discovery::new()
    ///     .host([192, 168, 1, 20])
    ///     .host("workshop.example:9998".parse::<cooee::HostAddress>()?)
    ///     .run()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`Outcome::unresolved`]: crate::Outcome::unresolved
    pub fn host(mut self, host: impl Into<HostAddress>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Probes these addresses too, in the first two rounds, beside the first broadcast: those at
    /// which servers were found before, [`source`](crate::Server::source). None is expected to
    /// answer, so none delays the end or counts as unseen; [`Outcome::remembered`] says which did.
    /// May be called repeatedly; up to 64 addresses are probed.
    ///
    /// Nothing is kept on disk: what to remember, and for how long, is the caller's decision.
    ///
    /// [`Outcome::remembered`]: crate::Outcome::remembered
    pub fn remembered(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.remembered.extend(addresses);
        self
    }

    /// Probes every address of this network too, repeatedly and beside the rounds: 250 a second, or
    /// about 170 if the network is on a link of this host and most of its addresses are unused. May
    /// be called repeatedly; up to 65,536 addresses in all.
    ///
    /// In a network that contains an address of this host, the nearest addresses come first. A
    /// network that is neither private nor on a link of this host has to be
    /// [allowed](Self::allow_public).
    pub fn subnet(mut self, subnet: impl Into<IpNet>) -> Self {
        self.subnets.push(subnet.into());
        self
    }

    /// Whether to probe every address of the networks on links of the interfaces used, in the same
    /// way as a [subnet](Self::subnet). Default no: it looks like a scan to firewalls, and finds
    /// servers that broadcasts do not reach.
    ///
    /// Of a network wider than a /22 only the /22 around our own address is probed, unless it is
    /// named as a subnet ([`on_link_networks`](crate::interface::on_link_networks) tells). Networks
    /// are taken as they are at the start: one that goes away is not probed any more, and one that
    /// comes is probed by the next discovery.
    pub fn sweep(mut self, sweep: bool) -> Self {
        self.sweeps_links = sweep;
        self
    }

    /// Sweeps the 254 nearest addresses of each private network on a link of the interfaces used, if
    /// nobody has answered for this time: once for each network in five minutes and process. Default:
    /// never.
    pub fn sweep_if_nobody(mut self, after: Duration) -> Self {
        self.sweep_if_nobody = Some(after);
        self
    }

    /// Whether [subnets](Self::subnet) may be public ones that are not on a link of this host.
    /// Default no: to probe every address of somebody else's network looks like an attack.
    pub fn allow_public(mut self, allow: bool) -> Self {
        self.allows_public = allow;
        self
    }

    /// Opens a TCP connection to each address found, sends nothing on it and closes it. Default
    /// false.
    ///
    /// A server is then yielded when one of its addresses has accepted a connection, and
    /// [`Server::address`](crate::Server::address) is the address that did so first; or when none has
    /// within a second. [`Server::checked`](crate::Server::checked) says what came of each. With
    /// [`Wait::First`] the first server that accepts connections ends the discovery, and is the only
    /// one that it finds.
    ///
    /// The addresses of one server are tried 100 ms apart in the style of RFC 8305, those of
    /// different servers at the same time, 64 in all. Checks may go on for a second after the
    /// [timeout](Self::timeout).
    pub fn check(mut self, check: bool) -> Self {
        self.checks = check;
        self
    }

    pub(crate) fn checks(&self) -> bool {
        self.checks
    }

    /// Whether the first server that accepts connections is enough.
    pub(crate) fn checks_for_first(&self) -> bool {
        self.checks && self.wait == Wait::First
    }

    /// What to do on a host with these interfaces.
    pub(crate) fn config(&self, interfaces: &[Interface]) -> Result<DiscoveryConfig, ConfigError> {
        self.check_ways()?;
        let classic = Classic::new(self.message.clone(), self.prefix.clone())?;
        let host = |host: &HostAddress| Host {
            name: host.to_string(),
            // A name's are looked up while broadcasts go out.
            addresses: host.address(self.port).into_iter().collect(),
        };
        let config = DiscoveryConfig {
            codecs: vec![classic.into()],
            families: self.families,
            port: self.port,
            timeout: self.timeout,
            retries: self.retries,
            rounds: None,
            // The first to answer may not accept connections.
            wait: if self.checks_for_first() { Wait::Full } else { self.wait },
            hosts: self.hosts.iter().map(host).collect(),
            remembered: self.remembered.clone(),
            sweep: self.subnets.clone(),
            sweep_on_link: self.on_link(interfaces),
            sweep_if_nobody: self.sweep_if_nobody,
            allow_public: self.allows_public,
            probes: self.sends_probes(),
        };
        config.check()?;
        Ok(config)
    }

    /// What to sweep of the networks on links of this host.
    fn on_link(&self, interfaces: &[Interface]) -> Vec<IpNet> {
        if !self.sweeps_links {
            return Vec::new();
        }
        on_link_networks(interfaces, &self.selection).iter().map(|net| net.swept.into()).collect()
    }

    /// Our addresses in the private networks on links, with the networks' prefixes.
    pub(crate) fn private_networks(&self, interfaces: &[Interface]) -> Vec<Ipv4Net> {
        let mut networks = on_link_networks(interfaces, &self.selection);
        networks.retain(OnLinkNetwork::is_private);
        networks.iter().map(|network| network.address).collect()
    }

    /// The hosts to probe directly.
    pub(crate) fn hosts(&self) -> &[HostAddress] {
        &self.hosts
    }

    /// The port that servers listen on.
    pub(crate) fn udp_port(&self) -> u16 {
        self.port
    }

    /// The remembered addresses.
    pub(crate) fn remembered_addresses(&self) -> &[SocketAddr] {
        &self.remembered
    }

    /// The same for a doctor, who reports what keeps it from working.
    pub(crate) fn examined(mut self) -> Self {
        self.browsed.is_examined = true;
        self
    }

    #[cfg_attr(not(feature = "mdns"), expect(dead_code, reason = "nothing browses"))]
    pub(crate) fn is_examined(&self) -> bool {
        self.browsed.is_examined
    }

    /// Checks that there is something to probe.
    pub(crate) fn check_interfaces(&self, interfaces: &[Interface]) -> Result<(), DiscoverError> {
        let exists = |name: &&String| interfaces.iter().any(|i| i.name == **name);
        if let Some(name) = self.selection.include.iter().find(|name| !exists(name)) {
            let known = interfaces.iter().map(|i| i.name.clone()).collect();
            return Err(DiscoverError::NoSuchInterface { name: name.clone(), known });
        }
        if !self.sends_probes() && !cfg!(feature = "mdns") {
            return Err(DiscoverError::NoMdns);
        }
        let is_nowhere = if self.sends_probes() {
            let nobody = self.hosts.is_empty() && self.subnets.is_empty();
            nobody && self.targets(interfaces).is_empty()
        } else {
            self.links(interfaces).is_empty()
        };
        if is_nowhere {
            let why = |i: &Interface| {
                Some((i.name.clone(), self.selection.check_over(i, self.families).err()?))
            };
            let unused = interfaces.iter().filter_map(why).collect();
            return Err(DiscoverError::NoInterface { unused });
        }
        Ok(())
    }

    /// The broadcast addresses to probe, with the interfaces as they are.
    pub(crate) fn targets(&self, interfaces: &[Interface]) -> Vec<Target> {
        cooee_core::targets(interfaces, &self.selection, self.families, self.port)
    }

    /// The length of what an answer begins with.
    pub(crate) fn prefix_len(&self) -> usize {
        self.prefix.len()
    }

    /// What a discovery with these settings is to be judged by.
    pub(crate) fn evidence(&self, interfaces: &[Interface]) -> Evidence {
        let (interfaces, selection) = (interfaces.to_vec(), self.selection.clone());
        let mut evidence = match self.config(&interfaces) {
            Ok(config) => Evidence::of(&config, interfaces, selection),
            Err(_) => Evidence::new(self.port, interfaces),
        };
        evidence.uses_mdns = self.browses();
        evidence
    }

    /// The interfaces that were named and cannot be used, and why.
    pub(crate) fn missing(&self, interfaces: &[Interface]) -> Vec<(String, &'static str)> {
        let why = |name: &String| match interfaces.iter().find(|i| i.name == *name) {
            Some(interface) => {
                self.selection.check_over(interface, self.families).err().map(Unused::as_str)
            }
            None => Some("it is gone"),
        };
        self.selection.include.iter().filter_map(|name| Some((name.clone(), why(name)?))).collect()
    }

    /// The same discovery with another end.
    pub(crate) fn until(&self, wait: Wait) -> Self {
        self.clone().wait(wait)
    }
}
