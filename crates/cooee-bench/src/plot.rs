//! A table as horizontal bars, for light and dark backgrounds.

use std::fmt::Display;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::{Row, Table, number};

const WIDTH: u32 = 860;
const ROW: i32 = 30;
/// Above the rows: the heading, the legend, and the name of the vertical axis.
const HEAD: i32 = 78;
/// Below the rows: the ticks, and the name of the horizontal axis.
const FOOT: i32 = 48;
/// A character of a row's name, at the most.
const LETTER: i32 = 7;
/// Right of the bars: the longest figure.
const FIGURE: i32 = 110;
/// Legible on white and on black.
const INK: RGBColor = RGBColor(128, 128, 128);
const OURS: RGBColor = RGBColor(38, 139, 210);
const THEIRS: RGBColor = RGBColor(203, 122, 50);

/// Bars of the medians, with a line from the least to the greatest, two labelled axes and a
/// legend. The axis of values is logarithmic when they span more than a factor of thirty.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn svg(table: &Table) -> Result<String> {
    let mut svg = String::new();
    let bottom = HEAD + ROW * table.rows.len() as i32;
    let size = (WIDTH, (bottom + FOOT) as u32);
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    let letters = table.rows.iter().map(|row| row.name.chars().count() as i32);
    let left = 16 + LETTER * letters.max().unwrap_or(0);
    let picture = Picture { area, scale: Scale::of(table), left, bottom };
    picture.text(&table.title, 15, HPos::Left, (8, 16))?;
    picture.legend(table)?;
    picture.axes(&table.unit)?;
    for (n, row) in table.rows.iter().enumerate() {
        picture.row(row, HEAD + ROW * n as i32 + ROW / 2)?;
    }
    picture.area.present().map_err(failed)?;
    drop(picture);
    Ok(svg)
}

fn failed(error: impl Display) -> anyhow::Error {
    anyhow!("{error}")
}

fn is_ours(row: &Row) -> bool {
    row.name.contains("cooee")
}

/// What the values are, with their unit.
fn quantity(unit: &str) -> String {
    match unit {
        "%" => "servers found, %".to_owned(),
        "servers" => "servers found".to_owned(),
        "MiB" => "memory, MiB".to_owned(),
        "ms" | "µs" => format!("time, {unit}"),
        rate => format!("rate, {rate}"),
    }
}

struct Picture<'p> {
    area: DrawingArea<SVGBackend<'p>, Shift>,
    scale: Scale,
    /// Where the bars begin, and the axis of names is.
    left: i32,
    /// Where the rows end, and the axis of values is.
    bottom: i32,
}

impl Picture<'_> {
    fn text(&self, text: &str, size: u32, side: HPos, at: (i32, i32)) -> Result<()> {
        let style = ("sans-serif", size).into_font().color(&INK).pos(Pos::new(side, VPos::Center));
        self.area.draw_text(text, &style, at).map_err(failed)
    }

    fn line(&self, from: (i32, i32), to: (i32, i32), width: u32) -> Result<()> {
        let line = PathElement::new(vec![from, to], INK.stroke_width(width));
        self.area.draw(&line).map_err(failed)
    }

    fn bar(&self, color: RGBColor, corners: [(i32, i32); 2]) -> Result<()> {
        self.area.draw(&Rectangle::new(corners, color.filled())).map_err(failed)
    }

    /// Which colour is whose, and what the line is.
    fn legend(&self, table: &Table) -> Result<()> {
        const MIDDLE: i32 = 40;
        let mut left = 8;
        for (name, color, ours) in
            [("Cooee, median", OURS, true), ("others, median", THEIRS, false)]
        {
            if table.rows.iter().any(|row| is_ours(row) == ours) {
                self.bar(color, [(left, MIDDLE - 6), (left + 18, MIDDLE + 6)])?;
                self.text(name, 12, HPos::Left, (left + 24, MIDDLE))?;
                left += 130;
            }
        }
        self.line((left, MIDDLE), (left + 18, MIDDLE), 2)?;
        self.text("minimum to maximum", 12, HPos::Left, (left + 24, MIDDLE))
    }

    fn axes(&self, unit: &str) -> Result<()> {
        let right = self.x(self.scale.greatest);
        self.line((self.left, HEAD), (self.left, self.bottom), 1)?;
        self.line((self.left, self.bottom), (right, self.bottom), 1)?;
        for tick in self.scale.ticks() {
            let x = self.x(tick);
            self.line((x, self.bottom), (x, self.bottom + 4), 1)?;
            self.text(&number(tick), 11, HPos::Center, (x, self.bottom + 13))?;
        }
        let kind = if self.scale.is_logarithmic { " (logarithmic scale)" } else { "" };
        let middle = i32::midpoint(self.left, right);
        self.text(
            &format!("{}{kind}", quantity(unit)),
            12,
            HPos::Center,
            (middle, self.bottom + 34),
        )?;
        self.text("contestant", 12, HPos::Right, (self.left - 8, HEAD - 12))
    }

    fn row(&self, row: &Row, middle: i32) -> Result<()> {
        let spread = &row.spread;
        self.text(&row.name.replace('`', ""), 13, HPos::Right, (self.left - 8, middle))?;
        let color = if is_ours(row) { OURS } else { THEIRS };
        let end = self.x(spread.median).max(self.left + 1);
        self.bar(color, [(self.left, middle - 8), (end, middle + 8)])?;
        self.line((self.x(spread.least), middle), (self.x(spread.greatest), middle), 2)?;
        let after = self.x(spread.greatest.max(spread.median)) + 6;
        self.text(&number(spread.median), 13, HPos::Left, (after, middle))
    }

    fn x(&self, value: f64) -> i32 {
        let longest = WIDTH as i32 - FIGURE - self.left;
        self.left + (f64::from(longest) * self.scale.part(value)) as i32
    }
}

struct Scale {
    least: f64,
    greatest: f64,
    is_logarithmic: bool,
}

impl Scale {
    fn of(table: &Table) -> Self {
        let ends = |row: &Row| [row.spread.least, row.spread.greatest];
        let all = || table.rows.iter().flat_map(ends);
        let greatest = all().fold(0.0, f64::max);
        let least = all().filter(|&value| value > 0.0).fold(greatest, f64::min);
        Self { least, greatest, is_logarithmic: greatest > 30.0 * least }
    }

    /// Where on the axis a value is, from 0 to 1.
    fn part(&self, value: f64) -> f64 {
        if value <= 0.0 || self.greatest <= 0.0 {
            return 0.0;
        }
        if !self.is_logarithmic {
            return value / self.greatest;
        }
        // The least value has a bar too.
        let origin = self.least / 2.0;
        ((value / origin).ln() / (self.greatest / origin).ln()).max(0.0)
    }

    /// Round values along the axis: powers of ten, or four to eight steps from zero.
    fn ticks(&self) -> Vec<f64> {
        if self.greatest <= 0.0 {
            return vec![0.0];
        }
        let reached = self.greatest * (1.0 + 1e-9);
        if self.is_logarithmic {
            let first = (self.least / 2.0).log10().ceil() as i32;
            let powers = (first..).map(|power| 10_f64.powi(power));
            return powers.take_while(|&tick| tick <= reached).collect();
        }
        let power = 10_f64.powf((self.greatest / 4.0).log10().floor());
        let steps = [5.0, 2.0, 1.0].map(|factor| factor * power);
        let step = steps.into_iter().find(|step| step * 4.0 <= reached).unwrap_or(power);
        (0..).map(|n| f64::from(n) * step).take_while(|&tick| tick <= reached).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Row;
    use crate::spread::Spread;

    fn of(rows: &[(&str, f64)]) -> Table {
        let row = |&(name, value): &(&str, f64)| Row {
            name: name.to_owned(),
            spread: Spread::of([value]),
        };
        Table {
            title: "Time".into(),
            unit: "ms".into(),
            date: String::new(),
            machine: String::new(),
            rows: rows.iter().map(row).collect(),
            checks: Vec::new(),
        }
    }

    #[test]
    fn a_picture_has_all_names_and_values() {
        let picture = svg(&of(&[("`cooee` & co", 0.5), ("theirs", 5000.0)])).expect("drawn");
        for part in ["Time", "cooee &amp; co", "theirs", "0.5", "5,000"] {
            assert!(picture.contains(part), "{part} is not in {picture}");
        }
    }

    #[test]
    fn a_picture_has_labelled_axes_and_a_legend() {
        let picture = svg(&of(&[("cooee", 0.5), ("theirs", 5000.0)])).expect("drawn");
        for part in [
            "time, ms (logarithmic scale)",
            "contestant",
            "Cooee, median",
            "others, median",
            "minimum to maximum",
            "1,000",
        ] {
            assert!(picture.contains(part), "{part} is not in {picture}");
        }
        let alone = svg(&of(&[("cooee", 0.5)])).expect("drawn");
        assert!(!alone.contains("others") && !alone.contains("logarithmic"), "{alone}");
    }

    #[test]
    fn ticks_are_round_and_on_the_axis() {
        let ticks = |values: &[f64]| {
            let rows: Vec<_> = values.iter().map(|&value| ("a", value)).collect();
            Scale::of(&of(&rows)).ticks()
        };
        assert_eq!(ticks(&[0.0]), [0.0]);
        assert_eq!(ticks(&[37.9]), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0]);
        assert_eq!(ticks(&[100.0]), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(&[2_074.0]), [0.0, 500.0, 1_000.0, 1_500.0, 2_000.0]);
        assert_eq!(ticks(&[0.516, 5_007.0]), [1.0, 10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn the_axis_is_logarithmic_when_it_must_be() {
        assert!(Scale::of(&of(&[("a", 1.0), ("b", 31.0)])).is_logarithmic);
        let linear = Scale::of(&of(&[("a", 10.0), ("b", 20.0), ("c", 0.0)]));
        assert!(!linear.is_logarithmic);
        assert_eq!([0.0, 10.0, 20.0].map(|value| linear.part(value)), [0.0, 0.5, 1.0]);
    }

    #[test]
    fn nothing_found_is_no_bar() {
        let scale = Scale::of(&of(&[("a", 0.0)]));
        assert_eq!(scale.part(0.0), 0.0);
    }
}
