//! Draws rows of a terminal as an SVG that needs nothing from anywhere else.

use std::fmt::Write;

use super::terminal::{Cell, Colour, Style};

/// The size of a character's cell, and the margin around all of them, in pixels.
const CELL: (f64, f64) = (7.8, 18.0);
const MARGIN: f64 = 14.0;

/// Follows the reader's colour scheme where the program that shows it knows one.
const STYLE: &str = "
  text { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #24292f; white-space: pre }
  rect { fill: #f6f8fa; stroke: #d0d7de }
  .bold { font-weight: bold }
  .red { fill: #b3261e }
  .yellow { fill: #7d5700 }
  @media (prefers-color-scheme: dark) {
    text { fill: #d7dde3 }
    rect { fill: #161b22; stroke: #3d444d }
    .red { fill: #ff7b72 }
    .yellow { fill: #e3b341 }
  }
";

/// A picture of these rows.
pub(super) fn draw(rows: &[Vec<Cell>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = (columns as f64).mul_add(CELL.0, 2.0 * MARGIN).ceil();
    let height = (rows.len() as f64).mul_add(CELL.1, 2.0 * MARGIN).ceil();
    let texts: String = (1..).zip(rows).map(|(number, row)| draw_row(number, row)).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"cooee find in a terminal\">\n\
         <style>{STYLE}</style>\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n{texts}</svg>\n",
        width - 1.0,
        height - 1.0,
    )
}

/// A text for each run of words that look alike. Each has its place and length, so that columns
/// stand below each other whatever the font is.
fn draw_row(number: usize, row: &[Cell]) -> String {
    let y = MARGIN + CELL.1 * (number as f64 - 0.3);
    let mut texts = String::new();
    let mut column = 0;
    for run in row.chunk_by(|(_, style), (_, next)| style == next) {
        let text: String = run.iter().map(|(c, _)| c).collect();
        for (start, words) in words(&text) {
            let (x, length) = ((column + start) as f64 * CELL.0 + MARGIN, words.chars().count());
            let _ = writeln!(
                texts,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\"{}>{}</text>",
                length as f64 * CELL.0,
                class(run[0].1),
                escaped(words),
            );
        }
        column += run.len();
    }
    texts
}

/// The parts of a text between two or more blanks, each with the column in which it begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut column = 0;
    text.split("  ").filter_map(move |part| {
        let (before, start) = (part.len() - part.trim_start().len(), column);
        column += part.chars().count() + 2;
        let part = part.trim();
        (!part.is_empty()).then_some((start + before, part))
    })
}

fn class(style: Style) -> String {
    let colour = match style.colour {
        Colour::Plain => None,
        Colour::Red => Some("red"),
        Colour::Yellow => Some("yellow"),
    };
    let classes: Vec<_> = style.bold.then_some("bold").into_iter().chain(colour).collect();
    if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_columns() {
        let found: Vec<_> = words("a b   c  ").collect();
        assert_eq!(found, [(0, "a b"), (6, "c")]);
    }

    #[test]
    fn a_picture_has_each_text_in_its_place() {
        let bold = Style { bold: true, ..Style::default() };
        let row: Vec<Cell> = "A  <b>".chars().map(|c| (c, bold)).collect();
        let picture = draw(&[row]);
        assert_eq!(picture.matches("<text").count(), 2, "{picture}");
        assert!(picture.contains("<text x=\"14.0\" y=\"26.6\" textLength=\"7.8\""), "{picture}");
        assert!(picture.contains("<text x=\"37.4\""), "{picture}");
        assert!(picture.contains("class=\"bold\">&lt;b&gt;</text>"), "{picture}");
    }
}
