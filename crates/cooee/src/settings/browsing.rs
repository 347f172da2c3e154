//! What a discovery finds by DNS-SD, and whether it probes besides.

use std::slice;
use std::sync::LazyLock;

use cooee_core::ConfigError;
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

    /// Lists the instances of this type, such as `_ipp._tcp`, of any announcer, and sends no probes,
    /// whatever [`probes`](Self::probes) says.
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
        self
    }

    pub(crate) fn sends_probes(&self) -> bool {
        self.browsed.probes && self.browsed.services.is_empty()
    }

    pub(crate) fn browses(&self) -> bool {
        self.browsed.mdns
    }

    /// Checks that there is a way to find anything.
    pub(super) fn check_ways(&self) -> Result<(), ConfigError> {
        match (self.sends_probes(), self.browses()) {
            (false, false) if self.browsed.services.is_empty() => Err(ConfigError::NoWay),
            (false, false) => Err(ConfigError::ServiceWithoutMdns),
            _ => Ok(()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ipp() -> ServiceType {
        "_ipp._tcp".parse().expect("a type")
    }

    #[test]
    fn types_are_listed_without_probes_in_whatever_order_it_is_said() {
        let new = Discovery::new;
        for discovery in [new().service(ipp()).probes(true), new().probes(true).service(ipp())] {
            assert!(!discovery.sends_probes() && discovery.browses());
            assert!(!discovery.config(&[]).expect("a way").probes);
        }
    }

    #[test]
    fn a_discovery_has_a_way_to_find_servers() {
        let new = Discovery::new;
        let refused = |discovery: Discovery| discovery.config(&[]).map(drop).unwrap_err();
        assert_eq!(refused(new().mdns(false).probes(false)), ConfigError::NoWay);
        assert_eq!(refused(new().probes(false).mdns(false)), ConfigError::NoWay);
        assert_eq!(refused(new().mdns(false).service(ipp())), ConfigError::ServiceWithoutMdns);
        assert_eq!(refused(new().service(ipp()).mdns(false)), ConfigError::ServiceWithoutMdns);
        assert!(new().mdns(false).config(&[]).is_ok());
        assert!(new().probes(false).config(&[]).is_ok());
    }
}
