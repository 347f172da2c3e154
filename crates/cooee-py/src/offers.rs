//! What the owner of a port answers for.

use cooee::{Advertise, AnswerPolicy, ListenerRule};
use pyo3::prelude::*;

use crate::record::record;
use crate::result::Owner;
use crate::value;

record! {
    /// What one service says, and to which clients.
    Offer {
        /// The process that offers it, where the system tells.
        pid: Option<u32>,
        /// The probe that it answers.
        message: String,
        /// What its answer begins with.
        prefix: String,
        /// The port that its answer names; without one, clients assume 8000.
        service_port: Option<u16>,
        /// The address that its answer names in any case.
        advertise: Option<String>,
        /// Whether it is silent while nothing listens on its port.
        requires_listener: bool,
        /// The address of the socket that has to listen, if that is a certain one.
        listener: Option<String>,
        /// Which clients it answers: `private`, `on-link` or `any`.
        answer: String,
        /// Networks that it answers as well.
        allow: Vec<String>,
        /// What people call it.
        name: Option<String>,
    }
}

record! {
    /// Who has a port, and for which services it answers.
    PortOffers {
        /// The process, where the system tells.
        owner: Option<Owner>,
        /// Its own offers, and those of processes that stand by.
        offers: Vec<Offer>,
    }
}

impl From<cooee::ListedOffer> for Offer {
    fn from(listed: cooee::ListedOffer) -> Self {
        let offer = listed.offer;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let classic = offer.classic();
        Self {
            pid: listed.pid,
            message: classic.map(|classic| text(classic.message())).unwrap_or_default(),
            prefix: classic.map(|classic| text(classic.prefix())).unwrap_or_default(),
            service_port: offer.service_port,
            advertise: match offer.advertise {
                Advertise::Address(address) => Some(address.to_string()),
                _ => None,
            },
            requires_listener: offer.listener != ListenerRule::NotRequired,
            listener: match offer.listener {
                ListenerRule::At(address) => Some(address.to_string()),
                _ => None,
            },
            answer: match offer.policy {
                AnswerPolicy::OnLink => "on-link",
                AnswerPolicy::Any => "any",
                _ => "private",
            }
            .into(),
            allow: offer.allow.iter().map(ToString::to_string).collect(),
            name: offer.name,
        }
    }
}

/// Which services are answered for on a UDP port of this host, as its owner tells. None if no process
/// that uses this library has the port, or it runs as another user; and on systems other than Linux.
#[pyfunction]
#[pyo3(signature = (port=9999))]
pub(crate) fn offers_on(
    py: Python<'_>,
    #[pyo3(from_py_with = value::port)] port: u16,
) -> Option<PortOffers> {
    let found = py.detach(|| cooee::offers_on(port))?;
    let offers = found.offers.into_iter().map(Offer::from).collect();
    Some(PortOffers { owner: found.owner.map(Owner::from), offers })
}
