use std::fmt;
use std::path::Path;

/// The sources of settings besides the command line.
///
/// Printed when settings do not work together: the error does not know where each was made.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<String>);

impl Sources {
    pub(crate) fn add_variable(&mut self, name: &str) {
        let source = format!("environment variable {name}");
        if !self.0.contains(&source) {
            self.0.push(source);
        }
    }

    pub(crate) fn add_file(&mut self, path: &Path) {
        self.0.push(format!("file {}", path.display()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "settings also come from {}", self.0.join(", "))
    }
}
