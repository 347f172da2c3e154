//! Servers on standard output, one format a file.

mod json;
mod ndjson;
mod results;
mod table;
mod url;

use std::io::{self, BufWriter};

use crate::value::Format;
pub(crate) use results::Results;

/// What prints to standard output in this format.
pub(crate) fn to_stdout(format: Format) -> Box<dyn Results> {
    match format {
        Format::Table => Box::new(table::Table::new(anstream::stdout().lock())),
        Format::Json => Box::new(json::Json::new(BufWriter::new(io::stdout().lock()))),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(BufWriter::new(io::stdout().lock()))),
        Format::Url => Box::new(url::Url::new(BufWriter::new(io::stdout().lock()))),
    }
}
