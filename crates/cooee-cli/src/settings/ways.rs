//! The ways of finding servers: probes and multicast DNS.

use cooee::{ConfigError, DiscoverError};

use super::find::{Find, Only};
use crate::exit::Failure;
use crate::phrase::listed;

impl Find {
    /// Whether to send probes.
    pub(crate) fn sends_probes(&self) -> bool {
        self.only != Some(Only::Mdns) && self.services.is_empty()
    }

    /// The same for servers of ours, whatever other services `find` lists.
    pub(crate) fn of_servers(self) -> Self {
        Self { services: Vec::new(), ..self }
    }

    pub(super) fn browses(&self) -> bool {
        self.mdns && !self.no_mdns && self.only != Some(Only::Probes)
    }

    /// What to say of addresses that are given to be probed, if no probes are sent.
    pub(crate) fn unprobed(&self) -> Option<String> {
        let given = [
            ("--host", !self.hosts.is_empty()),
            ("--subnet", !self.subnets.is_empty()),
            ("--sweep", self.sweep),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given && !self.sends_probes());
        let given: Vec<_> = given.map(|(option, _)| option.to_owned()).collect();
        let why = if self.services.is_empty() { "--only mdns" } else { "--service" };
        let given = Some(listed(&given)).filter(|given| !given.is_empty())?;
        Some(format!("what {given} would reach is not probed: {why} sends no probes"))
    }

    /// Why the search failed, in the words of the options.
    pub(crate) fn failure(&self, error: DiscoverError) -> Failure {
        match error {
            DiscoverError::Config(ConfigError::NoWay) => Failure::settings(
                "--only mdns and --no-mdns leave no way to find servers; leave one of them out",
            ),
            DiscoverError::Config(ConfigError::ServiceWithoutMdns) => Failure::settings(
                "--service needs multicast DNS; leave out --no-mdns or --only probes",
            ),
            error if self.sends_probes() => error.into(),
            error => Failure::without_probes(error),
        }
    }
}
