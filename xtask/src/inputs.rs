//! What a part of the tests reads, as one number.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;
use std::process::Command;

/// The inputs of a part: equal ones have equal keys.
///
/// The hash is for accidents, of which 64 bits are enough; nobody forges sources to skip a test.
#[derive(Clone)]
pub(crate) struct Inputs {
    /// Nothing when an input cannot be read.
    hasher: Option<DefaultHasher>,
}

impl Inputs {
    /// What every part reads: how it is built, and what runs and judges it.
    const ALWAYS: [&str; 5] =
        [".cargo", "Cargo.toml", "Cargo.lock", "xtask/Cargo.toml", "xtask/src"];
    /// What tests of crates read beside the crates.
    const OF_CRATES: [&str; 2] = ["SECURITY.md", "docs"];
    const FLAGS: [&str; 2] = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"];

    pub(crate) fn new() -> Self {
        Self { hasher: Some(DefaultHasher::new()) }
    }

    /// Those of a part of the workspace at `root` that reads these `paths` of it too.
    pub(crate) fn of_part(root: &Path, paths: &[&str]) -> Self {
        let files = Self::new().files(root, &Self::ALWAYS).files(root, paths);
        let flags = Self::FLAGS.map(|name| std::env::var(name).unwrap_or_default());
        flags.iter().fold(files, |inputs, flag| inputs.text(flag))
    }

    /// Those of a part that builds or tests crates of the workspace at `root`.
    pub(crate) fn of_crates<'a>(root: &Path, crates: impl IntoIterator<Item = &'a str>) -> Self {
        let directory = |name| format!("crates/{name}");
        crates.into_iter().fold(Self::of_part(root, &Self::OF_CRATES), |inputs, name| {
            inputs.files(root, &[&directory(name)])
        })
    }

    /// Files and directories with all that is in them, below `root`.
    pub(crate) fn files(mut self, root: &Path, paths: &[&str]) -> Self {
        for path in paths {
            let hashed = self.hasher.as_mut().map(|hasher| hash(root, Path::new(path), hasher));
            if !matches!(hashed, Some(Ok(()))) {
                self.hasher = None;
            }
        }
        self
    }

    /// What a program prints, usually its version.
    pub(crate) fn output(mut self, command: &mut Command) -> Self {
        match (command.output(), self.hasher.as_mut()) {
            (Ok(output), Some(hasher)) if output.status.success() => output.stdout.hash(hasher),
            _ => self.hasher = None,
        }
        self
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        if let Some(hasher) = &mut self.hasher {
            text.hash(hasher);
        }
        self
    }

    /// Nothing when an input could not be read.
    pub(crate) fn key(&self) -> Option<String> {
        self.hasher.as_ref().map(|hasher| format!("{:016x}", hasher.finish()))
    }
}

fn hash(root: &Path, path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let full = root.join(path);
    path.hash(hasher);
    if !full.is_dir() {
        fs::read(full)?.hash(hasher);
        return Ok(());
    }
    let mut names = fs::read_dir(full)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    // Without the number, files could move from one directory to the next unseen.
    names.len().hash(hasher);
    names.into_iter().try_for_each(|name| hash(root, &path.join(name), hasher))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_tells_contents_names_and_places() {
        let root = tempfile::tempdir().expect("a directory");
        let path = |name: &str| root.path().join(name);
        let key = || Inputs::new().files(root.path(), &["sources"]).key();
        fs::create_dir_all(path("sources/deep")).expect("made");
        fs::write(path("sources/a"), "1").expect("written");
        let first = key();
        assert!(first.is_some());
        assert_eq!(key(), first);

        fs::write(path("sources/a"), "2").expect("written");
        let changed = key();
        assert_ne!(changed, first);
        fs::rename(path("sources/a"), path("sources/deep/a")).expect("moved");
        assert_ne!(key(), changed);
        fs::rename(path("sources/deep/a"), path("sources/b")).expect("moved");
        assert_ne!(key(), changed);
        fs::rename(path("sources/b"), path("sources/a")).expect("moved");
        assert_eq!(key(), changed);
        fs::write(path("sources/deep/new"), "").expect("written");
        assert_ne!(key(), changed);
    }

    #[test]
    fn what_cannot_be_read_has_no_key() {
        let root = tempfile::tempdir().expect("a directory");
        assert_eq!(Inputs::new().files(root.path(), &["absent"]).key(), None);
        assert_eq!(Inputs::new().output(&mut Command::new("no-such-program")).key(), None);
        assert_ne!(Inputs::new().text("a").key(), Inputs::new().text("b").key());
    }
}
