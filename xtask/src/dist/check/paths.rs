//! Whether a program tells where it was built.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use zip::ZipArchive;

/// What of this machine `program` names: where the sources were, which are in `root`, or those of the
/// crates.
pub(super) fn objections(root: &Path, program: &[u8]) -> Vec<String> {
    let home = home::cargo_home().ok();
    let directories = [Some(root.to_owned()), home].into_iter().flatten();
    let named = directories.filter(|directory| contains(program, directory));
    named.map(|directory| format!("it names {}", directory.display())).collect()
}

/// The same for each file in each of these wheels.
pub(super) fn of_wheels(root: &Path, wheels: &[PathBuf]) -> Result<()> {
    let mut all = Vec::new();
    for wheel in wheels {
        let found = of_wheel(root, wheel).with_context(|| format!("cannot read {wheel:?}"))?;
        all.extend(found.iter().map(|objection| format!("{}: {objection}", wheel.display())));
    }
    if !all.is_empty() {
        bail!("{}", all.join("\n"));
    }
    Ok(())
}

fn of_wheel(root: &Path, wheel: &Path) -> Result<Vec<String>> {
    let mut archive = ZipArchive::new(File::open(wheel)?)?;
    let mut all = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        let found = objections(root, &content);
        all.extend(found.iter().map(|objection| format!("{name}: {objection}")));
    }
    Ok(all)
}

fn contains(program: &[u8], directory: &Path) -> bool {
    let name = directory.as_os_str().as_encoded_bytes();
    !name.is_empty() && program.windows(name.len()).any(|part| part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_names_the_sources_is_refused() {
        let root = Path::new("/where/it/was");
        assert!(objections(root, b"panicked at src/main.rs").is_empty());
        let found = objections(root, b"panicked at /where/it/was/src/main.rs");
        assert_eq!(found, ["it names /where/it/was"]);
    }
}
