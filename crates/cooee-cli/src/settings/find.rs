use std::time::Duration;

use cooee::announced::ServiceType;
use cooee::interface::Selection;
use cooee::ipnet::Ipv4Net;
use cooee::{Discovery, DiscoveryConfig, HostAddress, Scheme, Wait, limits};

use super::setting::{Section, Setting};
use super::wire::Wire;
use crate::directories::STATE;
use crate::value::{
    Choice, Format, Kind, host, interface_name, network, number, service_type, time_up_to,
};

const WAITS: &[Choice<Wait>] = &[
    Choice("full", Wait::Full, "At the timeout"),
    Choice("settled", Wait::Settled, "Once it is unlikely that any server is missing"),
    Choice("quick", Wait::Quick, "Earlier, missing servers that take more than half a second"),
];

/// The only way of finding servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// Multicast DNS.
    Mdns,
    /// Probes.
    Probes,
}

const ONLY: &[Choice<Only>] = &[
    Choice("mdns", Only::Mdns, "Multicast DNS; send no probes"),
    Choice("probes", Only::Probes, "Probes; the same as --no-mdns"),
];

const FORMATS: &[Choice<Format>] = &[
    Choice("table", Format::Table, "Columns, for people"),
    Choice("json", Format::Json, "One array, at the end"),
    Choice("ndjson", Format::Ndjson, "One object a line, as servers answer"),
    Choice("url", Format::Url, "One URL a line, as servers answer"),
];

const SCHEMES: &[Choice<Scheme>] =
    &[Choice("http", Scheme::Http, "Plain HTTP"), Choice("https", Scheme::Https, "HTTP over TLS")];

/// What `cooee find` does.
#[derive(Debug, Clone)]
pub struct Find {
    /// The port and the texts of the protocol.
    pub wire: Wire,
    /// Whether to stop at the first answer.
    pub one: bool,
    /// When to give up, unless the networks to probe decide.
    pub timeout: Option<Duration>,
    /// Minimum retransmissions.
    pub retries: u32,
    /// When to stop.
    pub wait: Wait,
    /// Which interfaces to send probes from.
    pub selection: Selection,
    /// Hosts to probe directly too.
    pub hosts: Vec<HostAddress>,
    /// Networks whose every address to probe too.
    pub subnets: Vec<Ipv4Net>,
    /// Whether to probe every address of the networks on links too.
    pub sweep: bool,
    /// Whether the networks to probe may be public ones.
    pub allow_public: bool,
    /// Whether to remember the servers found, and to probe those of the last times first.
    pub memory: bool,
    /// The opposite, which is easier to write.
    pub no_memory: bool,
    /// Whether to open a connection to each address found.
    pub check: bool,
    /// Whether to look for servers that are announced by multicast DNS too.
    pub mdns: bool,
    /// The opposite, which is easier to write.
    pub no_mdns: bool,
    /// The only way of finding servers.
    pub only: Option<Only>,
    /// The types of DNS-SD to list instead.
    pub services: Vec<ServiceType>,
    /// How to print servers.
    pub format: Format,
    /// Whether the table tells all that is known.
    pub long: bool,
    /// The scheme of the URLs, unless it is guessed.
    pub scheme: Option<Scheme>,
}

impl Default for Find {
    fn default() -> Self {
        let library = DiscoveryConfig::default();
        Self {
            wire: Wire::default(),
            one: false,
            timeout: library.timeout,
            retries: library.retries,
            wait: library.wait,
            selection: Selection::default(),
            hosts: Vec::new(),
            subnets: Vec::new(),
            sweep: false,
            allow_public: false,
            memory: true,
            no_memory: false,
            check: false,
            mdns: true,
            no_mdns: false,
            only: None,
            services: Vec::new(),
            long: false,
            format: Format::Table,
            scheme: None,
        }
    }
}

impl Section for Find {
    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::<Self>::switch("one", |find| &mut find.one).help("Stop at the first answer"),
            Setting::<Self>::optional("timeout", "TIME", time_up_to(limits::TIMEOUT_MAX), |find| {
                &mut find.timeout
            })
            .help("Give up after this time: 5s, 500ms, 1m30s, or seconds")
            .otherwise(format!(
                "{}s, or as long as it takes to probe every address of --subnet and --sweep once",
                DiscoveryConfig::TIMEOUT.as_secs()
            ))
            .stock("DISCOVERY_CLIENT_TIMEOUT"),
            Setting::<Self>::one("retries", "N", number(0..=limits::RETRIES_MAX), |find| {
                &mut find.retries
            })
            .help("Minimum retransmissions, unless discovery ends early")
            .stock("DISCOVERY_CLIENT_RETRIES"),
            Setting::<Self>::one("wait", "WHEN", Kind::choice(WAITS), |find| &mut find.wait)
                .help("When to stop"),
            Setting::<Self>::list("interface", "NAME", interface_name(), |find| {
                &mut find.selection.include
            })
            .help(
                "Send broadcasts only from this interface, by its exact name; repeat the option, \
                 or separate names with commas",
            )
            .otherwise("every interface that can broadcast")
            .stock("DISCOVERY_CLIENT_INTERFACES_WHITELIST"),
            Setting::<Self>::list("exclude-interface", "NAME", interface_name(), |find| {
                &mut find.selection.exclude
            })
            .help(
                "Send no broadcasts from this interface; repeat the option, or separate names \
                 with commas",
            )
            .stock("DISCOVERY_CLIENT_INTERFACES_BLACKLIST"),
            Setting::<Self>::list("host", "HOST", host(), |find| &mut find.hosts)
                .help(
                    "Probe this host directly too: an address or a name, of which every address is \
                 probed, perhaps with a port; repeat the option, or separate hosts with commas",
                )
                .stock("DISCOVERY_CLIENT_HOSTS"),
            Setting::<Self>::list("subnet", "CIDR", network(), |find| &mut find.subnets).help(
                format!(
                    "Probe every address of this network too, {} a second and up to {} in all; an \
                     address alone is one host (/32); repeat the option, or separate networks with \
                     commas",
                    Duration::from_secs(1).as_millis() / limits::SWEEP_PACE.as_millis(),
                    limits::SWEEP_MAX,
                ),
            ),
            Setting::<Self>::switch("sweep", |find| &mut find.sweep).help(format!(
                "Probe every address of the networks of this host's interfaces too, nearest first; \
                 of a network wider than a /{} only that part around the own address, unless \
                 --subnet names it",
                limits::ON_LINK_PREFIX,
            )),
            Setting::<Self>::switch("allow-public", |find| &mut find.allow_public).help(
                "Accept a --subnet that is public and not on a link of this host; to its owner the \
                 probes look like an attack",
            ),
            Setting::<Self>::switch("memory", |find| &mut find.memory)
                .help(format!(
                    "Remember the servers found on this network for {} days, in \
                     cooee/servers.json in {STATE}, and probe them first the next time",
                    limits::MEMORY_AGE.as_secs() / 86_400,
                ))
                .otherwise("true"),
            Setting::<Self>::switch("no-memory", |find| &mut find.no_memory)
                .help("The same as --memory=false"),
            Setting::<Self>::switch("check", |find| &mut find.check).help(
                "Open a TCP connection to each address found, send nothing and close it; print first \
                 the address that accepted it first, and mark those that did not. With --one, stop \
                 at the first server that accepts one; --format url prints only such servers",
            ),
            Setting::<Self>::switch("mdns", |find| &mut find.mdns)
                .help("Find servers that announce a name by multicast DNS too")
                .otherwise("true"),
            Setting::<Self>::switch("no-mdns", |find| &mut find.no_mdns)
                .help("The same as --mdns=false"),
            Setting::<Self>::optional("only", "WAY", Kind::choice(ONLY), |find| &mut find.only)
                .help("Find servers in this way only"),
            Setting::<Self>::list("service", "TYPE", service_type(), |find| &mut find.services)
                .help(
                    "List the services of this type that are announced by multicast DNS, such as \
                     _ipp._tcp, and send no probes; repeat the option, or separate types with commas",
                )
                .variable_named("COOEE_FIND_SERVICE"),
            Setting::<Self>::switch("long", |find| &mut find.long)
                .help("With --format table: print names, services and addresses too, at the end"),
            Setting::<Self>::one("format", "FORMAT", Kind::choice(FORMATS), |find| {
                &mut find.format
            })
            .help("How to print servers"),
            Setting::<Self>::optional("scheme", "SCHEME", Kind::choice(SCHEMES), |find| {
                &mut find.scheme
            })
            .help("Scheme of the URLs")
            .otherwise("https for ports 443 and 8443, else http"),
        ]
    }
}

impl Find {
    /// The settings that choose interfaces, which `cooee interfaces` has too.
    pub(crate) const OF_INTERFACES: [&str; 2] = ["interface", "exclude-interface"];

    /// The settings that choose where and how to look for servers, which `cooee watch` has too.
    pub(crate) const OF_PLACES: [&str; 10] = [
        "interface",
        "exclude-interface",
        "host",
        "subnet",
        "sweep",
        "allow-public",
        "mdns",
        "no-mdns",
        "only",
        "scheme",
    ];

    /// The discovery to run.
    pub(crate) fn discovery(&self) -> Discovery {
        let Self { wire, one, timeout, retries, wait, selection, hosts, subnets, .. } = self;
        let mut discovery = Discovery::new()
            .sweep(self.sweep)
            .allow_public(self.allow_public)
            .check(self.check)
            .mdns(self.browses())
            .probes(self.sends_probes())
            .port(wire.port)
            .message(wire.message.clone())
            .prefix(wire.prefix.clone())
            .families(wire.families())
            .retries(*retries)
            .wait(if *one { Wait::First } else { *wait });
        if let Some(timeout) = *timeout {
            discovery = discovery.timeout(timeout);
        }
        for name in &selection.include {
            discovery = discovery.interface(name);
        }
        for name in &selection.exclude {
            discovery = discovery.exclude_interface(name);
        }
        for host in hosts {
            discovery = discovery.host(host.clone());
        }
        for &subnet in subnets {
            discovery = discovery.subnet(subnet);
        }
        for service in &self.services {
            discovery = discovery.service(service.clone());
        }
        discovery
    }
}
