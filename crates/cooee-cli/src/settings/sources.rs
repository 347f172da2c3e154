use std::fmt;
use std::path::{Path, PathBuf};

/// The sources of settings besides the command line.
///
/// Printed when settings do not work together: the error does not know where each was made.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    used: Vec<String>,
    passed_over: Vec<PathBuf>,
}

impl Sources {
    pub(crate) fn add_variable(&mut self, name: &str) {
        let source = format!("environment variable {name}");
        if !self.used.contains(&source) {
            self.used.push(source);
        }
    }

    pub(crate) fn add_file(&mut self, path: &Path) {
        self.used.push(format!("file {}", path.display()));
    }

    /// Notes a file that others may have written.
    pub(crate) fn pass_over(&mut self, path: &Path) {
        self.passed_over.push(path.into());
    }

    /// The files that were not read.
    pub(crate) fn passed_over(&self) -> &[PathBuf] {
        &self.passed_over
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }
}

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings also come from {}", self.used.join(", "))
    }
}
