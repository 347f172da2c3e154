use std::net::Ipv4Addr;
use std::time::Duration;

use cooee::announced::{ServiceType, TxtPair};
use cooee::ipnet::Ipv4Net;
use cooee::{Advertise, AnswerPolicy, DEFAULT_SERVICE_PORT, RateLimit, Responder, limits};

use super::setting::{Section, Setting};
use super::wire::Wire;
use crate::value::{
    Choice, Kind, advertise, group, hostname, ipv4, network, port, published_service, rate,
    server_name, time, txt_pair,
};

const POLICIES: &[Choice<AnswerPolicy>] = &[
    Choice(
        "on-link",
        AnswerPolicy::OnLink,
        "Those on a network of the interface that the probe arrived on",
    ),
    Choice("private", AnswerPolicy::Private, "Those, and private addresses from anywhere"),
    Choice("any", AnswerPolicy::Any, "Every client"),
];

/// What `cooee serve` does.
#[derive(Debug, Clone)]
pub struct Serve {
    /// The port and the texts of the protocol.
    pub wire: Wire,
    /// The port that answers name.
    pub service_port: Option<u16>,
    /// The address that answers name.
    pub advertise: Advertise,
    /// The local address to listen on.
    pub bind: Ipv4Addr,
    /// Which clients to answer.
    pub answer: AnswerPolicy,
    /// Networks whose clients to answer too.
    pub allow: Vec<Ipv4Net>,
    /// How often to answer.
    pub rate_limit: RateLimit,
    /// When to stop.
    pub duration: Option<Duration>,
    /// Whether to wait until another process gives up the port.
    pub stand_by: bool,
    /// Whether to answer only while something listens on the port that answers name.
    pub require_listener: bool,
    /// A group whose processes to answer for too.
    pub offers_from: Option<u32>,
    /// Whether to answer the test calls of `cooee doctor`.
    pub doctor: bool,
    /// The name to announce by DNS-SD, if any.
    pub name: Option<String>,
    /// What to announce under it.
    pub services: Vec<(ServiceType, u16)>,
    /// What to say of each of them.
    pub txt: Vec<TxtPair>,
    /// The host to announce them on.
    pub hostname: Option<String>,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            wire: Wire::default(),
            service_port: None,
            advertise: Advertise::default(),
            bind: Ipv4Addr::UNSPECIFIED,
            answer: AnswerPolicy::default(),
            allow: Vec::new(),
            rate_limit: RateLimit::default(),
            duration: None,
            stand_by: false,
            require_listener: false,
            offers_from: None,
            doctor: false,
            name: None,
            services: Vec::new(),
            txt: Vec::new(),
            hostname: None,
        }
    }
}

impl Section for Serve {
    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::<Self>::optional("service-port", "N", port(), |serve| &mut serve.service_port)
                .help("Port of your service, named in answers")
                .otherwise(format!(
                    "that of --service http or https, or of the first --service; without any none \
                     is named, and clients assume {DEFAULT_SERVICE_PORT}"
                )),
            Setting::<Self>::one("advertise", "auto|IP", advertise(), |serve| &mut serve.advertise)
                .help("Address to name in answers; auto names the one that the client can reach"),
            Setting::<Self>::one("bind", "ADDR", ipv4(), |serve| &mut serve.bind)
                .help("Local address to listen on; broadcasts arrive on 0.0.0.0 only"),
            Setting::<Self>::one("answer", "CLIENTS", Kind::choice(POLICIES), |serve| {
                &mut serve.answer
            })
            .help("Which clients to answer"),
            Setting::<Self>::list("allow", "CIDR", network(), |serve| &mut serve.allow).help(
                "Answer clients in this network too; an address alone is one host (/32); repeat the \
                 option, or separate networks with commas",
            ),
            Setting::<Self>::one("rate-limit", "N|off", rate(), |serve| &mut serve.rate_limit)
                .help("Answer each client at most this many times a second, or off"),
            Setting::<Self>::optional("duration", "TIME", time(), |serve| &mut serve.duration)
                .help("Stop after this time: 90s, 500ms, 1m30s, or seconds")
                .otherwise("never"),
            Setting::<Self>::switch("stand-by", |serve| &mut serve.stand_by)
                .help("If another process has the port, wait until it is free, then answer"),
            Setting::<Self>::switch("require-listener", |serve| &mut serve.require_listener).help(
                "Answer only while something listens on the service port, and only clients that can \
                 connect to it (Linux, Windows)",
            ),
            Setting::<Self>::optional("offers-from", "GROUP", group(), |serve| {
                &mut serve.offers_from
            })
            .help("Answer for services of this group's processes too (Linux)")
            .otherwise("those of root and of the same user"),
            Setting::<Self>::switch("doctor", |serve| &mut serve.doctor).help(format!(
                "Answer the test calls of `cooee doctor` too, {} a minute from each client at most",
                limits::EXCHANGES_A_MINUTE,
            )),
            Setting::<Self>::optional("name", "NAME", server_name(), |serve| &mut serve.name)
                .help(
                    "Announce the server under this name by DNS-SD, to phones, browsers and whatever \
                     else looks there",
                )
                .otherwise("nothing is announced"),
            Setting::<Self>::list("service", "TYPE:PORT", published_service(), |serve| {
                &mut serve.services
            })
            .help("Announce this service under the name, such as http:8000; repeat the option for more")
            .otherwise("http on the service port"),
            Setting::<Self>::repeated("txt", "KEY=VALUE", txt_pair(), |serve| &mut serve.txt)
                .help("Say this of each announced service, such as path=/; repeat the option for more"),
            Setting::<Self>::optional("hostname", "LABEL", hostname(), |serve| &mut serve.hostname)
                .help("Announce the services on the host LABEL.local")
                .otherwise("made of the name"),
        ]
    }
}

impl Serve {
    /// The responder to start.
    pub(crate) fn responder(&self) -> Responder {
        let Self { wire, service_port, advertise, bind, answer, allow, .. } = self;
        let mut responder = Responder::new()
            .bind(*bind)
            .port(wire.port)
            .message(wire.message.clone())
            .prefix(wire.prefix.clone())
            .families(wire.families())
            .advertise(*advertise)
            .answer(*answer)
            .rate_limit(self.rate_limit)
            .stand_by(self.stand_by)
            .require_listener(self.require_listener)
            .examinable(self.doctor);
        if let Some(group) = self.offers_from {
            responder = responder.offers_from(group);
        }
        if let Some(port) = *service_port {
            responder = responder.service_port(port);
        }
        if let Some(name) = &self.name {
            responder = responder.name(name);
        }
        if let Some(hostname) = &self.hostname {
            responder = responder.hostname(hostname);
        }
        for (service, port) in &self.services {
            responder = responder.service(service.to_string(), *port);
        }
        for pair in &self.txt {
            responder = responder.txt_pair(pair.clone());
        }
        for &network in allow {
            responder = responder.allow(network);
        }
        responder
    }
}
