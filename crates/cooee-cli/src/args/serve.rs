use std::net::Ipv4Addr;
use std::time::Duration;

use clap::Args;
use cooee::ipnet::Ipv4Net;
use cooee::{AnswerPolicy, RateLimit};
use serde::Deserialize;

use super::{EXIT_STATUS, Wire};
use crate::value::{
    Advertise, Answer, Host, Lifetime, Port, Rate, Subnet, boolean, deserialize_list,
};

/// Answers those who call, until it is stopped.
///
/// One process for each port and host answers. Ctrl-C or SIGTERM stops it, and it says what it has
/// done.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[command(after_help = format!("\
Examples:
  cooee serve --service-port 8080
  cooee serve --stand-by                        take over when the other one dies
  cooee serve --answer on-link --allow 10.9.0.0/16 --rate-limit 5
  cooee serve -v --duration 90s

Under systemd, it answers on the UDP socket of a socket unit with ListenDatagram=0.0.0.0:9999, says
when it is ready, how it is and that it is stopping (Type=notify), and, with WatchdogSec=, that it
is alive. Standing by is being ready too.

{EXIT_STATUS}"))]
pub(crate) struct ServeArgs {
    /// The port of your service, which the answer then names, 1 to 65535 [default: none is named,
    /// and clients assume 8000]
    #[arg(long, env = "COOEE_SERVICE_PORT", value_name = "N")]
    pub(crate) service_port: Option<Port>,

    /// The address that answers name: auto is the one that the asker can reach [default: auto]
    #[arg(long, env = "COOEE_ADVERTISE", value_name = "auto|IP")]
    pub(crate) advertise: Option<Advertise>,

    /// The local address to listen on; broadcasts arrive on 0.0.0.0 only [default: 0.0.0.0]
    #[arg(long, env = "COOEE_BIND", value_name = "ADDR")]
    pub(crate) bind: Option<Host>,

    /// Who is answered [default: private]
    #[arg(long, env = "COOEE_ANSWER", value_name = "WHOM")]
    pub(crate) answer: Option<Answer>,

    /// Also answers askers in this network; repeat it, or separate networks by commas
    #[arg(long, env = "COOEE_ALLOW", value_name = "CIDR", value_delimiter = ',')]
    #[serde(deserialize_with = "deserialize_list")]
    pub(crate) allow: Option<Vec<Subnet>>,

    /// How many answers a second one asker gets, or off [default: 20]
    #[arg(long, env = "COOEE_RATE_LIMIT", value_name = "N|off")]
    pub(crate) rate_limit: Option<Rate>,

    /// Stops by itself after this time: 90s, 500ms, 1m30s, or seconds [default: never]
    #[arg(long, env = "COOEE_DURATION", value_name = "TIME")]
    pub(crate) duration: Option<Lifetime>,

    /// If another process has the port, waits until that is gone, and answers then
    #[arg(long, env = "COOEE_STAND_BY", value_name = "BOOL", num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "true")]
    #[arg(value_parser = boolean)]
    pub(crate) stand_by: Option<bool>,
}

/// What `cooee serve` is to do.
#[derive(Debug, Clone)]
pub struct Serve {
    /// What is answered, and where.
    pub wire: Wire,
    /// The port that the answer names.
    pub service_port: Option<u16>,
    /// The address that it names.
    pub advertise: cooee::Advertise,
    /// The local address to listen on.
    pub bind: Ipv4Addr,
    /// Who is answered.
    pub answer: AnswerPolicy,
    /// Networks that are answered besides.
    pub allow: Vec<Ipv4Net>,
    /// How often.
    pub rate_limit: RateLimit,
    /// After how long it stops by itself.
    pub duration: Option<Duration>,
    /// Whether it waits until another process gives up the port.
    pub stand_by: bool,
}

impl ServeArgs {
    /// These, and where one is missing, that of `under`.
    pub(crate) fn or(self, under: Self) -> Self {
        Self {
            service_port: self.service_port.or(under.service_port),
            advertise: self.advertise.or(under.advertise),
            bind: self.bind.or(under.bind),
            answer: self.answer.or(under.answer),
            allow: self.allow.or(under.allow),
            rate_limit: self.rate_limit.or(under.rate_limit),
            duration: self.duration.or(under.duration),
            stand_by: self.stand_by.or(under.stand_by),
        }
    }

    pub(crate) fn resolve(self, wire: Wire) -> Serve {
        Serve {
            wire,
            service_port: self.service_port.map(|port| port.0),
            advertise: self.advertise.map_or_else(Default::default, |advertise| advertise.0),
            bind: self.bind.map_or(Ipv4Addr::UNSPECIFIED, |bind| bind.0),
            answer: match self.answer {
                Some(Answer::OnLink) => AnswerPolicy::OnLink,
                Some(Answer::Private) => AnswerPolicy::Private,
                Some(Answer::Any) => AnswerPolicy::Any,
                None => AnswerPolicy::default(),
            },
            allow: self.allow.into_iter().flatten().map(|subnet| subnet.0).collect(),
            rate_limit: self.rate_limit.map_or_else(Default::default, |rate| rate.0),
            duration: self.duration.map(|duration| duration.0),
            stand_by: self.stand_by.unwrap_or(false),
        }
    }
}
