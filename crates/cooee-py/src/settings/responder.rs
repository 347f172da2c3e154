//! The settings of a responder, as keyword arguments.

use std::net::{Ipv4Addr, SocketAddr};

use cooee::{Advertise, AnswerPolicy, RateLimit};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict};

use super::discovery::FAMILIES;
use crate::{error, value};

const POLICIES: [(&str, AnswerPolicy); 3] = [
    ("private", AnswerPolicy::Private),
    ("on-link", AnswerPolicy::OnLink),
    ("any", AnswerPolicy::Any),
];

pub(crate) struct Settings {
    pub(crate) responder: cooee::Responder,
    pub(crate) bind: SocketAddr,
    pub(crate) stand_by: bool,
    pub(crate) on_event: Option<Py<PyAny>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            responder: cooee::Responder::new(),
            bind: (Ipv4Addr::UNSPECIFIED, cooee::DEFAULT_PORT).into(),
            stand_by: false,
            on_event: None,
        }
    }
}

/// The responder that these settings build.
pub(crate) fn built(settings: Option<&Bound<'_, PyDict>>) -> PyResult<cooee::Responder> {
    Ok(Settings::from_arguments(settings)?.responder)
}

impl Settings {
    pub(crate) fn from_arguments(settings: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        value::fold(settings, Self::default(), Self::with)
    }

    fn with(mut self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let responder = self.responder;
        self.responder = match name {
            "service_port" => match value::optional(value, value::port)? {
                Some(port) => responder.service_port(port),
                None => responder,
            },
            "port" => {
                self.bind.set_port(value::port_to_bind(value)?);
                responder.port(self.bind.port())
            }
            "bind" => responder.bind(value::ipv4(value)?),
            "message" => responder.message(value::text(value)?),
            "prefix" => responder.prefix(value::text(value)?),
            "advertise" => match value::optional(value, value::advertised)? {
                Some(address) => responder.advertise(Advertise::Address(address.into())),
                None => responder,
            },
            "listener" => match value::optional(value, value::socket_address)? {
                Some(address) => responder.listener(address),
                None => responder,
            },
            "require_listener" => responder.require_listener(value::truth(value)?),
            "name" => match value::optional(value, value::name)? {
                Some(name) => responder.name(name),
                None => responder,
            },
            "services" => match value::optional(value, value::services)? {
                Some(services) => services
                    .into_iter()
                    .fold(responder, |responder, (of, port)| responder.service(of, port)),
                None => responder,
            },
            "txt" => match value::optional(value, value::txt)? {
                Some(pairs) => pairs.into_iter().fold(responder, cooee::Responder::txt_pair),
                None => responder,
            },
            "hostname" => match value::optional(value, value::name)? {
                Some(hostname) => responder.hostname(hostname),
                None => responder,
            },
            "offers_from" => match value::optional(value, value::group)? {
                Some(group) => responder.offers_from(group),
                None => responder,
            },
            "answer" => responder.answer(value::word(value, &POLICIES)?),
            "allow" => value::each(value, value::network)?
                .into_iter()
                .fold(responder, cooee::Responder::allow),
            "rate_limit" => responder.rate_limit(rate_limit(value)?),
            "families" => responder.families(value::word(value, &FAMILIES)?),
            "stand_by" => {
                self.stand_by = value::truth(value)?;
                responder.stand_by(self.stand_by)
            }
            "on_event" => {
                self.on_event = value::optional(value, callable)?;
                responder
            }
            _ => return Err(value::unexpected(value.py(), "Responder", name)),
        };
        Ok(self)
    }
}

fn rate_limit(value: &Bound<'_, PyAny>) -> PyResult<RateLimit> {
    match value::optional(value, value::rate)? {
        None => Ok(RateLimit::Off),
        Some(answers) => RateLimit::per_source(answers).map_err(error::config),
    }
}

fn callable(value: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if value.is_callable() {
        return Ok(value.clone().unbind());
    }
    Err(PyTypeError::new_err("it takes a function of one event"))
}
