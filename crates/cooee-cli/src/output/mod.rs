//! Servers on standard output, one format a file.

mod json;
mod link;
mod ndjson;
mod results;
mod table;
mod url;

use std::io::{self, BufWriter};

use cooee::Scheme;

use crate::value::Format;
pub(crate) use results::Results;

/// A printer to standard output in this format, with URLs of this scheme.
pub(crate) fn to_stdout(format: Format, scheme: Option<Scheme>) -> Box<dyn Results> {
    let plain = BufWriter::new(io::stdout());
    match format {
        Format::Table => Box::new(table::Table::new(anstream::stdout(), scheme)),
        Format::Json => Box::new(json::Json::new(plain, scheme)),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(plain, scheme)),
        Format::Url => Box::new(url::Url::new(plain, scheme)),
    }
}
