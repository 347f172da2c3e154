//! A table as horizontal bars, for light and dark backgrounds.

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::{Table, number};

const WIDTH: u32 = 860;
const ROW: u32 = 30;
const MARGIN: u32 = 34;
const NAMES: i32 = 320;
const BARS: f64 = 430.0;
/// Legible on white and on black.
const INK: RGBColor = RGBColor(128, 128, 128);
const OURS: RGBColor = RGBColor(38, 139, 210);
const THEIRS: RGBColor = RGBColor(203, 122, 50);

/// Bars of the medians, with a line from the least to the greatest. The axis is logarithmic when
/// the values span more than a factor of thirty.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn svg(table: &Table) -> Result<String> {
    let mut picture = String::new();
    let height = 2 * MARGIN + ROW * table.rows.len() as u32;
    {
        let area = SVGBackend::with_string(&mut picture, (WIDTH, height)).into_drawing_area();
        let scale = Scale::of(table);
        let size = |points: u32| ("sans-serif", points).into_font().color(&INK);
        let kind = if scale.is_logarithmic { ", logarithmic" } else { "" };
        let heading = format!("{} ({}{kind})", table.title, table.unit);
        let draw = |text: &str, style: TextStyle<'_>, at| {
            area.draw_text(text, &style, at).map_err(|error| anyhow!("{error}"))
        };
        draw(&heading, size(15), (8, 8))?;
        let right = Pos::new(HPos::Right, VPos::Center);
        let left = Pos::new(HPos::Left, VPos::Center);
        for (n, row) in table.rows.iter().enumerate() {
            let middle = (MARGIN + ROW * n as u32 + ROW / 2) as i32;
            let name = row.name.replace('`', "");
            let is_ours = name.contains("cooee");
            draw(&name, size(13).pos(right), (NAMES - 8, middle))?;
            let x = |value| NAMES + (BARS * scale.part(value)) as i32;
            let spread = &row.spread;
            let color = if is_ours { OURS } else { THEIRS };
            let bar = [(NAMES, middle - 8), (x(spread.median).max(NAMES + 1), middle + 8)];
            area.draw(&Rectangle::new(bar, color.filled())).map_err(|e| anyhow!("{e}"))?;
            let range = vec![(x(spread.least), middle), (x(spread.greatest), middle)];
            area.draw(&PathElement::new(range, INK.stroke_width(2))).map_err(|e| anyhow!("{e}"))?;
            let end = x(spread.greatest.max(spread.median)) + 6;
            draw(&number(spread.median), size(13).pos(left), (end, middle))?;
        }
        area.present().map_err(|error| anyhow!("{error}"))?;
    }
    Ok(picture)
}

struct Scale {
    least: f64,
    greatest: f64,
    is_logarithmic: bool,
}

impl Scale {
    fn of(table: &Table) -> Self {
        let all = || table.rows.iter().flat_map(|row| [row.spread.median, row.spread.greatest]);
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
        for part in ["Time (ms, logarithmic)", "cooee &amp; co", "theirs", "0.5", "5,000"] {
            assert!(picture.contains(part), "{part} is not in {picture}");
        }
        assert_eq!(picture.matches("<rect").count(), 2);
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
