use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use xshell::cmd;

use super::target::Target;
use crate::workspace::Workspace;

/// One release: which sources it is made of, and where its files go.
pub(super) struct Release {
    /// Seconds since 1970: the time of the last commit, which every file bears.
    pub(super) epoch: u64,
    /// Where the files to download go.
    pub(super) out: PathBuf,
    /// Where programs are built.
    pub(super) build: PathBuf,
    /// The systems that it is for, by their triples: all if there are none.
    only: Vec<String>,
    root: PathBuf,
}

impl Release {
    /// That of the whole workspace.
    pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
    /// The profile of Cargo.toml by which commands are built.
    const PROFILE: &str = "dist";
    const EPOCH: &str = "SOURCE_DATE_EPOCH";

    pub(super) fn of(workspace: &Workspace, only: &[String]) -> Result<Self> {
        let shell = workspace.shell();
        let epoch = std::env::var(Self::EPOCH)
            .or_else(|_| cmd!(shell, "git log -1 --format=%ct").quiet().ignore_stderr().read());
        let epoch = epoch.context("cannot read the time of the last commit")?;
        let epoch = epoch.trim().parse().with_context(|| format!("{epoch:?} is no time"))?;
        let target = workspace.target();
        Ok(Self {
            epoch,
            out: target.join("dist"),
            build: target.join("dist-build"),
            only: only.to_vec(),
            root: shell.current_dir(),
        })
    }

    /// Whether it is for the system `triple`.
    pub(super) fn has(&self, triple: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == triple)
    }

    /// Has `cargo`, or what calls it, build the command for `target`.
    pub(super) fn build_command(&self, target: &Target, cargo: &mut Command) {
        cargo.args(["--locked", "--package", "cooee-cli", "--bin", "cooee"]);
        cargo.args(["--profile", Self::PROFILE, "--target-dir"]).arg(&self.build);
        self.make_reproducible(cargo, target.flags());
    }

    /// Has `command` write times of the last commit instead of its own.
    pub(super) fn date(&self, command: &mut Command) {
        command.env(Self::EPOCH, self.epoch.to_string());
        command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    }

    /// Where the built command is.
    pub(super) fn command(&self, target: &Target) -> PathBuf {
        self.build.join(target.triple).join(Self::PROFILE).join(target.program())
    }

    /// Keeps times and the paths of this machine out of what `command` builds with these `flags` of
    /// rustc.
    pub(super) fn make_reproducible(&self, command: &mut Command, flags: &[&str]) {
        let mut flags: Vec<_> = flags.iter().copied().map(str::to_owned).collect();
        let remapped = self.remapped();
        flags.extend(
            remapped
                .iter()
                .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())),
        );
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        command.env("CARGO_INCREMENTAL", "0");
        self.date(command);
    }

    /// What is written instead of the directories that sources and generated code are in; where one is
    /// in another, the last holds.
    fn remapped(&self) -> Vec<(PathBuf, &'static str)> {
        // A home that cannot be found holds no sources.
        let home = home::cargo_home().unwrap_or_else(|_| Path::new("cargo").to_owned());
        // Below it each registry has a directory of a name that depends on this machine's settings.
        let registries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
        let registries: Vec<_> = registries.map(|entry| (entry.path(), "crates")).collect();
        let mut remapped = vec![(self.root.clone(), "."), (self.build.clone(), "build")];
        remapped.push((home, "cargo"));
        remapped.extend(registries);
        remapped
    }
}
