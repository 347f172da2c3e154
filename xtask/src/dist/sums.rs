//! The checksums of all files, as `sha256sum --check` reads them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

pub(super) const NAME: &str = "SHA256SUMS";

/// Writes those of the files in `directory` beside them.
pub(super) fn write(directory: &Path) -> Result<()> {
    let text: String =
        of(directory)?.into_iter().map(|(name, sum)| format!("{sum}  {name}\n")).collect();
    fs::write(directory.join(NAME), text).context("cannot write the checksums")
}

/// Whether the files in `directory` are those that its checksums name.
pub(super) fn check(directory: &Path) -> Result<()> {
    let file = directory.join(NAME);
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file:?}"))?;
    let objections = objections(&parse(&text)?, &of(directory)?);
    if !objections.is_empty() {
        bail!("{}", objections.join("\n"));
    }
    Ok(())
}

/// The checksums of the files in `directory`, by name, but for the file that lists them.
pub(super) fn of(directory: &Path) -> Result<BTreeMap<String, String>> {
    let mut sums = BTreeMap::new();
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list {directory:?}"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != NAME {
            sums.insert(name, hex(&fs::read(entry.path())?));
        }
    }
    Ok(sums)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        // To write to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    let pair = |line: &str| {
        let (sum, name) = line.split_once("  ")?;
        Some((name.to_owned(), sum.to_owned()))
    };
    text.lines().map(|line| pair(line).with_context(|| format!("no checksum: {line}"))).collect()
}

/// What differs between the checksums that were noted and those that are found.
pub(super) fn objections(
    noted: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut objections = Vec::new();
    for (name, sum) in noted {
        match found.get(name) {
            None => objections.push(format!("there is no {name}")),
            Some(other) if other != sum => objections.push(format!("{name} differs")),
            Some(_) => {}
        }
    }
    let unknown = found.keys().filter(|name| !noted.contains_key(*name));
    objections.extend(unknown.map(|name| format!("{name} is not listed")));
    objections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_right_until_a_file_changes() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path();
        fs::write(path.join("a"), "abc").expect("written");
        fs::write(path.join("b"), "").expect("written");
        write(path).expect("checksums");
        let text = fs::read_to_string(path.join(NAME)).expect("read");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(text.starts_with(&format!("{abc}  a\n")), "{text}");
        check(path).expect("nothing has changed");

        fs::write(path.join("a"), "abd").expect("written");
        fs::remove_file(path.join("b")).expect("removed");
        fs::write(path.join("c"), "").expect("written");
        let objection = check(path).expect_err("much has changed").to_string();
        assert_eq!(objection, "a differs\nthere is no b\nc is not listed");
    }

    #[test]
    fn lines_of_another_form_are_no_checksums() {
        assert!(parse("abc a").is_err());
    }
}
