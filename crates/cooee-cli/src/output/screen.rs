//! Lines at the bottom of a terminal that are replaced by others.

use std::io;

use console::{Term, measure_text_width, truncate_str};

/// How many rows a terminal has, and how many columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// What was drawn last, and where. The cursor is below it.
pub(super) struct Screen {
    term: Term,
    /// How wide each line was drawn.
    drawn: Vec<usize>,
}

impl Screen {
    /// Standard output, if that is a terminal on which the cursor can be moved.
    pub(super) fn of_stdout() -> Option<Self> {
        let term = Term::buffered_stdout();
        let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        (term.is_term() && !is_dumb).then_some(Self { term, drawn: Vec::new() })
    }

    /// That of now. The last row is the cursor's.
    pub(super) fn size(&self) -> Size {
        let (rows, columns) = self.term.size();
        Size { rows: usize::from(rows).max(1), columns: usize::from(columns).max(1) }
    }

    /// Replaces what was drawn by these lines, as far as there is room.
    ///
    /// A line takes one row, however wide the terminal believes its characters to be: it is cut, and does
    /// not wrap.
    pub(super) fn draw(&mut self, lines: &[String], size: Size) -> io::Result<()> {
        self.take_back(size)?;
        let fit = lines.iter().take(size.rows - 1);
        let fit: Vec<_> = fit.map(|line| truncate_str(line, size.columns, "…")).collect();
        let (keep, wrap) = if cfg!(windows) { ("", "") } else { ("\x1b[?7l", "\x1b[?7h") };
        let mut text: String = keep.into();
        fit.iter().for_each(|line| text.extend([line.as_ref(), "\r\n"]));
        text.push_str(wrap);
        self.term.write_str(&text)?;
        self.drawn = fit.iter().map(|line| measure_text_width(line)).collect();
        self.term.flush()
    }

    /// Takes away what was drawn, for others to write there.
    pub(super) fn clear(&mut self, size: Size) -> io::Result<()> {
        self.take_back(size)?;
        self.term.flush()
    }

    fn take_back(&mut self, size: Size) -> io::Result<()> {
        let above = rows_of(&self.drawn, size.columns).min(size.rows - 1);
        // Nothing moves by none: terminals take 0 for 1.
        if above > 0 {
            self.term.move_cursor_up(above)?;
        }
        self.drawn.clear();
        self.term.write_str("\r")?;
        self.term.clear_to_end_of_screen()
    }
}

/// The rows that lines of these widths take once a terminal has so many columns: most break lines anew
/// when they get narrower.
fn rows_of(widths: &[usize], columns: usize) -> usize {
    widths.iter().map(|width| width.div_ceil(columns).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_were_drawn_wider_take_more_rows_of_a_narrow_terminal() {
        assert_eq!(rows_of(&[], 80), 0);
        assert_eq!(rows_of(&[0, 1, 80], 80), 3);
        assert_eq!(rows_of(&[0, 1, 80], 40), 4);
        assert_eq!(rows_of(&[80], 200), 1);
    }
}
