use std::net::Ipv4Addr;
use std::time::Duration;

use clap::Args;
use cooee::interface::Selection;
use cooee::ipnet::Ipv4Net;
use serde::Deserialize;

use super::{EXIT_STATUS, InterfacesArgs, Wire};
use crate::value::{
    Format, Host, InterfaceName, Retries, Subnet, Timeout, Wait, boolean, deserialize_list,
};

/// Calls, and prints who answers, as they answer.
///
/// Calls by UDP broadcast on each interface, several times, until hardly anybody can be missing or
/// the timeout is reached. Ctrl-C ends it early.
///
/// The DISCOVERY_CLIENT_* variables of django-udp-discovery-client are read too, with less weight
/// than those named here.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[command(after_help = format!("\
Examples:
  cooee find
  curl $(cooee find --one --format url)
  cooee find --format ndjson | jq -r .ip
  cooee find --host 10.1.2.3 --subnet 10.1.3.0/24   also where no broadcast reaches
  cooee find --interface eth0,wlan0 --timeout 1m --wait full

{EXIT_STATUS}"))]
pub(crate) struct FindArgs {
    /// Ends at the first answer
    #[arg(long, env = "COOEE_ONE", value_name = "BOOL", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", value_parser = boolean)]
    pub(crate) one: Option<bool>,

    /// The longest that it takes: 5s, 500ms, 1m30s, or seconds; up to 1h [default: 5s]
    #[arg(long, env = "COOEE_TIMEOUT", value_name = "TIME")]
    pub(crate) timeout: Option<Timeout>,

    /// How many more calls are made after the first at least, unless it is over before, 0 to 100
    /// [default: 3]
    #[arg(long, env = "COOEE_RETRIES", value_name = "N")]
    pub(crate) retries: Option<Retries>,

    /// When it is over [default: settled]
    #[arg(long, env = "COOEE_WAIT", value_name = "WHEN")]
    pub(crate) wait: Option<Wait>,

    /// Calls only on this interface, by its exact name; repeat it, or separate names by commas
    /// [default: all that can broadcast]
    #[arg(long, env = "COOEE_INTERFACE", value_name = "NAME", value_delimiter = ',')]
    #[serde(deserialize_with = "deserialize_list")]
    pub(crate) interface: Option<Vec<InterfaceName>>,

    /// Does not call on this interface; repeat it, or separate names by commas
    #[arg(long, env = "COOEE_EXCLUDE_INTERFACE", value_name = "NAME", value_delimiter = ',')]
    #[serde(deserialize_with = "deserialize_list")]
    pub(crate) exclude_interface: Option<Vec<InterfaceName>>,

    /// Calls this address directly too; repeat it, or separate addresses by commas
    #[arg(long, env = "COOEE_HOST", value_name = "IP", value_delimiter = ',')]
    #[serde(deserialize_with = "deserialize_list")]
    pub(crate) host: Option<Vec<Host>>,

    /// Calls every address of this network too, 250 a second and up to 65536 in all; repeat it, or
    /// separate networks by commas
    #[arg(long, env = "COOEE_SUBNET", value_name = "CIDR", value_delimiter = ',')]
    #[serde(deserialize_with = "deserialize_list")]
    pub(crate) subnet: Option<Vec<Subnet>>,

    /// How servers are printed [default: table]
    #[arg(long, env = "COOEE_FORMAT", value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
}

/// What `cooee find` is to do.
#[derive(Debug, Clone)]
pub struct Find {
    /// How servers are called.
    pub wire: Wire,
    /// The longest that it takes.
    pub timeout: Duration,
    /// How many more calls are made after the first at least.
    pub retries: u32,
    /// When it is over.
    pub wait: cooee::Wait,
    /// Which interfaces are called on.
    pub selection: Selection,
    /// Addresses that are called directly too.
    pub hosts: Vec<Ipv4Addr>,
    /// Networks whose every address is called too.
    pub subnets: Vec<Ipv4Net>,
    /// How servers are printed.
    pub format: Format,
}

impl FindArgs {
    /// These, and where one is missing, that of `under`.
    pub(crate) fn or(self, under: Self) -> Self {
        Self {
            one: self.one.or(under.one),
            timeout: self.timeout.or(under.timeout),
            retries: self.retries.or(under.retries),
            wait: self.wait.or(under.wait),
            interface: self.interface.or(under.interface),
            exclude_interface: self.exclude_interface.or(under.exclude_interface),
            host: self.host.or(under.host),
            subnet: self.subnet.or(under.subnet),
            format: self.format.or(under.format),
        }
    }

    pub(crate) fn selection(&mut self) -> Selection {
        let names = |list: Option<Vec<InterfaceName>>| {
            list.unwrap_or_default().into_iter().map(|name| name.0).collect()
        };
        Selection {
            include: names(self.interface.take()),
            exclude: names(self.exclude_interface.take()),
        }
    }

    pub(crate) fn resolve(mut self, wire: Wire) -> Find {
        let wait = match self.wait {
            _ if self.one == Some(true) => cooee::Wait::First,
            Some(Wait::Full) => cooee::Wait::Full,
            Some(Wait::Settled) | None => cooee::Wait::Settled,
        };
        Find {
            wire,
            timeout: self.timeout.map_or(Duration::from_secs(5), |timeout| timeout.0),
            retries: self.retries.map_or(3, |retries| retries.0),
            wait,
            selection: self.selection(),
            hosts: self.host.into_iter().flatten().map(|host| host.0).collect(),
            subnets: self.subnet.into_iter().flatten().map(|subnet| subnet.0).collect(),
            format: self.format.unwrap_or(Format::Table),
        }
    }
}

impl From<InterfacesArgs> for FindArgs {
    fn from(args: InterfacesArgs) -> Self {
        Self {
            interface: args.interface,
            exclude_interface: args.exclude_interface,
            ..Self::default()
        }
    }
}
