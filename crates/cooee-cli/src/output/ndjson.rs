use std::io::{self, Write};

use cooee::{Scheme, Server};

use super::json::Record;
use super::results::Results;

/// One object a line, each written at once.
pub(super) struct Ndjson<W> {
    out: W,
    scheme: Option<Scheme>,
}

impl<W: Write> Ndjson<W> {
    pub(super) fn new(out: W, scheme: Option<Scheme>) -> Self {
        Self { out, scheme }
    }
}

impl<W: Write> Results for Ndjson<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Record::new(server, self.scheme))?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
