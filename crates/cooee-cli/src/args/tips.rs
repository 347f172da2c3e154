//! Tips for words that nothing takes, where they leave little doubt what was meant.

use std::net::Ipv4Addr;

use clap::Command;
use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use cooee::ipnet::Ipv4Net;

use crate::value::own_networks;

/// Adds the option that was probably meant, if there is one, or the values that this host has.
pub(super) fn with_tip(error: Error, verb: Option<&Command>) -> Error {
    match error.kind() {
        ErrorKind::UnknownArgument => with_option(error, verb),
        ErrorKind::ValueValidation => with_networks(error),
        _ => error,
    }
}

fn with_option(mut error: Error, verb: Option<&Command>) -> Error {
    let Some(verb) = verb else { return error };
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return error };
    if let Some(option) = option_for(verb, word) {
        let tip = StyledStr::from(format!("use '{option}'"));
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// Adds the networks of this host, if what was given is none.
fn with_networks(mut error: Error) -> Error {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) if option.starts_with("--subnet ") => {}
        _ => return error,
    }
    if let Some(networks) = own_networks() {
        let tip = StyledStr::from(networks);
        let mut tips = vec![tip];
        if let Some(ContextValue::StyledStrs(others)) = error.get(ContextKind::Suggested) {
            tips.splice(0..0, others.iter().cloned());
        }
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

/// The option of the verb that takes `word`, with it as the value.
fn option_for(verb: &Command, word: &str) -> Option<String> {
    let has = |name: &str| verb.get_arguments().any(|arg| arg.get_long() == Some(name));
    if let Some(format) = word.strip_prefix("--") {
        return is_format(verb, format).then(|| format!("--format {format}"));
    }
    let options: &[&str] = if word.parse::<Ipv4Addr>().is_ok() {
        &["host"]
    } else if word.parse::<Ipv4Net>().is_ok() {
        &["subnet", "allow"]
    } else if word.parse::<u16>().is_ok_and(|port| port > 0) {
        &["service-port"]
    } else if is_interface(word) {
        &["interface"]
    } else {
        &[]
    };
    let option = options.iter().find(|name| has(name))?;
    Some(format!("--{option} {word}"))
}

fn is_format(verb: &Command, word: &str) -> bool {
    let format = verb.get_arguments().find(|arg| arg.get_long() == Some("format"));
    let values = format.into_iter().flat_map(clap::Arg::get_possible_values);
    values.into_iter().any(|value| value.get_name() == word)
}

fn is_interface(word: &str) -> bool {
    cooee::interfaces().unwrap_or_default().iter().any(|interface| interface.name == word)
}
