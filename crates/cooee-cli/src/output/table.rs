use std::io::{self, Write};

use anstyle::Style;
use cooee::Server;

use super::results::Results;
use crate::phrase::milliseconds;

/// Columns of a fixed width, each row written at once.
pub(super) struct Table<W> {
    out: W,
    has_header: bool,
}

const HEADER: Style = Style::new().bold();

impl<W: Write> Table<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, has_header: false }
    }

    fn header(&mut self) -> io::Result<()> {
        let (ip, port, interface, rtt, trust) = ("ADDRESS", "PORT", "INTERFACE", "RTT", "TRUST");
        writeln!(
            self.out,
            "{HEADER}{ip:<15}  {port:>5}  {interface:<15}  {rtt:>10}  {trust:<10}  URL{HEADER:#}"
        )
    }
}

impl<W: Write> Results for Table<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_header, true) {
            self.header()?;
        }
        let ip = server.ip.to_string();
        let interface = server.interface.as_deref().unwrap_or("-");
        let rtt = format!("{:.1} ms", milliseconds(server.rtt));
        write!(
            self.out,
            "{ip:<15}  {:>5}  {interface:<15}  {rtt:>10}  {:<10}  {}",
            server.port,
            server.trust.as_str(),
            server.url()
        )?;
        if let Some(claimed) = server.claimed {
            write!(self.out, "  (it said {claimed})")?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }
}
