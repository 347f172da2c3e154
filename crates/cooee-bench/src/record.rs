//! The files that are written: the figures, the document and the pictures.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::report::{Report, Table};
use crate::{document, plot, summary};

/// The figures of the last runs, of which a new run replaces some.
pub struct Record {
    root: PathBuf,
    report: Report,
}

impl Record {
    const FIGURES: &str = "benchmarks/latest.json";
    const DOCUMENT: &str = "BENCHMARKS.md";

    /// Reads the figures of this repository; none if there are none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let report = match fs::read_to_string(root.join(Self::FIGURES)) {
            Ok(text) => serde_json::from_str(&text).context(Self::FIGURES)?,
            Err(error) if error.kind() == ErrorKind::NotFound => Report::default(),
            Err(error) => return Err(error).context(Self::FIGURES),
        };
        Ok(Self { root, report })
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.report.tables.get(name)
    }

    /// Adds a table, or replaces the one of this name.
    pub fn put(&mut self, name: &str, table: Table) {
        self.report.tables.insert(name.to_owned(), table);
    }

    /// Writes the figures, and renders them.
    ///
    /// # Errors
    /// As [`render`](Self::render), or when the figures cannot be written.
    pub fn write(&self) -> Result<()> {
        let figures = serde_json::to_string_pretty(&self.report)? + "\n";
        fs::write(self.root.join(Self::FIGURES), figures).context(Self::FIGURES)?;
        self.render()
    }

    /// Draws every picture, and puts the summary and every table into the document, which has a
    /// place for each.
    ///
    /// # Errors
    /// When a place is missing, or a file cannot be read or written.
    pub fn render(&self) -> Result<()> {
        let path = self.root.join(Self::DOCUMENT);
        let mut text = fs::read_to_string(&path).context(Self::DOCUMENT)?;
        let mut put = |name: &str, section: &str| {
            let replaced = document::replace(&text, name, section);
            let missing = || format!("{} has no place for {name}", Self::DOCUMENT);
            text = replaced.with_context(missing)?;
            anyhow::Ok(())
        };
        put("summary", &summary::summary(&self.report))?;
        for (name, table) in &self.report.tables {
            let picture = format!("benchmarks/{name}.svg");
            fs::write(self.root.join(&picture), plot::svg(table)?).context(picture.clone())?;
            put(name, &format!("{}\n![{}]({picture})\n", document::table(table), table.title))?;
        }
        fs::write(path, text).context(Self::DOCUMENT)
    }
}
