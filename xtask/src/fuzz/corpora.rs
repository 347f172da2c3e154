use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Where inputs are.
pub(super) struct Corpora {
    /// Those of the repository, a directory for each target.
    pub(super) kept: PathBuf,
    /// Those that the fuzzers have found here.
    pub(super) found: PathBuf,
}

impl Corpora {
    /// The targets of these names, or all.
    pub(super) fn chosen(&self, names: &[String]) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.kept).context("cannot list the corpus")?;
        let mut all: Vec<String> = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        all.sort();
        if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
            bail!("there is no target {unknown}; there are {}", all.join(", "));
        }
        Ok(if names.is_empty() { all } else { names.to_vec() })
    }

    pub(super) fn kept(&self, target: &str) -> PathBuf {
        self.kept.join(target)
    }

    pub(super) fn found(&self, target: &str) -> PathBuf {
        self.found.join(target)
    }
}
