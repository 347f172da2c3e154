//! Installs what the tests need. What cannot be installed is reported, never an error.

mod debian;
mod linters;
mod peer;
mod stock;
mod toolchain;
pub(crate) mod venv;

use std::path::PathBuf;
use std::process::ExitCode;

use xshell::Shell;

use crate::missing::Missing;
use crate::workspace::Workspace;
pub(crate) use debian::{LIBRARIES_AARCH64, LINKER_AARCH64, QEMU_AARCH64, WINDOWS_LINKER, WINE};
pub(crate) use linters::Linters;
pub(crate) use toolchain::Toolchain;

/// What the machine has after set-up, and what it still lacks.
pub(crate) struct Setup {
    /// A Python that can import the stock programs.
    pub(crate) python: Option<PathBuf>,
    pub(crate) missing: Vec<Missing>,
}

impl Setup {
    /// What is missing of `tool`, if it is.
    pub(crate) fn lacks(&self, tool: &str) -> Option<&Missing> {
        self.missing.iter().find(|missing| missing.what == tool)
    }
}

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let setup = run(workspace);
    for missing in &setup.missing {
        println!("missing: {missing}");
    }
    match setup.python {
        Some(python) if setup.missing.is_empty() => {
            println!("everything is there; the stock programs are in {}", python.display());
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

/// What is missing to compile libFuzzer, if it is; installs it where that is possible.
pub(crate) fn compiler_for_libfuzzer(shell: &Shell) -> Option<Missing> {
    debian::install_missing(shell, &[debian::COMPILER]).pop()
}

/// A toolchain that can compile for `target`; installs what it needs where that is possible.
pub(crate) fn toolchain_for(workspace: &Workspace, target: &str) -> Result<Toolchain, Missing> {
    let linker = target.contains("windows-gnu").then_some(debian::DLLTOOL);
    if let Some(missing) = debian::install_missing(workspace.shell(), linker.as_slice()).pop() {
        return Err(missing);
    }
    Toolchain::for_target(workspace, target)
}

/// A toolchain that can compile for `target`, a Windows, on a machine that can link and run what it
/// makes; installs what is needed where that is possible.
pub(crate) fn windows(workspace: &Workspace, target: &str) -> Result<Toolchain, Vec<Missing>> {
    running(workspace, target, &debian::FOR_WINDOWS)
}

/// The same for Linux on ARM's 64 bits.
pub(crate) fn aarch64(workspace: &Workspace, target: &str) -> Result<Toolchain, Vec<Missing>> {
    running(workspace, target, &debian::FOR_AARCH64)
}

fn running(
    workspace: &Workspace,
    target: &str,
    tools: &[debian::Tool],
) -> Result<Toolchain, Vec<Missing>> {
    let missing = debian::install_missing(workspace.shell(), tools);
    if !missing.is_empty() {
        return Err(missing);
    }
    toolchain_for(workspace, target).map_err(|missing| vec![missing])
}

/// What checks the workflows of GitHub Actions.
pub(crate) fn workflow_linters(workspace: &Workspace) -> Result<Linters, Missing> {
    Linters::install(workspace)
}

/// As [`windows`], where programs are linked and not run.
pub(crate) fn linking_for_windows(
    workspace: &Workspace,
    target: &str,
) -> Result<Toolchain, Missing> {
    let [linker, ..] = debian::FOR_WINDOWS;
    if let Some(missing) = debian::install_missing(workspace.shell(), &[linker]).pop() {
        return Err(missing);
    }
    toolchain_for(workspace, target)
}

/// What is missing to install packages where this system does not change; installs it where that
/// is possible.
pub(crate) fn for_packages(workspace: &Workspace) -> Vec<Missing> {
    if !cfg!(target_os = "linux") || !debian::is_root(workspace.shell()) {
        let why = "packages are installed in a namespace of their own";
        return vec![Missing::new("root on Linux", why, "run it as root")];
    }
    debian::install_missing(workspace.shell(), &debian::FOR_PACKAGES)
}

/// What runs programs for Linux on aarch64 elsewhere.
pub(crate) fn emulator(workspace: &Workspace) -> Result<&'static str, Missing> {
    match debian::install_missing(workspace.shell(), &[debian::EMULATOR]).pop() {
        Some(missing) => Err(missing),
        None => Ok(debian::EMULATOR.program),
    }
}

/// A Python that can import python-zeroconf, which only the benchmarks need.
pub(crate) fn zeroconf(workspace: &Workspace) -> Result<PathBuf, Missing> {
    peer::install_zeroconf(workspace)
}

pub(crate) fn run(workspace: &Workspace) -> Setup {
    let mut missing = debian::install_tools(workspace.shell());
    let python = stock::install(workspace).map_err(|lacking| missing.push(lacking)).ok();
    Setup { python, missing }
}
