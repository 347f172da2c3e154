use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use cargo_metadata::{MetadataCommand, Package};

use super::graph::{Crate, Graph};
use crate::workspace::Workspace;

/// What cargo knows of the crates in a graph.
pub(super) struct Crates {
    packages: BTreeMap<Crate, Package>,
    /// SHA-256, as the lock file has them.
    checksums: BTreeMap<Crate, String>,
}

impl Crates {
    pub(super) fn read(workspace: &Workspace, graph: &Graph) -> Result<Self> {
        let root = workspace.shell().current_dir();
        let mut metadata = MetadataCommand::new();
        metadata.manifest_path(root.join("Cargo.toml")).other_options(["--locked".to_owned()]);
        let metadata = metadata.exec().context("cannot read the metadata of the crates")?;
        let mut packages = BTreeMap::new();
        for package in metadata.packages {
            let found =
                Crate { name: package.name.to_string(), version: package.version.to_string() };
            if graph.edges.contains_key(&found) {
                packages.insert(found, package);
            }
        }
        let lock = fs::read_to_string(root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
        Ok(Self { packages, checksums: checksums(&lock)? })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Crate, &Package)> {
        self.packages.iter()
    }

    pub(super) fn checksum(&self, of: &Crate) -> Option<&str> {
        self.checksums.get(of).map(String::as_str)
    }

    /// Those that are not of this workspace.
    pub(super) fn foreign(&self) -> impl Iterator<Item = (&Crate, &Package)> {
        self.iter().filter(|(_, package)| package.source.is_some())
    }
}

/// The licence as SPDX writes it: older crates separate the choices by a slash.
pub(super) fn licence(package: &Package) -> Option<String> {
    Some(package.license.as_ref()?.replace('/', " OR ").replace("  ", " "))
}

/// The files of a crate that say under which licences it is, by name.
pub(super) fn licence_files(package: &Package) -> Result<Vec<PathBuf>> {
    const STEMS: [&str; 5] = ["licen", "copying", "copyright", "notice", "unlicense"];
    let directory = package.manifest_path.parent().context("a manifest is in a directory")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if entry.file_type()?.is_file() && STEMS.iter().any(|stem| name.starts_with(stem)) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn checksums(lock: &str) -> Result<BTreeMap<Crate, String>> {
    let lock: toml::Table = lock.parse().context("Cargo.lock is no TOML")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let packages = packages.context("Cargo.lock has no packages")?;
    let found = packages.iter().filter_map(|package| {
        let text = |key| package.get(key)?.as_str().map(str::to_owned);
        Some((Crate { name: text("name")?, version: text("version")? }, text("checksum")?))
    });
    Ok(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_the_workspace_have_no_checksum() {
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\
            [[package]]\nname = \"b\"\nversion = \"2.0.0\"\nchecksum = \"00ff\"\n";
        let b = Crate { name: "b".to_owned(), version: "2.0.0".to_owned() };
        let expected = BTreeMap::from([(b, "00ff".to_owned())]);
        assert_eq!(checksums(lock).expect("a lock file"), expected);
    }
}
