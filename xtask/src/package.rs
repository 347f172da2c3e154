//! The crates that are published: they build from their packages, which say what they must.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::inputs::Inputs;
use crate::report::{Report, Strictness};
use crate::workspace::{PUBLISHED, Workspace};

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

/// Checks them, unless they passed before with the same inputs.
pub(crate) fn part(workspace: &Workspace, report: &mut Report) {
    report.part("packages", &inputs(workspace), |report| run(workspace, report));
}

fn inputs(workspace: &Workspace) -> Inputs {
    let root = workspace.shell().current_dir();
    let sources = Inputs::of_crates(&root, PUBLISHED).files(&root, &LICENCES);
    // What git ignores is not packaged.
    let sources = sources.files(&root, &[".gitignore"]);
    let config = home::cargo_home().map(|home| std::fs::read_to_string(home.join("config.toml")));
    // There may be none.
    let config = config.and_then(|read| read).unwrap_or_default();
    let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.current_dir(&root).arg("--version");
    sources.text(&config).output(&mut workspace.cargo(["--version"])).output(&mut rustc)
}

fn run(workspace: &Workspace, report: &mut Report) {
    let target_dir = workspace.target().join("package-check");
    if !report.prepare("crates of the lock file", &mut workspace.cargo(["fetch", "--locked"])) {
        return;
    }
    let home = target_dir.join("cargo-home");
    if let Err(error) = set_up_home(&home) {
        return report.judge("home of cargo", || Err(error));
    }
    // The index would be read once more for each crate, and a busy one would fail the check.
    let mut package = workspace.cargo(["package", "--locked", "--offline", "--allow-dirty"]);
    package.env("CARGO_HOME", &home).arg("--target-dir");
    package.arg(&target_dir).args(PUBLISHED.iter().flat_map(|name| ["--package", name]));
    if report.prepare("packages", &mut package) {
        let packages = target_dir.join("package");
        report.judge("contents of packages", || judge(workspace, &packages));
    }
}

/// Makes a home of cargo that shares what was downloaded, and in which no crate is unpacked yet.
///
/// In the usual home cargo keeps the crates that it unpacked from its temporary registry, by
/// their version and the registry's path: the next `cargo package` at that path, perhaps in
/// another clone, would build against the sources of the last.
fn set_up_home(home: &Path) -> Result<()> {
    let usual = home::cargo_home().context("cannot find the home of cargo")?;
    match std::fs::remove_dir_all(home) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(home.join("registry")),
    }
    .with_context(|| format!("cannot empty {home:?}"))?;
    for shared in ["config.toml", "registry/cache", "registry/index"] {
        if usual.join(shared).exists() {
            link(&usual.join(shared), &home.join(shared))
                .with_context(|| format!("cannot link to {shared} of {usual:?}"))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(windows)]
fn link(original: &Path, link: &Path) -> io::Result<()> {
    if original.is_dir() {
        std::os::windows::fs::symlink_dir(original, link)
    } else {
        std::os::windows::fs::symlink_file(original, link)
    }
}

fn judge(workspace: &Workspace, packages: &Path) -> Result<()> {
    let root = workspace.shell().current_dir();
    let mut objections = Vec::new();
    for name in PUBLISHED {
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
    fn what_it_reads_can_be_read() {
        let workspace = Workspace::locate().expect("a workspace");
        assert!(inputs(&workspace).key().is_some());
    }

    #[test]
    fn what_was_unpacked_before_is_gone() {
        let directory = tempfile::tempdir().expect("a directory");
        let unpacked = directory.path().join("registry/src/-0123456789abcdef/cooee-core-0.1.0");
        std::fs::create_dir_all(&unpacked).expect("a directory");
        set_up_home(directory.path()).expect("a home");
        assert!(!unpacked.exists());
        assert!(directory.path().join("registry").is_dir());
        set_up_home(directory.path()).expect("links are taken away, not what they lead to");
        let usual = home::cargo_home().expect("a home");
        let shared = |home: &Path| home.join("registry/cache").exists();
        assert_eq!(shared(directory.path()), shared(&usual));
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
