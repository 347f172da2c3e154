//! The table of who is there, on a terminal.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anstyle::Style;
use cooee::{Presence, Scheme, Server};

use super::events::{Events, why};
use super::screen::{Screen, Size};
use super::table::Columns;
use crate::console::Drawn;
use crate::phrase::count;
use crate::signals;

const HEADER: Style = Style::new().bold();
const GONE: Style = Style::new().dimmed();

/// The table, which is drawn anew with each event, and when the terminal has another size.
pub(super) struct Live {
    table: Arc<Mutex<Table>>,
    /// Messages stand above it.
    _drawn: Drawn,
}

impl Live {
    /// An empty one, if standard output is a terminal on which it can be drawn.
    pub(super) fn on_stdout(scheme: Option<Scheme>) -> Option<Self> {
        let table = Table::new(Screen::of_stdout()?, scheme);
        let table = Arc::new(Mutex::new(table));
        // What cannot be written now is told with the first event.
        let _ = lock(&table).draw();
        let resized = Arc::clone(&table);
        signals::on_resize(move || {
            let _ = lock(&resized).draw();
        });
        let written_over = Arc::clone(&table);
        let drawn = Drawn::new(move |work| lock(&written_over).aside(work));
        Some(Self { table, _drawn: drawn })
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Events for Live {
    fn event(&mut self, event: &Presence) -> io::Result<()> {
        let mut table = lock(&self.table);
        table.note(event);
        table.draw()
    }
}

/// Servers that are there, in the order in which they were found, and below them the last that are
/// gone, as far as there is room.
struct Table {
    screen: Screen,
    scheme: Option<Scheme>,
    has_colours: bool,
    there: BTreeMap<u64, Server>,
    gone: VecDeque<(Server, &'static str)>,
    columns: Columns,
}

impl Table {
    /// Servers that are gone, of which the last are shown.
    const GONE_SHOWN: usize = 5;

    fn new(screen: Screen, scheme: Option<Scheme>) -> Self {
        let colours = anstream::AutoStream::choice(&io::stdout());
        Self {
            screen,
            scheme,
            has_colours: colours != anstream::ColorChoice::Never,
            there: BTreeMap::new(),
            gone: VecDeque::new(),
            columns: Columns::default(),
        }
    }

    fn note(&mut self, event: &Presence) {
        let server = event.server().clone();
        self.columns.fit(&server);
        match why(event) {
            None => drop(self.there.insert(event.id(), server)),
            Some(why) => {
                self.there.remove(&event.id());
                self.gone.push_front((server, why));
                self.gone.truncate(Self::GONE_SHOWN);
            }
        }
        let address = event.server().to_string();
        if why(event).is_none() {
            // One that has come back is not gone.
            self.gone.retain(|(gone, _)| gone.to_string() != address);
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let size = self.screen.size();
        let lines = self.lines(size);
        self.screen.draw(&lines, size)
    }

    /// Takes the table away during `work`, which writes to the terminal.
    fn aside(&mut self, work: &mut dyn FnMut()) {
        // What cannot be written now is told with the next event.
        let _ = self.screen.clear(self.screen.size());
        work();
        let _ = self.draw();
    }

    fn lines(&self, size: Size) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.there.is_empty() || !self.gone.is_empty() {
            lines.push(self.styled(HEADER, &self.columns.header_within(size.columns)));
        }
        let row = |it, state: &str| self.columns.row_within(size.columns, it, self.scheme, state);
        let room = Room::new(size.rows, self.there.len(), self.gone.len());
        lines.extend(self.there.values().take(room.there).map(|it| row(it, "")));
        if room.more > 0 {
            lines.push(format!("… and {} more (--format ndjson lists all)", room.more));
        }
        let gone = self.gone.iter().take(room.gone);
        lines.extend(gone.map(|(it, why)| self.styled(GONE, &row(it, &format!("gone ({why})  ")))));
        let servers = count(self.there.len() as u64, "server");
        lines.push(format!("watching: {servers}; Ctrl-C ends it"));
        lines
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.has_colours { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// How many servers are shown.
#[derive(Debug, PartialEq, Eq)]
struct Room {
    there: usize,
    /// Those that are there and not shown.
    more: usize,
    gone: usize,
}

impl Room {
    /// The header, the last line, and the cursor below it.
    const OTHER_ROWS: usize = 3;

    fn new(rows: usize, there: usize, gone: usize) -> Self {
        let rows = rows.saturating_sub(Self::OTHER_ROWS);
        if there <= rows {
            return Self { there, more: 0, gone: gone.min(rows - there) };
        }
        let shown = rows.saturating_sub(1);
        Self { there: shown, more: there - shown, gone: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_have_no_room_are_counted() {
        let room = |there, more, gone| Room { there, more, gone };
        assert_eq!(Room::new(10, 3, 2), room(3, 0, 2));
        assert_eq!(Room::new(10, 6, 5), room(6, 0, 1));
        assert_eq!(Room::new(10, 7, 5), room(7, 0, 0));
        assert_eq!(Room::new(10, 8, 5), room(6, 2, 0));
        assert_eq!(Room::new(1, 8, 5), room(0, 8, 0));
        assert_eq!(Room::new(0, 0, 0), room(0, 0, 0));
    }
}
