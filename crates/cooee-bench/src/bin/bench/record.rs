//! The files that are written: the figures, the document and the pictures.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use cooee_bench::report::{Report, Table};
use cooee_bench::{document, plot};

/// The figures of the last runs, of which this one replaces some.
pub(crate) struct Record {
    root: PathBuf,
    report: Report,
    fresh: Vec<&'static str>,
}

impl Record {
    const FIGURES: &str = "benchmarks/latest.json";
    const DOCUMENT: &str = "BENCHMARKS.md";

    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let report = match fs::read_to_string(root.join(Self::FIGURES)) {
            Ok(text) => serde_json::from_str(&text).unwrap(),
            Err(error) if error.kind() == ErrorKind::NotFound => Report::default(),
            Err(error) => panic!("{}: {error}", Self::FIGURES),
        };
        Self { root, report, fresh: Vec::new() }
    }

    pub(crate) fn put(&mut self, name: &'static str, table: Table) {
        self.report.tables.insert(name.to_owned(), table);
        self.fresh.push(name);
    }

    /// Writes what is new. The document has a place for each table.
    pub(crate) fn write(&mut self) {
        let figures = serde_json::to_string_pretty(&self.report).unwrap() + "\n";
        fs::write(self.root.join(Self::FIGURES), figures).unwrap();
        let path = self.root.join(Self::DOCUMENT);
        let mut text = fs::read_to_string(&path).unwrap();
        for name in self.fresh.drain(..) {
            let table = &self.report.tables[name];
            let picture = format!("benchmarks/{name}.svg");
            fs::write(self.root.join(&picture), plot::svg(table).unwrap()).unwrap();
            let section = format!("{}\n![{}]({picture})\n", document::table(table), table.title);
            let replaced = document::replace(&text, name, &section);
            text = replaced.unwrap_or_else(|| panic!("{} has no place for {name}", Self::DOCUMENT));
        }
        fs::write(path, text).unwrap();
    }
}
