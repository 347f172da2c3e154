use std::io::{self, Write};
use std::net::IpAddr;

use anstyle::Style;
use cooee::interface::{Interface, LinkKind, Selection, broadcast_address};
use serde::Serialize;

use super::interface_names::{refuse_unknown, warn_of_unknown};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::value::ListFormat;

/// Lists the interfaces.
pub(crate) fn run(
    selection: &Selection,
    format: ListFormat,
    console: Console,
) -> Result<Exit, Failure> {
    let interfaces = cooee::interfaces()
        .map_err(|error| Failure::refused(format!("listing the interfaces failed: {error}")))?;
    refuse_unknown(selection, &interfaces)?;
    warn_of_unknown(selection, &interfaces, console);
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
    role: &'static str,
    state: &'static str,
    addresses: Vec<String>,
    broadcasts: Vec<IpAddr>,
    used: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<&'static str>,
}

impl Row {
    fn new(of: &Interface, all: &[Interface], selection: &Selection) -> Self {
        let called = cooee::broadcast_addresses(all, selection);
        let has_broadcast = called.iter().any(|(index, _)| *index == of.index);
        let has_group = of.link_local().is_some() && selection.check(of).is_ok();
        let used = has_broadcast || has_group;
        Self {
            index: of.index,
            name: of.name.clone(),
            kind: of.kind.as_str(),
            role: of.role.as_str(),
            state: of.state.as_str(),
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

    /// The kind, and the role if it is special.
    fn kind_and_role(&self) -> String {
        match self.role {
            "ordinary" => self.kind.into(),
            role => format!("{}, {role}", self.kind),
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
    let kind_width = width(|row| row.kind_and_role().len(), 4);
    let state_width = width(|row| row.state.len(), 5);
    let use_width = width(|row| row.use_or_why_not().len(), 3);
    let address_width = width(|row| row.addresses.iter().map(String::len).max().unwrap_or(0), 7);
    let line = |index: &str, name: &str, kind: &str, state: &str, used: &str, address: &str| {
        format!(
            "{index:>5}  {name:<name_width$}  {kind:<kind_width$}  {state:<state_width$}  {used:<use_width$}  \
             {address:<address_width$}"
        )
    };
    let header = line("INDEX", "NAME", "KIND", "STATE", "USE", "ADDRESS");
    writeln!(out, "{HEADER}{header}  BROADCAST{HEADER:#}")?;
    for row in rows {
        let index = row.index.to_string();
        let kind = row.kind_and_role();
        let mut cells = (index.as_str(), row.name.as_str(), kind.as_str(), row.state);
        let mut used = row.use_or_why_not();
        let mut broadcasts = row.broadcasts.iter();
        let none = [String::new()];
        let addresses = if row.addresses.is_empty() { &none[..] } else { &row.addresses };
        for address in addresses {
            let is_v4 = address.contains('.');
            let broadcast = if is_v4 { broadcasts.next().map(ToString::to_string) } else { None };
            let line = line(cells.0, cells.1, cells.2, cells.3, &used, address);
            let whole = format!("{line}  {}", broadcast.unwrap_or_default());
            writeln!(out, "{}", whole.trim_end())?;
            cells = ("", "", "", "");
            used.clear();
        }
    }
    Ok(())
}
