use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use cooee::announced::{PublishedService, shown};
use cooee::{Advertise, Notice, State};

use super::firewall::FirewallWatch;
use crate::console::Console;
use crate::phrase::{count, listed};
use crate::settings::Serve;
use crate::systemd::Manager;

/// The target of log events about probes; fixed, so that renaming a module keeps it.
const LOG: &str = "cooee::verb::serve";

/// An address with its interface where it means nothing without.
fn zoned((address, interface): &(IpAddr, String)) -> String {
    match address {
        IpAddr::V6(ip) if ip.is_unicast_link_local() => format!("{ip}%{interface}"),
        _ => address.to_string(),
    }
}

/// Where to find a service that is announced: the address of a web site, for others type and place.
/// Harmless to print, for it may be the service of another process.
fn at(host: &str, published: &PublishedService) -> String {
    let (host, port) = (shown(host), published.port);
    let path = published.txt.text("path").unwrap_or_default();
    let path = shown(&path);
    let slash = if path.starts_with('/') { "" } else { "/" };
    match published.service.name() {
        "http" if port == 80 => format!("http://{host}{slash}{path}"),
        scheme @ ("http" | "https") => format!("{scheme}://{host}:{port}{slash}{path}"),
        _ => format!("{} at {host}:{port}", published.service),
    }
}

/// Reports what a responder does, to people and to the service manager.
pub(super) struct Narrator {
    console: Console,
    manager: Manager,
    port: u16,
    message: String,
    answer: String,
    has_waited: AtomicBool,
    /// Whether it answers on more than loopback, which firewalls let in.
    is_heard_beyond: AtomicBool,
    firewall: FirewallWatch,
}

impl Narrator {
    /// `named_port` is the one that answers name.
    pub(super) fn new(
        serve: &Serve,
        named_port: Option<u16>,
        console: Console,
        manager: Manager,
    ) -> Self {
        let address = match serve.advertise {
            Advertise::Address(address) => address.to_string(),
            _ => "<address>".to_owned(),
        };
        let port = named_port.map_or_else(String::new, |port| format!(":{port}"));
        Self {
            console,
            manager,
            port: serve.wire.port,
            message: serve.wire.message.clone(),
            answer: format!("{}{address}{port}", serve.wire.prefix),
            has_waited: AtomicBool::new(false),
            is_heard_beyond: AtomicBool::new(false),
            firewall: FirewallWatch::new(serve.wire.port, serve.wire.families(), console),
        }
    }

    pub(super) fn tell(&self, notice: &Notice) {
        match notice {
            Notice::State(State::Answering { local_addr }) => {
                let took_over =
                    if self.has_waited.load(Ordering::Relaxed) { "took over, " } else { "" };
                let (message, answer) = (&self.message, &self.answer);
                self.state(&format!(
                    "{took_over}answering on {local_addr}: {message:?} gets {answer:?}"
                ));
                let is_heard_beyond = !local_addr.ip().is_loopback();
                self.is_heard_beyond.store(is_heard_beyond, Ordering::Relaxed);
                self.look_at_firewall();
            }
            Notice::State(State::StandingBy { owner, is_answered_for, .. }) => {
                self.has_waited.store(true, Ordering::Relaxed);
                let owner =
                    owner.as_ref().map_or("another process".to_owned(), ToString::to_string);
                let (port, message, answer) = (self.port, &self.message, &self.answer);
                self.state(&if *is_answered_for {
                    format!(
                        "standing by: {owner} has port {port} and answers for this service: \
                         {message:?} gets {answer:?}"
                    )
                } else {
                    format!(
                        "standing by: port {port} is taken by {owner}; answering once it is free"
                    )
                });
            }
            Notice::OfferTaken => {
                let (message, answer) = (&self.message, &self.answer);
                self.state(&format!("standing by, and answered for: {message:?} gets {answer:?}"));
            }
            Notice::OffersChanged { services } => {
                let services = count(*services as u64, "service");
                self.state(&format!("answering for {services} of this host"));
            }
            Notice::Answered { asker, answer, .. } => {
                // Inside the macro, so that the text is made only if the event is logged.
                tracing::info!(
                    target: LOG,
                    %asker,
                    answer = %shown(&String::from_utf8_lossy(answer)),
                    "answered"
                );
            }
            Notice::InterfacesChanged => {
                tracing::info!(target: LOG, "interfaces changed");
                self.look_at_firewall();
            }
            Notice::OverIpv6 { addresses } if !addresses.is_empty() => {
                let addresses: Vec<_> = addresses.iter().map(zoned).collect();
                self.console.say(format_args!("over IPv6 too, at {}", listed(&addresses)));
            }
            Notice::Announced { name, host, services } => {
                let services: Vec<_> = services.iter().map(|one| at(host, one)).collect();
                self.console.say(format_args!("announced as {name:?}: {}", listed(&services)));
            }
            Notice::Pulse => self.manager.alive(),
            // The log warns of the others.
            _ => {}
        }
    }

    fn look_at_firewall(&self) {
        if self.is_heard_beyond.load(Ordering::Relaxed) {
            self.firewall.look();
        }
    }

    /// A service that stands by is ready too: units that wait for it need not wait for the port.
    fn state(&self, what: &str) {
        self.console.say(what);
        self.manager.ready(what);
    }
}

#[cfg(test)]
mod tests {
    use cooee::announced::{Txt, TxtPair};

    use super::*;

    #[test]
    fn a_path_that_another_process_announces_cannot_control_the_terminal() {
        let path = |path: &str| {
            let mut txt = Txt::new();
            txt.add(TxtPair::new("path", Some(path)).unwrap()).unwrap();
            let service = "http".parse().unwrap();
            at("workshop.local", &PublishedService { service, port: 8000, txt })
        };
        assert_eq!(path("/a"), "http://workshop.local:8000/a");
        for hostile in ["/\x1b[2J", "/a\nwarning: b", "/\u{202e}a"] {
            assert!(path(hostile).starts_with("http://workshop.local:8000/"), "{hostile:?}");
            assert!(!path(hostile).contains(['\x1b', '\n', '\u{202e}']), "{hostile:?}");
        }
    }
}
