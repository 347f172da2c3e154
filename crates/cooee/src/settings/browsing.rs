//! What a discovery finds by DNS-SD, and whether it probes besides.

use std::slice;
use std::sync::LazyLock;

use cooee_core::announced::ServiceType;
use cooee_core::interface::{Interface, InterfaceRole, LinkKind};
use cooee_core::wire::Family;

use super::Discovery;

/// The type by which servers of ours are known.
static OURS: LazyLock<ServiceType> = LazyLock::new(ServiceType::cooee);

impl Discovery {
    /// Whether to look for servers that announce a name by multicast DNS too (DNS-SD, type `_cooee._udp`).
    /// Default: yes, if built with the feature `mdns`.
    ///
    /// Browsing begins 20 ms after the first probe, in threads of its own. It does not delay the end. A
    /// server that it finds and that answers probes too is one, with its [name](crate::Server::name).
    pub fn mdns(mut self, browse: bool) -> Self {
        self.browsed.mdns = browse;
        self
    }

    /// Whether to send probes. Default yes. Without, servers are found by multicast DNS only: for 1.5 s at
    /// least, or 0.7 s with [`Wait::Quick`](crate::Wait::Quick), and until nothing is new.
    pub fn probes(mut self, probe: bool) -> Self {
        self.browsed.probes = probe;
        self
    }

    /// Lists the instances of this type, such as `_ipp._tcp`, of any announcer, and sends no probes.
    /// May be called repeatedly.
    ///
    /// ```no_run
    /// let printers = cooee::Discovery::new().service("_ipp._tcp".parse()?).run()?;
    /// for printer in &printers {
    ///     println!("{} at {printer}", printer.name().unwrap_or_default());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn service(mut self, service: ServiceType) -> Self {
        if !self.browsed.services.contains(&service) {
            self.browsed.services.push(service);
        }
        self.browsed.probes = false;
        self
    }

    pub(crate) fn sends_probes(&self) -> bool {
        self.browsed.probes
    }

    pub(crate) fn browses(&self) -> bool {
        self.browsed.mdns || !self.browsed.probes
    }

    /// The types to browse for.
    #[cfg_attr(not(feature = "mdns"), expect(dead_code, reason = "nothing browses"))]
    pub(crate) fn browsed(&self) -> &[ServiceType] {
        let given = &self.browsed.services;
        if given.is_empty() { slice::from_ref(&*OURS) } else { given }
    }

    /// The links to browse on: those that are selected, but for networks inside this host, and loopback.
    pub(crate) fn links(&self, interfaces: &[Interface]) -> Vec<(u32, Family)> {
        let used = |interface: &&Interface| {
            let is_named = self.selection.include.contains(&interface.name);
            interface.kind != LinkKind::Loopback
                && (is_named || interface.role != InterfaceRole::Container)
                && self.selection.check_over(interface, self.families).is_ok()
        };
        let families = |interface: &Interface| {
            let v4 = interface.ipv4().next().is_some().then_some(Family::V4);
            let v6 = interface.link_local().is_some().then_some(Family::V6);
            let index = interface.index;
            let spoken = move |family: &Family| self.families.has(*family);
            v4.into_iter().chain(v6).filter(spoken).map(move |family| (index, family))
        };
        interfaces.iter().filter(used).flat_map(families).collect()
    }
}
