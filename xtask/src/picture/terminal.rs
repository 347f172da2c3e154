//! As much of a terminal as the command makes use of: a bold and a coloured text, and a line that
//! is drawn again and again.

/// The colours that the command uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Colour {
    #[default]
    Plain,
    Red,
    Yellow,
}

/// How a character looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) colour: Colour,
}

/// A character, and how it looks.
pub(super) type Cell = (char, Style);

/// What has been printed.
#[derive(Debug)]
pub(super) struct Screen {
    columns: usize,
    rows: Vec<Vec<Cell>>,
    row: usize,
    column: usize,
    style: Style,
}

impl Screen {
    pub(super) fn new(columns: usize) -> Self {
        Self { columns, rows: vec![vec![]], row: 0, column: 0, style: Style::default() }
    }

    /// Prints text with the control sequences of a terminal; those it does not know do nothing.
    pub(super) fn print(&mut self, text: &str) {
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '\r' => self.column = 0,
                '\n' => self.go_to(self.row + 1),
                '\x1b' if rest.as_str().starts_with('[') => {
                    let sequence = &rest.as_str()[1..];
                    let Some(end) = sequence.find(|c: char| ('@'..='~').contains(&c)) else {
                        return;
                    };
                    let (arguments, then) = sequence.split_at(end);
                    self.control(arguments, then.as_bytes()[0]);
                    rest = then[1..].chars();
                }
                c if c.is_control() => {}
                c => self.put(c),
            }
        }
    }

    fn go_to(&mut self, row: usize) {
        self.row = row;
        if self.rows.len() <= row {
            self.rows.resize(row + 1, vec![]);
        }
    }

    fn put(&mut self, c: char) {
        if self.column == self.columns {
            self.column = 0;
            self.go_to(self.row + 1);
        }
        let row = &mut self.rows[self.row];
        if row.len() <= self.column {
            row.resize(self.column + 1, (' ', Style::default()));
        }
        row[self.column] = (c, self.style);
        self.column += 1;
    }

    fn control(&mut self, arguments: &str, what: u8) {
        let number = arguments.parse().unwrap_or(0);
        match what {
            b'm' => arguments.split(';').for_each(|code| self.restyle(code)),
            b'A' => self.row = self.row.saturating_sub(number.max(1)),
            b'B' => self.go_to(self.row + number.max(1)),
            b'K' if number == 2 => self.rows[self.row].clear(),
            b'K' if number == 0 => self.rows[self.row].truncate(self.column),
            _ => {}
        }
    }

    fn restyle(&mut self, code: &str) {
        match code {
            "1" => self.style.bold = true,
            "31" => self.style.colour = Colour::Red,
            "33" => self.style.colour = Colour::Yellow,
            "" | "0" => self.style = Style::default(),
            _ => {}
        }
    }

    /// The rows, without the blanks at their ends and without empty rows at the end.
    pub(super) fn into_rows(mut self) -> Vec<Vec<Cell>> {
        for row in &mut self.rows {
            let length = row.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
            row.truncate(length);
        }
        let length = self.rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1);
        self.rows.truncate(length);
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let mut screen = Screen::new(10);
        screen.print(text);
        screen.into_rows().iter().map(|row| row.iter().map(|(c, _)| c).collect()).collect()
    }

    #[test]
    fn a_line_that_is_drawn_again_leaves_nothing_behind() {
        assert_eq!(shown("searching\r\x1b[2Kfound\r\n"), ["found"]);
        assert_eq!(shown("one\r\ntwo\x1b[1A\r\x1b[K1\r\n"), ["1", "two"]);
        assert_eq!(shown("0123456789a"), ["0123456789", "a"]);
        assert_eq!(shown("\x1b[?25lno cursor\x07"), ["no cursor"]);
    }

    #[test]
    fn bold_and_colours_end_where_they_are_reset() {
        let mut screen = Screen::new(80);
        screen.print("\x1b[1m\x1b[33mw\x1b[0m.");
        let warning = Style { bold: true, colour: Colour::Yellow };
        assert_eq!(screen.into_rows(), [[('w', warning), ('.', Style::default())]]);
    }
}
