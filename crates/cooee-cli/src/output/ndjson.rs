use std::io::{self, Write};

use cooee::Server;

use super::json::Record;
use super::results::Results;

/// One object a line, each written at once.
pub(super) struct Ndjson<W> {
    out: W,
}

impl<W: Write> Ndjson<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Results for Ndjson<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Record::from(server))?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}
