//! The table of who is there, on a terminal.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use anstyle::Style;
use cooee::{Presence, Scheme, Server};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::events::{Events, why};
use super::table::Columns;
use crate::phrase::count;

const HEADER: Style = Style::new().bold();
const GONE: Style = Style::new().dimmed();

/// Servers that are there, in the order in which they were found, and below them the last that are
/// gone. Drawn anew with each event and at no other time.
pub(super) struct Live {
    bar: ProgressBar,
    scheme: Option<Scheme>,
    has_colours: bool,
    there: BTreeMap<u64, Server>,
    gone: VecDeque<(Server, &'static str)>,
    columns: Columns,
}

impl Live {
    /// Servers that are gone, of which the last are shown.
    const GONE_SHOWN: usize = 5;

    pub(super) fn new(scheme: Option<Scheme>) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
        if let Ok(style) = ProgressStyle::with_template("{msg}") {
            bar.set_style(style);
        }
        let colours = anstream::AutoStream::choice(&io::stdout());
        let mut live = Self {
            bar,
            scheme,
            has_colours: colours != anstream::ColorChoice::Never,
            there: BTreeMap::new(),
            gone: VecDeque::new(),
            columns: Columns::default(),
        };
        live.draw();
        live
    }

    fn note(&mut self, event: &Presence) {
        let server = event.server().clone();
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

    fn draw(&mut self) {
        let (columns, scheme) = (&mut self.columns, self.scheme);
        let there: Vec<_> = self.there.values().map(|it| columns.row(it, scheme)).collect();
        let gone: Vec<_> =
            self.gone.iter().map(|(it, why)| (columns.row(it, scheme), *why)).collect();
        let mut lines = Vec::new();
        if !there.is_empty() || !gone.is_empty() {
            lines.push(self.styled(HEADER, &self.columns.header()));
        }
        lines.extend(there);
        lines.extend(
            gone.iter().map(|(row, why)| self.styled(GONE, &format!("{row}  (gone: {why})"))),
        );
        let servers = count(self.there.len() as u64, "server");
        lines.push(format!("watching: {servers}; Ctrl-C ends it"));
        self.bar.set_message(lines.join("\n"));
        self.bar.force_draw();
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.has_colours { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

impl Events for Live {
    fn event(&mut self, event: &Presence) -> io::Result<()> {
        self.note(event);
        self.draw();
        Ok(())
    }
}

/// Leaves the table as it is, and the cursor below it.
impl Drop for Live {
    fn drop(&mut self) {
        self.bar.abandon();
    }
}
