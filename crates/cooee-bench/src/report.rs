//! The figures, as `benchmarks/latest.json` has them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::spread::Spread;

/// All tables, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Report {
    /// The tables.
    pub tables: BTreeMap<String, Table>,
}

/// One kind of figure, of all who were measured in turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What was measured.
    pub title: String,
    /// In what, for instance `ms`.
    pub unit: String,
    /// The day, as `2026-11-24`.
    pub date: String,
    /// On what machine.
    pub machine: String,
    /// A row for each contestant.
    pub rows: Vec<Row>,
    /// What must be.
    pub checks: Vec<Check>,
}

/// One contestant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name, as Markdown.
    pub name: String,
    /// What it showed.
    #[serde(flatten)]
    pub spread: Spread,
}

/// A figure that has a limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What it is.
    pub what: String,
    /// What it was.
    pub value: f64,
    /// What it must be.
    pub limit: Limit,
}

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

impl Table {
    /// What the row called `name` has.
    ///
    /// # Panics
    /// When there is none.
    pub fn spread(&self, name: &str) -> Spread {
        let row = self.rows.iter().find(|row| row.name == name);
        row.unwrap_or_else(|| panic!("no row is called {name}")).spread
    }

    /// The median of the row called `name`.
    ///
    /// # Panics
    /// When there is none.
    pub fn median(&self, name: &str) -> f64 {
        self.spread(name).median
    }

    /// Demands that `value` keeps to `limit`.
    pub fn check(&mut self, what: impl Into<String>, value: f64, limit: Limit) {
        self.checks.push(Check { what: what.into(), value, limit });
    }
}

impl Check {
    /// Whether it is what it must be.
    pub fn is_met(&self) -> bool {
        match self.limit {
            Limit::AtMost(most) => self.value <= most,
            Limit::AtLeast(least) => self.value >= least,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "≤ {}", number(*most)),
            Self::AtLeast(least) => write!(f, "≥ {}", number(*least)),
        }
    }
}

/// A number for people: three digits that count, and commas between thousands.
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude >= 1000.0 {
        return thousands(value.round() as i64);
    }
    let decimals = if value.fract() == 0.0 {
        0
    } else {
        (2 - magnitude.log10().floor() as i32).clamp(0, 9) as usize
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_that_count() {
        let shown =
            [0.0, 5.0, 0.001_234_5, 0.5, 3.333_3, 99.95, 412.6, 10_000.0, 1_234_567.8].map(number);
        assert_eq!(
            shown,
            ["0", "5", "0.00123", "0.5", "3.33", "100", "413", "10,000", "1,234,568"]
        );
    }

    #[test]
    fn a_limit_may_be_reached_and_not_passed() {
        let check = |value, limit| Check { what: String::new(), value, limit }.is_met();
        assert!(check(1.0, Limit::AtMost(1.0)) && check(1.0, Limit::AtLeast(1.0)));
        assert!(!check(1.1, Limit::AtMost(1.0)) && !check(0.9, Limit::AtLeast(1.0)));
        assert!(!check(f64::NAN, Limit::AtMost(1.0)) && !check(f64::NAN, Limit::AtLeast(1.0)));
    }

    #[test]
    fn json_has_all_of_it() {
        let mut table = Table {
            title: "t".into(),
            unit: "ms".into(),
            date: "2026-01-02".into(),
            machine: "m".into(),
            rows: vec![Row { name: "a".into(), spread: Spread::of([1.0, 2.0, 3.0]) }],
            checks: Vec::new(),
        };
        table.check("a", table.median("a"), Limit::AtLeast(1.5));
        let report = Report { tables: [("x".to_owned(), table)].into() };
        let text = serde_json::to_string(&report).expect("plain data");
        assert!(text.contains(r#""name":"a","median":2.0,"least":1.0,"greatest":3.0,"runs":3"#));
        assert_eq!(serde_json::from_str::<Report>(&text).expect("what was written"), report);
    }
}
