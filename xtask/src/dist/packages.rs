//! Packages for Debian and for rpm, of the command for Linux.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};

use super::archive::{File, Kind};
use super::documents::{Documents, Shell, within};
use super::release::Release;
use super::target::{Architecture, Target};
use crate::report::Report;
use crate::workspace::Workspace;

/// What makes packages of files, by name and version.
const TOOLS: [(&str, &str); 2] = [("cargo-deb", "3.8.0"), ("cargo-generate-rpm", "0.21.1")];

/// The programs that make packages.
pub(super) struct Packagers {
    deb: PathBuf,
    rpm: PathBuf,
}

impl Packagers {
    /// Those in `directory`, which are compiled if they are not there.
    pub(super) fn install(
        workspace: &Workspace,
        directory: &Path,
        report: &mut Report,
    ) -> Option<Self> {
        let mut programs = Vec::new();
        for (name, version) in TOOLS {
            let root = directory.join(format!("{name}-{version}"));
            let program = root.join("bin").join(name);
            let mut install = workspace.cargo(["install", "--locked", "--quiet"]);
            // To compile them takes longer than what they do.
            install.args(["--profile", "dev", name, "--version", version, "--root"]).arg(&root);
            if !program.is_file() && !report.prepare(name, &mut install) {
                return None;
            }
            programs.push(program);
        }
        let [deb, rpm] = programs.try_into().ok()?;
        Some(Self { deb, rpm })
    }

    pub(super) fn deb(&self, stage: &Path, package: &Path, target: &Target) -> Command {
        let mut command = Command::new(&self.deb);
        command.args(["--no-build", "--no-strip", "--quiet", "--target", target.triple]);
        command.arg("--manifest-path").arg(stage.join("Cargo.toml"));
        command.arg("--output").arg(package);
        command
    }

    pub(super) fn rpm(&self, stage: &Path, package: &Path, of: &Architecture) -> Command {
        let mut command = Command::new(&self.rpm);
        command.current_dir(stage).args(["--arch", of.rpm, "--payload-compress", "gzip"]);
        command.arg("--output").arg(package);
        command
    }
}

/// Writes what the packages are made of into `stage`, in place of what was there.
pub(super) fn stage(stage: &Path, root: &Path, files: &[File]) -> Result<()> {
    // That there was no stage before is fine.
    let _ = fs::remove_dir_all(stage);
    for file in files {
        write(stage, file)?;
    }
    let read = |name: &str| {
        let path = root.join("packaging/linux").join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {path:?}"))
    };
    let manifest = read("package.toml")?.replace("{version}", Release::VERSION);
    let mut licence = read("copyright")?;
    let mit = fs::read_to_string(root.join("LICENSE-MIT")).context("cannot read LICENSE-MIT")?;
    licence.push_str(&paragraph(&mit));
    for file in [
        File::text("Cargo.toml", manifest),
        File::text("copyright", licence),
        File::text("root/etc/default/cooee", read("default")?),
        // It is not built; cargo wants it to be there.
        File::text("src/main.rs", "fn main() {}\n"),
    ] {
        write(stage, &file)?;
    }
    // Cargo-deb has its own scripts for units only if there might be others.
    fs::create_dir_all(stage.join("scripts"))?;
    Ok(())
}

fn write(stage: &Path, file: &File) -> Result<()> {
    let path = stage.join(&file.path);
    let directory = path.parent().context("a file is in a directory")?;
    fs::create_dir_all(directory)?;
    fs::write(&path, &file.bytes).with_context(|| format!("cannot write {path:?}"))
}

/// The files of the packages as they are installed, but for settings.
pub(super) fn installed(
    documents: &Documents,
    program: Vec<u8>,
    licences: &str,
) -> Result<Vec<File>> {
    let doc = "root/usr/share/doc/cooee";
    let mut files = vec![
        File { path: "root/usr/bin/cooee".to_owned(), kind: Kind::Program, bytes: program },
        File::text(format!("{doc}/{}", Documents::THIRD_PARTY), licences),
    ];
    for page in &documents.pages {
        let path = format!("root/usr/share/man/man1/{}.gz", page.path);
        files.push(File::text(path, gz(&page.bytes)?));
    }
    for (shell, script) in &documents.completions {
        files.extend(completions(*shell).map(|path| File::text(path, script.bytes.clone())));
    }
    for text in &documents.texts {
        let licence = Documents::LICENCES.contains(&text.path.as_str());
        files.push(within(if licence { "licences" } else { doc }, text));
    }
    files.extend(documents.units.iter().map(|unit| within("units", unit)));
    Ok(files)
}

/// Where the shell looks for completions. There is no such place for PowerShell.
fn completions(shell: Shell) -> Option<&'static str> {
    Some(match shell {
        Shell::Bash => "root/usr/share/bash-completion/completions/cooee",
        Shell::Fish => "root/usr/share/fish/vendor_completions.d/cooee.fish",
        Shell::Zsh => "root/usr/share/zsh/vendor-completions/_cooee",
        Shell::Powershell => return None,
    })
}

fn gz(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gz = GzBuilder::new().write(Vec::new(), Compression::best());
    gz.write_all(bytes)?;
    Ok(gz.finish()?)
}

/// A text as a field of Debian's files has it: indented, with a point for an empty line.
fn paragraph(text: &str) -> String {
    let line = |line: &str| {
        let line = line.trim_end();
        if line.is_empty() { " .\n".to_owned() } else { format!(" {line}\n") }
    };
    text.trim().lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_does_not_end_a_field() {
        assert_eq!(paragraph("a\n\nb \n"), " a\n .\n b\n");
    }
}
