//! Servers on standard output, one format a file.

mod details;
mod events;
mod json;
mod link;
mod live;
mod ndjson;
mod results;
mod screen;
mod table;
mod url;

use std::io::{self, BufWriter};

use cooee::Scheme;

use crate::value::{EventFormat, Format};
pub(crate) use events::Events;
use events::{EventLines, EventRows};
pub(crate) use results::Results;

/// A printer to standard output in this format, with URLs of this scheme; a table that `is_long` has all
/// that is known.
pub(crate) fn to_stdout(format: Format, scheme: Option<Scheme>, is_long: bool) -> Box<dyn Results> {
    let plain = BufWriter::new(io::stdout());
    match format {
        Format::Table => Box::new(table::Table::new(anstream::stdout(), scheme, is_long)),
        Format::Json => Box::new(json::Json::new(plain, scheme)),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(plain, scheme)),
        Format::Url => Box::new(url::Url::new(plain, scheme)),
    }
}

/// A printer to standard output of what happens to servers. A table on a terminal shows who is there,
/// and elsewhere has a line for each event.
pub(crate) fn events_to_stdout(
    format: EventFormat,
    scheme: Option<Scheme>,
    is_terminal: bool,
) -> Box<dyn Events> {
    if format == EventFormat::Ndjson {
        return Box::new(EventLines { out: BufWriter::new(io::stdout()), scheme });
    }
    match is_terminal.then(|| live::Live::on_stdout(scheme)).flatten() {
        Some(live) => Box::new(live),
        None => {
            let columns = table::Columns::default();
            Box::new(EventRows { out: anstream::stdout(), scheme, columns })
        }
    }
}
