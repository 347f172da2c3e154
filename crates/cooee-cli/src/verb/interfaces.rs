use std::io::{self, Write};
use std::net::IpAddr;

use anstyle::Style;
use cooee::interface::{Interface, LinkKind, LinkState, Selection, broadcast_address};
use serde::Serialize;

use crate::exit::{Exit, Failure};
use crate::value::ListFormat;

/// Lists the interfaces.
pub(crate) fn run(selection: &Selection, format: ListFormat) -> Result<Exit, Failure> {
    let interfaces = cooee::interfaces()
        .map_err(|error| Failure::refused(format!("listing the interfaces failed: {error}")))?;
    let rows: Vec<_> = interfaces.iter().map(|of| Row::new(of, &interfaces, selection)).collect();
    let written = match format {
        ListFormat::Table => table(&rows),
        ListFormat::Json => json(&rows),
    };
    written.or_else(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}

#[derive(Debug, Serialize)]
struct Row {
    index: u32,
    name: String,
    kind: &'static str,
    state: &'static str,
    addresses: Vec<String>,
    broadcasts: Vec<IpAddr>,
    used: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<&'static str>,
}

impl Row {
    fn new(of: &Interface, all: &[Interface], selection: &Selection) -> Self {
        let called = cooee::call_targets(all, selection, cooee::DEFAULT_PORT);
        let used = called.iter().any(|target| target.interface == Some(of.index));
        Self {
            index: of.index,
            name: of.name.clone(),
            kind: match of.kind {
                LinkKind::Broadcast => "broadcast",
                LinkKind::Loopback => "loopback",
                LinkKind::PointToPoint => "point-to-point",
            },
            state: match of.state {
                LinkState::Up => "up",
                LinkState::Down => "down",
                LinkState::NoCarrier => "no carrier",
            },
            addresses: of.addresses.iter().map(ToString::to_string).collect(),
            broadcasts: match of.kind {
                LinkKind::Loopback => Vec::new(),
                _ => of.ipv4().filter_map(broadcast_address).map(IpAddr::V4).collect(),
            },
            used,
            why_not: if used {
                None
            } else {
                selection.check(of).err().map(cooee::interface::Unused::as_str)
            },
        }
    }

    fn use_or_why_not(&self) -> String {
        match self.why_not {
            _ if self.used => "used".into(),
            Some(why) => format!("not used: {why}"),
            None => "not used".into(),
        }
    }
}

fn json(rows: &[Row]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, rows)?;
    writeln!(out)
}

const HEADER: Style = Style::new().bold();

fn table(rows: &[Row]) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    let width = |cell: fn(&Row) -> usize, least: usize| {
        rows.iter().map(cell).max().unwrap_or_default().max(least)
    };
    let name_width = width(|row| row.name.len(), 4);
    let use_width = width(|row| row.use_or_why_not().len(), 3);
    let address_width = width(|row| row.addresses.iter().map(String::len).max().unwrap_or(0), 7);
    let line = |index: &str, name: &str, kind: &str, state: &str, used: &str, address: &str| {
        format!(
            "{index:>5}  {name:<name_width$}  {kind:<14}  {state:<10}  {used:<use_width$}  \
             {address:<address_width$}"
        )
    };
    let header = line("INDEX", "NAME", "KIND", "STATE", "USE", "ADDRESS");
    writeln!(out, "{HEADER}{header}  BROADCAST{HEADER:#}")?;
    for row in rows {
        let index = row.index.to_string();
        let mut cells = (index.as_str(), row.name.as_str(), row.kind, row.state);
        let mut used = row.use_or_why_not();
        let mut broadcasts = row.broadcasts.iter();
        let nothing = [String::new()];
        let addresses = if row.addresses.is_empty() { &nothing } else { row.addresses.as_slice() };
        for address in addresses {
            let is_v4 = !address.contains(':');
            let broadcast = broadcasts.next().filter(|_| is_v4).map(ToString::to_string);
            let line = line(cells.0, cells.1, cells.2, cells.3, &used, address);
            let whole = format!("{line}  {}", broadcast.unwrap_or_default());
            writeln!(out, "{}", whole.trim_end())?;
            cells = ("", "", "", "");
            used.clear();
        }
    }
    Ok(())
}
