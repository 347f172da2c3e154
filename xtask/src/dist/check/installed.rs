//! Packages, installed where nothing of this system changes.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::dist::release::Release;
use crate::dist::target::Architecture;
use crate::report::Report;
use crate::setup;
use crate::workspace::Workspace;

const DEB: &str = include_str!("deb.sh");
const RPM: &str = include_str!("rpm.sh");

/// What either package installs, apart from where units and zsh's completions go.
const FILES: [&str; 7] = [
    "/etc/default/cooee",
    "/usr/bin/cooee",
    "/usr/share/bash-completion/completions/cooee",
    "/usr/share/doc/cooee/README.md",
    "/usr/share/doc/cooee/THIRD-PARTY.txt",
    "/usr/share/fish/vendor_completions.d/cooee.fish",
    "/usr/share/man/man1/cooee-serve.1.gz",
];
const UNITS: [&str; 2] = ["cooee.service", "cooee.socket"];

/// The package of this machine's architecture is installed and answers; of another one the files
/// are listed.
pub(super) fn deb(
    workspace: &Workspace,
    dist: &Path,
    architecture: &Architecture,
    scratch: &Path,
    report: &mut Report,
) {
    let name = architecture.deb(Release::VERSION);
    let package = dist.join(&name);
    let missing = setup::for_packages(workspace);
    if !missing.is_empty() {
        return report.skip(1, missing);
    }
    report.judge(&format!("contents of {name}"), || {
        let mut list = Command::new("dpkg-deb");
        let list = output(list.arg("--contents").arg(&package))?;
        expect(&list, "/usr/share/zsh/vendor-completions/_cooee")
    });
    if architecture.rpm != std::env::consts::ARCH {
        return;
    }
    let directory = scratch.join("deb");
    let mut install = script(DEB, &package, &directory);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    let made = fs::create_dir_all(&directory).context("there is no directory to install into");
    match made {
        Ok(()) => report.check(&format!("installation of {name}"), &mut install),
        Err(error) => report.judge(&name, || Err(error)),
    }
}

/// Installed into a directory of its own, whatever the architecture.
pub(super) fn rpm(
    workspace: &Workspace,
    dist: &Path,
    architecture: &Architecture,
    scratch: &Path,
    report: &mut Report,
) {
    let name = architecture.rpm(Release::VERSION);
    let missing = setup::for_packages(workspace);
    if !missing.is_empty() {
        // That of Debian's package says so already.
        return report.skip(1, []);
    }
    let directory = scratch.join(architecture.rpm).join("rpm");
    report.judge(&format!("installation of {name}"), || {
        fs::create_dir_all(&directory)?;
        let list = output(&mut script(RPM, &dist.join(&name), &directory))?;
        expect(&list, "/usr/share/zsh/site-functions/_cooee")
    });
}

/// Runs in a mount namespace of its own.
fn script(text: &str, package: &Path, directory: &Path) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--propagation", "private", "sh", "-c", text, "sh"]);
    unshare.arg(package).arg(directory);
    unshare
}

fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {text}{errors}");
    Ok(text)
}

/// Whether the list has all files of a package.
fn expect(list: &str, completions: &str) -> Result<()> {
    let has = |file: &str| list.lines().any(|line| line.ends_with(file));
    let missing = FILES.iter().chain([&completions]).filter(|file| !has(file));
    let mut missing: Vec<_> = missing.copied().collect();
    missing.extend(UNITS.iter().filter(|unit| !has(&format!("/systemd/system/{unit}"))));
    ensure!(missing.is_empty(), "the package lacks {}: {list}", missing.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_is_named() {
        let mut list = FILES.join("\n") + "\n/usr/share/zsh/_cooee\n";
        list += "/lib/systemd/system/cooee.service\n";
        let objection = expect(&list, "/usr/share/zsh/_cooee").expect_err("a unit is missing");
        assert!(objection.to_string().starts_with("the package lacks cooee.socket: "));
        list += "/lib/systemd/system/cooee.socket\n";
        expect(&list, "/usr/share/zsh/_cooee").expect("nothing is missing");
    }
}
