use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use xshell::cmd;

use crate::setup;
use crate::workspace::Workspace;

pub(crate) const MANIFEST: &str = "fuzz/Cargo.toml";

/// Instrumentation that counts which edges are taken, for the engine's crates and what they use.
const COUNTS_EDGES: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table";

/// Instrumentation that tells libFuzzer what is compared with what.
const TELLS_COMPARISONS: &str = "-Cllvm-args=-sanitizer-coverage-trace-compares";

/// The programs of the package `fuzz`, which is outside the workspace.
pub(super) struct Programs<'w> {
    workspace: &'w Workspace,
    host: String,
}

impl<'w> Programs<'w> {
    pub(super) fn new(workspace: &'w Workspace) -> Result<Self> {
        let shell = workspace.shell();
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let version = cmd!(shell, "{rustc} -vV").quiet().read().context("cannot run rustc")?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.context("rustc does not name its host")?.to_owned();
        if let Some(missing) = setup::compiler_for_libfuzzer(shell) {
            bail!("{missing}");
        }
        Ok(Self { workspace, host })
    }

    /// Builds the fuzzers of `targets`.
    pub(super) fn build(&self, targets: &[String]) -> Result<()> {
        let mut build = self.cargo("build", "release");
        build.args(targets.iter().flat_map(|target| ["--bin", target]));
        build.env("RUSTFLAGS", format!("--cfg fuzzing {COUNTS_EDGES} {TELLS_COMPARISONS}"));
        succeed(&mut build, "the fuzzers do not build")
    }

    /// The fuzzer of one target.
    pub(super) fn fuzzer(&self, target: &str) -> Command {
        let program = self.target_dir().join(&self.host).join("release").join(target);
        Command::new(program)
    }

    /// Runs the corpus, and prints how much of each decoder it reaches.
    pub(super) fn tell_coverage(&self, corpus: &Path) -> Result<()> {
        let mut run = self.cargo("run", "coverage");
        run.args(["--quiet", "--bin", "coverage", "--"]).arg(corpus).env("RUSTFLAGS", COUNTS_EDGES);
        succeed(&mut run, "the corpus does not run through")
    }

    pub(super) fn target_dir(&self) -> PathBuf {
        self.workspace.target().join("fuzz")
    }

    /// For the host by name, so that build scripts and macros are not instrumented.
    fn cargo(&self, verb: &str, profile: &str) -> Command {
        let mut cargo = self.workspace.cargo([verb, "--manifest-path", MANIFEST, "--locked"]);
        cargo.args(["--profile", profile, "--target", &self.host, "--target-dir"]);
        cargo.arg(self.target_dir());
        cargo
    }
}

fn succeed(command: &mut Command, otherwise: &str) -> Result<()> {
    if command.status().context("cannot run cargo")?.success() {
        Ok(())
    } else {
        bail!("{otherwise}")
    }
}
