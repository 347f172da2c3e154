//! Servers on standard output, one format a file.

mod json;
mod ndjson;
mod table;
mod url;

use std::io::{self, BufWriter};
use std::time::Duration;

use cooee::Server;

use crate::value::Format;

/// Prints servers.
pub(crate) trait Results {
    /// A server was found.
    fn found(&mut self, server: &Server) -> io::Result<()>;

    /// No more will be found. These are all, as they are known now.
    fn end(&mut self, _servers: &[Server]) -> io::Result<()> {
        Ok(())
    }
}

/// What prints to standard output in this format.
pub(crate) fn to_stdout(format: Format) -> Box<dyn Results> {
    match format {
        Format::Table => Box::new(table::Table::new(anstream::stdout().lock())),
        Format::Json => Box::new(json::Json::new(BufWriter::new(io::stdout().lock()))),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(BufWriter::new(io::stdout().lock()))),
        Format::Url => Box::new(url::Url::new(BufWriter::new(io::stdout().lock()))),
    }
}

/// Milliseconds, to the microsecond.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_have_three_decimals() {
        assert_eq!(milliseconds(Duration::from_nanos(1_234_567)), 1.235);
        assert_eq!(milliseconds(Duration::ZERO), 0.0);
    }
}
