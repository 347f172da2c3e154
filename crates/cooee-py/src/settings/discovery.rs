//! The settings of a discovery.

use cooee::{Discovery, Families, Wait};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::value;

const WAITS: [(&str, Wait); 4] = [
    ("quick", Wait::Quick),
    ("settled", Wait::Settled),
    ("full", Wait::Full),
    ("first", Wait::First),
];

pub(super) const FAMILIES: [(&str, Families); 3] =
    [("both", Families::Both), ("ipv4", Families::V4), ("ipv6", Families::V6)];

/// The discovery that these settings build.
pub(crate) fn built(settings: Option<&Bound<'_, PyDict>>) -> PyResult<Discovery> {
    value::fold(settings, Discovery::new(), |discovery, name, value| {
        Ok(match name {
            "port" => discovery.port(value::port(value)?),
            "message" => discovery.message(value::text(value)?),
            "prefix" => discovery.prefix(value::text(value)?),
            "timeout" => match value::optional(value, value::timeout)? {
                Some(timeout) => discovery.timeout(timeout),
                None => discovery,
            },
            "retries" => discovery.retries(value::retries(value)?),
            "wait" => discovery.wait(value::word(value, &WAITS)?),
            "interfaces" => {
                value::interfaces(value)?.into_iter().fold(discovery, Discovery::interface)
            }
            "exclude_interfaces" => value::each(value, value::name)?
                .into_iter()
                .fold(discovery, Discovery::exclude_interface),
            "hosts" => {
                value::each(value, value::host)?.into_iter().fold(discovery, Discovery::host)
            }
            "subnets" => {
                value::each(value, value::network)?.into_iter().fold(discovery, Discovery::subnet)
            }
            "sweep" => discovery.sweep(value::truth(value)?),
            "allow_public" => discovery.allow_public(value::truth(value)?),
            "remembered" => discovery.remembered(value::each(value, value::socket_address)?),
            // The drop-in client's own, which has the setting under the stock name.
            "_sweep_if_nobody" => discovery.sweep_if_nobody(value::timeout(value)?),
            "check" => discovery.check(value::truth(value)?),
            "mdns" => discovery.mdns(value::truth(value)?),
            "probes" => discovery.probes(value::truth(value)?),
            "services" => value::each(value, value::service_type)?
                .into_iter()
                .fold(discovery, Discovery::service),
            "families" => discovery.families(value::word(value, &FAMILIES)?),
            _ => return Err(value::unexpected(value.py(), "discover", name)),
        })
    })
}
