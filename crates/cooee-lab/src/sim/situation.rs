use std::fmt;
use std::time::Duration;

use super::arp::Arp;
use super::disturbance::{Bursts, Outage, PowerSaving};
use super::trial::Trial;

/// What is wrong in a [`Trial`] besides the loss on its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// Nothing.
    Plain,
    /// One server answers this late, the others at once.
    OneLate(Duration),
    /// Hosts ask for link addresses, and requests and replies get lost as the links say.
    Arp,
    /// Hosts ask for link addresses, and the first request of one server gets lost.
    FirstRequestLost,
    /// All hosts sleep between beacons, 300 ms apart.
    PowerSaving,
    /// Links lose everything in bursts of 200 ms, 2 s apart on average.
    Bursts,
    /// Links lose everything for so long in each second.
    Outages(Duration),
    /// As [`Situation::Arp`], and one server answers 800 ms late.
    ArpAndOneLate,
}

impl Situation {
    /// The same trial in this situation.
    fn of(self, trial: Trial) -> Trial {
        match self {
            Self::Plain => trial,
            Self::OneLate(by) => Trial { late: Some(by..by), ..trial },
            Self::Arp => Trial { arp: Some(arp()), ..trial },
            Self::FirstRequestLost => Trial { arp: Some(arp()), requests_lost: 1, ..trial },
            Self::PowerSaving => trial.on(|link| {
                let beacon = Duration::from_millis(300);
                link.power_saving = Some(PowerSaving { beacon, from: None });
            }),
            Self::Bursts => trial.on(|link| {
                let (good, bad) = (Duration::from_secs(2), Duration::from_millis(200));
                link.bursts = Some(Bursts { good, bad, loss: 1.0 });
            }),
            Self::Outages(lasts) => trial.on(|link| {
                let every = Duration::from_secs(1);
                link.outage = Some(Outage { lasts, every, from: None });
            }),
            Self::ArpAndOneLate => {
                Self::OneLate(Duration::from_millis(800)).of(Self::Arp.of(trial))
            }
        }
    }
}

/// Link addresses are resolved, and the send buffer is as large as Linux grants one.
fn arp() -> Arp {
    Arp { send_buffer: Some(2 * Arp::LINUX_SEND_BUFFER), ..Arp::default() }
}

impl Trial {
    /// The same trial in this situation.
    #[must_use]
    pub fn amid(self, situation: Situation) -> Self {
        situation.of(self)
    }
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("plain"),
            Self::OneLate(by) => write!(f, "one server {:.1} s late", by.as_secs_f64()),
            Self::Arp => f.write_str("link addresses unknown"),
            Self::FirstRequestLost => f.write_str("one server's first ARP request lost"),
            Self::PowerSaving => f.write_str("power saving, 300 ms"),
            Self::Bursts => f.write_str("bursts of loss, 200 ms"),
            Self::Outages(lasts) => write!(f, "outages, {} ms each second", lasts.as_millis()),
            Self::ArpAndOneLate => f.write_str("link addresses unknown, one server 0.8 s late"),
        }
    }
}
