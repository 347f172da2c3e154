use std::io::{self, Write};

use cooee::Server;

use super::results::Results;

/// One URL a line, each written at once.
pub(super) struct Url<W> {
    out: W,
}

impl<W: Write> Url<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Results for Url<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        writeln!(self.out, "{}", server.url())?;
        self.out.flush()
    }
}
