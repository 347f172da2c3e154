use std::io::{self, Write};

use anstyle::Style;
use cooee::announced::shown;
use cooee::{CheckState, Checked, Scheme, Server};

use super::details;
use super::link::link;
use super::results::Results;
use crate::phrase::milliseconds;

/// Rows, each written at once.
pub(super) struct Table<W> {
    out: W,
    scheme: Option<Scheme>,
    /// Whether to print all that is known, which it is at the end.
    is_long: bool,
    columns: Columns,
}

/// Columns as wide as what was in them until now.
pub(super) struct Columns {
    widths: [usize; COLUMNS],
    is_empty: bool,
}

impl Default for Columns {
    fn default() -> Self {
        Self { widths: USUAL_WIDTHS, is_empty: true }
    }
}

impl Columns {
    /// Whether there was no row yet.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    pub(super) fn header(&self) -> String {
        row(TITLES, "URL", self.widths)
    }

    /// The row of a server.
    pub(super) fn row(&mut self, server: &Server, scheme: Option<Scheme>) -> String {
        self.fit(server);
        row(cells(server).each_ref().map(String::as_str), &url(server, scheme), self.widths)
    }

    /// Makes them as wide as the server needs them.
    pub(super) fn fit(&mut self, server: &Server) {
        self.is_empty = false;
        for (width, cell) in self.widths.iter_mut().zip(cells(server)) {
            *width = cell.chars().count().max(*width);
        }
    }

    /// The header, of fewer columns where there is no room for all.
    pub(super) fn header_within(&self, columns: usize) -> String {
        self.within(columns, TITLES, "URL")
    }

    /// The row of a server that fits, of fewer columns where there is no room for all. The state of the
    /// server comes before the URL and what is special about it, for a row is cut at its end.
    pub(super) fn row_within(
        &self,
        columns: usize,
        server: &Server,
        scheme: Option<Scheme>,
        state: &str,
    ) -> String {
        let cells = cells(server);
        let url = format!("{state}{}", url(server, scheme));
        self.within(columns, cells.each_ref().map(String::as_str), &url)
    }

    fn within(&self, columns: usize, cells: [&str; COLUMNS], url: &str) -> String {
        let before_url = self.widths.iter().sum::<usize>() + 2 * COLUMNS;
        if before_url + ROOM_FOR_URL <= columns {
            return row(cells, url, self.widths);
        }
        let ([address, _, _, interface, _], [a, _, _, i, _]) = (cells, self.widths);
        if a + i + 2 * 2 + ROOM_FOR_URL <= columns {
            return format!("{address:<a$}  {interface:<i$}  {url}");
        }
        url.to_owned()
    }
}

fn cells(server: &Server) -> [String; COLUMNS] {
    let rtt = server.rtt.map_or("-".into(), |rtt| format!("{:.1} ms", milliseconds(rtt)));
    let interface = server.interface.as_deref().unwrap_or("-");
    let trust = server.trust.as_str();
    [server.to_string(), source(server), trust.into(), interface.into(), rtt]
}

/// The URL, and what is special about the server.
fn url(server: &Server, scheme: Option<Scheme>) -> String {
    let mut url = link(server, scheme);
    url.extend(remarks(server).iter().map(|remark| format!("  ({remark})")));
    url
}

/// Those before the URL, which is the last.
const COLUMNS: usize = 5;
/// Enough for an IPv4 address with its port, and for what is usual in the others.
const USUAL_WIDTHS: [usize; COLUMNS] = [21, 20, 10, 10, 9];
/// Enough for the URL of an IPv4 address.
const ROOM_FOR_URL: usize = 28;
const TITLES: [&str; COLUMNS] = ["ADDRESS", "SOURCE", "TRUST", "INTERFACE", "RTT"];

const HEADER: Style = Style::new().bold();

impl<W: Write> Table<W> {
    pub(super) fn new(out: W, scheme: Option<Scheme>, is_long: bool) -> Self {
        Self { out, scheme, is_long, columns: Columns::default() }
    }
}

/// The cells of a row, all but the URL of these widths.
fn row(
    [address, source, trust, interface, rtt]: [&str; COLUMNS],
    url: &str,
    [a, s, t, i, r]: [usize; COLUMNS],
) -> String {
    format!("{address:<a$}  {source:<s$}  {trust:<t$}  {interface:<i$}  {rtt:>r$}  {url}")
}

/// Where the answer came from, if that is not the address.
fn source(server: &Server) -> String {
    let source = server.source.ip();
    if source == server.address().ip() { String::new() } else { format!("from {source}") }
}

/// What is special about a server.
fn remarks(server: &Server) -> Vec<String> {
    let name = server.name().map(|name| format!("\"{}\"", shown(name)));
    let named = server.claimed.map(|claimed| format!("named {claimed}"));
    let here = server.this_host.then(|| "this host".to_owned());
    let unreachable = match server.named_url() {
        Some(_) if server.is_live() => Some(format!("named {}", server.named_address())),
        Some(_) => {
            let why = if server.routed {
                "probably not reachable from here"
            } else {
                "to which there is no route"
            };
            Some(format!("named {}, {why}; the sender's address may work", server.ip))
        }
        None => (!server.routed).then(|| "no route to it".to_owned()),
    };
    let in_vain = server.checked.iter().filter_map(in_vain);
    name.into_iter().chain(named).chain(here).chain(unreachable).chain(in_vain).collect()
}

/// What is to say of an address that was checked, if it is not open.
fn in_vain(checked: &Checked) -> Option<String> {
    let address = checked.address;
    match checked.state {
        CheckState::Open => None,
        CheckState::Refused => Some(format!("{address} refuses TCP")),
        CheckState::Unreachable => Some(format!("{address} is unreachable by TCP")),
        CheckState::Timeout => Some(format!("no TCP from {address}")),
        _ => Some(format!("no TCP from {address} yet")),
    }
}

impl<W: Write> Table<W> {
    fn print(&mut self, server: &Server) -> io::Result<()> {
        let is_first = self.columns.is_empty();
        let row = self.columns.row(server, self.scheme);
        if is_first {
            writeln!(self.out, "{HEADER}{}{HEADER:#}", self.columns.header())?;
        }
        writeln!(self.out, "{row}")
    }
}

impl<W: Write> Results for Table<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        if self.is_long {
            return Ok(());
        }
        self.print(server)?;
        self.out.flush()
    }

    fn end(&mut self, servers: &[Server]) -> io::Result<()> {
        let listed = if self.is_long { servers } else { &[] };
        for server in listed {
            self.print(server)?;
            for (what, is) in details::of(server) {
                writeln!(self.out, "    {what:<8}  {is}")?;
            }
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_stands_over_its_columns_however_long_an_address_is() {
        for address in ["10.0.1.2:8000", "[fe80::fcff:feff:fe00:1%eth0]:8000"] {
            let widths = USUAL_WIDTHS.map(|usual| usual.max(address.len()));
            let header = row(TITLES, "URL", widths);
            let line = row([address, "", "none", "eth0", "0.3 ms"], "http", widths);
            assert_eq!(header.find("INTERFACE"), line.rfind("eth0 "), "{line}");
            assert_eq!(header.find("URL"), line.find("http"), "{line}");
        }
    }
}
