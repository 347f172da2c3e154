use std::io::{self, Write};

use anstyle::Style;
use cooee::{CheckState, Checked, Scheme, Server};

use super::link::link;
use super::results::Results;
use crate::phrase::milliseconds;

/// Columns of a fixed width, each row written at once.
pub(super) struct Table<W> {
    out: W,
    scheme: Option<Scheme>,
    has_header: bool,
}

const HEADER: Style = Style::new().bold();

impl<W: Write> Table<W> {
    pub(super) fn new(out: W, scheme: Option<Scheme>) -> Self {
        Self { out, scheme, has_header: false }
    }
}

/// The cells of a row, all but the last of a fixed width.
fn row([address, source, trust, interface, rtt, url]: [&str; 6]) -> String {
    format!("{address:<21}  {source:<20}  {trust:<10}  {interface:<10}  {rtt:>9}  {url}")
}

/// Where the answer came from, if that is not the address.
fn source(server: &Server) -> String {
    let source = server.source.ip();
    if source == server.address().ip() { String::new() } else { format!("from {source}") }
}

/// What is special about a server.
fn remarks(server: &Server) -> Vec<String> {
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
    named.into_iter().chain(here).chain(unreachable).chain(in_vain).collect()
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

impl<W: Write> Results for Table<W> {
    fn found(&mut self, server: &Server) -> io::Result<()> {
        if !std::mem::replace(&mut self.has_header, true) {
            let header = row(["ADDRESS", "SOURCE", "TRUST", "INTERFACE", "RTT", "URL"]);
            writeln!(self.out, "{HEADER}{header}{HEADER:#}")?;
        }
        let mut url = link(server, self.scheme);
        url.extend(remarks(server).iter().map(|remark| format!("  ({remark})")));
        let row = row([
            &server.to_string(),
            &source(server),
            server.trust.as_str(),
            server.interface.as_deref().unwrap_or("-"),
            &server.rtt.map_or("-".into(), |rtt| format!("{:.1} ms", milliseconds(rtt))),
            &url,
        ]);
        writeln!(self.out, "{row}")?;
        self.out.flush()
    }
}
