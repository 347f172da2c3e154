//! The crates that are published: they build from their packages, which say what they must.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::report::{Report, Strictness};
use crate::workspace::Workspace;

/// In the order in which they are published: each builds on those before it.
const CRATES: [&str; 4] = ["cooee-core", "cooee-udp", "cooee", "cooee-cli"];
/// That of the whole workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
/// What the manifest in a package has to say.
const KEYS: [&str; 7] =
    ["description", "readme", "license", "repository", "keywords", "categories", "rust-version"];

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    run(workspace, &mut report);
    report.finish()
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let target_dir = workspace.target().join("package-check");
    if !report.prepare("crates of the lock file", &mut workspace.cargo(["fetch", "--locked"])) {
        return;
    }
    // The index would be read once more for each crate, and a busy one would fail the check.
    let mut package = workspace.cargo(["package", "--locked", "--offline", "--allow-dirty"]);
    package.arg("--target-dir");
    package.arg(&target_dir).args(CRATES.iter().flat_map(|name| ["--package", name]));
    if report.prepare("packages", &mut package) {
        let packages = target_dir.join("package");
        report.judge("contents of packages", || judge(workspace, &packages));
    }
}

fn judge(workspace: &Workspace, packages: &Path) -> Result<()> {
    let root = workspace.shell().current_dir();
    let mut objections = Vec::new();
    for name in CRATES {
        let file = packages.join(format!("{name}-{VERSION}.crate"));
        let packed = |path: &str| {
            let mut tar = Command::new("tar");
            tar.arg("-xzOf").arg(&file).arg(format!("{name}-{VERSION}/{path}"));
            let output = tar.output().context("cannot run tar")?;
            Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into()))
        };
        let source = |path: &str| {
            let file = if LICENCES.contains(&path) {
                root.join(path)
            } else {
                root.join("crates").join(name).join(path)
            };
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {file:?}"))
        };
        let found = self::objections(packed, source)?;
        objections.extend(found.into_iter().map(|objection| format!("{name}: {objection}")));
    }
    if !objections.is_empty() {
        bail!("{}", objections.join("\n"));
    }
    Ok(())
}

/// What is wrong with a package. `packed` reads a file in it, `source` what that file must say.
fn objections(
    packed: impl Fn(&str) -> Result<Option<String>>,
    source: impl Fn(&str) -> Result<String>,
) -> Result<Vec<String>> {
    let mut objections = Vec::new();
    for path in LICENCES.into_iter().chain(["README.md"]) {
        match packed(path)? {
            None => objections.push(format!("there is no {path}")),
            Some(text) if text != source(path)? => {
                objections.push(format!("{path} says something else than the repository's"));
            }
            Some(_) => {}
        }
    }
    let manifest = packed("Cargo.toml")?.context("there is no Cargo.toml")?;
    let says = |key: &str| {
        manifest.lines().any(|line| {
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    let silent = KEYS.iter().filter(|key| !says(key));
    objections.extend(silent.map(|key| format!("the manifest has no {key}")));
    Ok(objections)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "description = \"d\"\nreadme = \"README.md\"\nlicense = \"MIT\"\n\
        repository = \"r\"\nkeywords = [\n\"k\",\n]\ncategories = [\"c\"]\nrust-version = \"1\"\n";

    fn found(packed: impl Fn(&str) -> Option<String>) -> Vec<String> {
        objections(|path| Ok(packed(path)), |path| Ok(path.to_owned())).expect("readable")
    }

    #[test]
    fn a_complete_package_is_fine() {
        let packed = |path: &str| {
            Some(if path == "Cargo.toml" { MANIFEST.to_owned() } else { path.to_owned() })
        };
        assert_eq!(found(packed), [""; 0]);
    }

    #[test]
    fn what_is_missing_or_different_is_named() {
        let packed = |path: &str| match path {
            "Cargo.toml" => Some(MANIFEST.replace("keywords", "# keywords")),
            "README.md" => None,
            "LICENSE-MIT" => Some("../../LICENSE-MIT".to_owned()),
            other => Some(other.to_owned()),
        };
        let expected = [
            "LICENSE-MIT says something else than the repository's",
            "there is no README.md",
            "the manifest has no keywords",
        ];
        assert_eq!(found(packed), expected);
    }
}
