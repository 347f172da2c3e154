//! What comes with the command.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::archive::{File, Kind};
use super::target::{System, Target};

/// Manual pages, completions, and what the repository has to be read, for all systems.
pub(super) struct Documents {
    /// `cooee.1` and those of the verbs, by file name.
    pub(super) pages: Vec<File>,
    pub(super) completions: Vec<(Shell, File)>,
    pub(super) texts: Vec<File>,
    /// Units for systemd.
    pub(super) units: Vec<File>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    const ALL: [Self; 4] = [Self::Bash, Self::Fish, Self::Powershell, Self::Zsh];

    /// Its name for `cooee completions`.
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }

    /// The file's name as the shell looks for it.
    fn file(self) -> &'static str {
        match self {
            Self::Bash => "cooee.bash",
            Self::Fish => "cooee.fish",
            Self::Powershell => "_cooee.ps1",
            Self::Zsh => "_cooee",
        }
    }
}

impl Documents {
    pub(super) const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
    pub(super) const THIRD_PARTY: &str = "THIRD-PARTY.txt";

    /// Has `command`, which runs here, write its pages into `directory`, and its completions.
    pub(super) fn make(root: &Path, command: &Path, directory: &Path) -> Result<Self> {
        let read = |path: &Path, name: &str| -> Result<File> {
            let bytes = fs::read(path).with_context(|| format!("cannot read {path:?}"))?;
            Ok(File::text(name, bytes))
        };
        let mut completions = Vec::new();
        for shell in Shell::ALL {
            let script = output(command, &["completions".as_ref(), shell.name().as_ref()])?;
            completions.push((shell, File::text(shell.file(), script)));
        }
        let mut texts = vec![
            read(&root.join("crates/cooee-cli/README.md"), "README.md")?,
            read(&root.join("CHANGELOG.md"), "CHANGELOG.md")?,
        ];
        for name in Self::LICENCES {
            texts.push(read(&root.join(name), name)?);
        }
        let units = ["cooee.service", "cooee.socket"]
            .map(|name| read(&root.join("packaging/systemd").join(name), name));
        Ok(Self {
            pages: pages(command, directory)?,
            completions,
            texts,
            units: units.into_iter().collect::<Result<_>>()?,
        })
    }

    /// What the archive for `target` holds, with the command and the licences of its crates.
    pub(super) fn archived(&self, target: &Target, command: Vec<u8>, licences: &str) -> Vec<File> {
        let program =
            File { path: target.program().to_owned(), kind: Kind::Program, bytes: command };
        let mut files = vec![program, File::text(Self::THIRD_PARTY, licences)];
        files.extend(self.texts.iter().cloned());
        files.extend(self.completions.iter().map(|(_, file)| within("completions", file)));
        files.extend(self.pages.iter().map(|page| within("man/man1", page)));
        if target.system == System::Linux {
            files.extend(self.units.iter().map(|unit| within("systemd", unit)));
        }
        files
    }
}

fn pages(command: &Path, directory: &Path) -> Result<Vec<File>> {
    // That there are none of an earlier build is fine.
    let _ = fs::remove_dir_all(directory);
    fs::create_dir_all(directory)?;
    output(command, &["man".as_ref(), directory.as_os_str()])?;
    let mut pages = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        pages.push(File::text(entry.file_name().to_string_lossy(), fs::read(entry.path())?));
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    ensure!(!pages.is_empty(), "{} man wrote no page", command.display());
    Ok(pages)
}

/// What the command prints. The user's settings do not show in it.
fn output(command: &Path, arguments: &[&std::ffi::OsStr]) -> Result<Vec<u8>> {
    let mut command = Command::new(command);
    let output = command.args(arguments).env_clear().output();
    let name = command.get_program().display();
    let output = output.with_context(|| format!("cannot run {name}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {errors}");
    Ok(output.stdout)
}

pub(super) fn within(directory: &str, file: &File) -> File {
    File { path: format!("{directory}/{}", file.path), ..file.clone() }
}
