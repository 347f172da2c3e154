use std::env::{self, VarError};
use std::str::FromStr;

use super::{FindArgs, Sources, WireArgs};
use crate::exit::Failure;
use crate::value::list;

/// The settings that `django-udp-discovery-client` 1.0.0 reads from the environment.
///
/// `DISCOVERY_CLIENT_ENABLE_SUBNET_SCAN` is not looked at, and has no effect there either.
#[derive(Debug, Default)]
pub(crate) struct Stock {
    pub(crate) wire: WireArgs,
    pub(crate) find: FindArgs,
}

impl Stock {
    /// What the environment of this process holds.
    pub(crate) fn read(sources: &mut Sources) -> Result<Self, Failure> {
        Ok(Self {
            wire: WireArgs {
                port: variable(sources, "DISCOVERY_CLIENT_PORT", FromStr::from_str)?,
                message: variable(sources, "DISCOVERY_CLIENT_MESSAGE", FromStr::from_str)?,
                prefix: variable(sources, "DISCOVERY_CLIENT_RESPONSE_PREFIX", FromStr::from_str)?,
            },
            find: FindArgs {
                timeout: variable(sources, "DISCOVERY_CLIENT_TIMEOUT", FromStr::from_str)?,
                retries: variable(sources, "DISCOVERY_CLIENT_RETRIES", FromStr::from_str)?,
                interface: variable(sources, "DISCOVERY_CLIENT_INTERFACES_WHITELIST", list)?,
                exclude_interface: variable(
                    sources,
                    "DISCOVERY_CLIENT_INTERFACES_BLACKLIST",
                    list,
                )?,
                ..FindArgs::default()
            },
        })
    }
}

fn variable<T>(
    sources: &mut Sources,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    match env::var(name) {
        Ok(text) => {
            sources.add_variable(name);
            parse(&text).map(Some).map_err(|why| {
                Failure::usage(format!("environment variable {name} has the value {text:?}: {why}"))
            })
        }
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(text)) => Err(Failure::usage(format!(
            "environment variable {name} has the value {text:?}: it is not UTF-8"
        ))),
    }
}
