//! What happens to servers, on standard output.

use std::io::{self, Write};

use cooee::{Presence, Scheme};
use serde::Serialize;

use super::json::Record;
use super::table::Columns;

/// Prints what happens to servers.
pub(crate) trait Events {
    /// Takes one event.
    fn event(&mut self, event: &Presence) -> io::Result<()>;
}

/// One object a line, each written at once.
pub(super) struct EventLines<W> {
    pub(super) out: W,
    pub(super) scheme: Option<Scheme>,
}

#[derive(Serialize)]
struct Event {
    event: &'static str,
    id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    server: Record,
}

impl<W: Write> Events for EventLines<W> {
    fn event(&mut self, event: &Presence) -> io::Result<()> {
        let line = Event {
            event: event.as_str(),
            id: event.id(),
            why: why(event),
            server: Record::new(event.server(), self.scheme),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

/// How it is known that the server is gone.
pub(super) fn why(event: &Presence) -> Option<&'static str> {
    match event {
        Presence::Gone { why, .. } => Some(why.as_str()),
        _ => None,
    }
}

/// Enough for the widest event.
const EVENT: usize = "gone (goodbye)".len();

/// One line for each event.
pub(super) struct EventRows<W> {
    pub(super) out: W,
    pub(super) scheme: Option<Scheme>,
    pub(super) columns: Columns,
}

impl<W: Write> Events for EventRows<W> {
    fn event(&mut self, event: &Presence) -> io::Result<()> {
        let is_first = self.columns.is_empty();
        let row = self.columns.row(event.server(), self.scheme);
        if is_first {
            writeln!(self.out, "{:<EVENT$}  {}", "EVENT", self.columns.header())?;
        }
        let what = event.as_str();
        let what = why(event).map_or(what.to_owned(), |why| format!("{what} ({why})"));
        writeln!(self.out, "{what:<EVENT$}  {row}")?;
        self.out.flush()
    }
}
