use std::io::{self, Write};

use cooee::{Scheme, Server};

use super::link::link;
use super::results::Results;

/// One URL a line, each written at once; none of a server that was checked in vain.
pub(super) struct Url<W> {
    out: W,
    scheme: Option<Scheme>,
}

impl<W: Write> Url<W> {
    pub(super) fn new(out: W, scheme: Option<Scheme>) -> Self {
        Self { out, scheme }
    }
}

impl<W: Write> Results for Url<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        if !server.checked.is_empty() && !server.is_live() {
            return Ok(());
        }
        writeln!(self.out, "{}", link(server, self.scheme))?;
        self.out.flush()
    }
}
