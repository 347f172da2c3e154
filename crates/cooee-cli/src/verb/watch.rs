use std::io::{self, IsTerminal};

use super::interface_names::warn_of_unknown;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::output::events_to_stdout;
use crate::settings::Find;
use crate::signals;
use crate::value::EventFormat;

/// Prints what happens to servers, until it is stopped.
pub(crate) fn run(
    find: &Find,
    format: Option<EventFormat>,
    console: Console,
) -> Result<Exit, Failure> {
    if let Some(unprobed) = find.unprobed() {
        console.warn(unprobed);
    }
    if !find.selection.exclude.is_empty() {
        let interfaces = cooee::interfaces().unwrap_or_default();
        warn_of_unknown(&find.selection, &interfaces, console);
    }
    let is_terminal = io::stdout().is_terminal();
    let usual = if is_terminal { EventFormat::Table } else { EventFormat::Ndjson };
    let browser = find.discovery().watch().map_err(|error| find.failure(error))?;
    let stopper = browser.stopper();
    signals::on_stop(move || stopper.stop())?;
    let mut events = events_to_stdout(format.unwrap_or(usual), find.scheme, is_terminal);
    for event in browser {
        if let Err(error) = events.event(&event) {
            Failure::output(&error)?;
            break;
        }
    }
    Ok(Exit::Success)
}
