//! Installs what the tests need. What cannot be installed is reported, never an error.

mod debian;
mod linters;
mod peer;
mod resolved;
mod stock;
mod toolchain;
pub(crate) mod venv;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use xshell::Shell;

use crate::missing::Missing;
use crate::workspace::Workspace;
use debian::Tool;
pub(crate) use debian::{LIBRARIES_AARCH64, LINKER_AARCH64, QEMU_AARCH64, WINDOWS_LINKER, WINE};
pub(crate) use linters::Linters;
pub(crate) use toolchain::Toolchain;

/// What the machine has after set-up, and what it still lacks.
pub(crate) struct Setup {
    /// A Python that can import the stock programs.
    pub(crate) python: Option<PathBuf>,
    /// One that can import python-zeroconf.
    pub(crate) zeroconf: Option<PathBuf>,
    /// The directory below which systemd-resolved is.
    pub(crate) resolved: Option<PathBuf>,
    pub(crate) missing: Vec<Missing>,
}

impl Setup {
    /// What is missing of `tool`, if it is.
    pub(crate) fn lacks(&self, tool: &str) -> Option<&Missing> {
        self.missing.iter().find(|missing| missing.what == tool)
    }
}

/// Installs what the tests need that compile for these targets.
pub(crate) fn main<'a>(
    workspace: &Workspace,
    targets: impl Iterator<Item = &'a str> + Clone,
) -> ExitCode {
    install_all(workspace, targets.clone());
    let Setup { python, mut missing, .. } = run(workspace);
    for tools in [&debian::FOR_WINDOWS[..], &debian::FOR_AARCH64] {
        missing.extend(debian::install_missing(workspace.shell(), tools));
    }
    missing.extend(for_python(workspace));
    missing.extend(targets.clone().filter_map(|target| toolchain_for(workspace, target).err()));
    for missing in &missing {
        println!("missing: {missing}");
    }
    match python {
        Some(python) if missing.is_empty() => {
            println!("everything is there; the stock programs are in {}", python.display());
            ExitCode::SUCCESS
        }
        _ => {
            let wanted = wanted(workspace, targets);
            if cfg!(target_os = "linux") && !wanted.is_empty() {
                println!("all at once, as root: {} {}", debian::INSTALL, wanted.join(" "));
            }
            ExitCode::FAILURE
        }
    }
}

/// Installs in one go what the tests need that compile for these targets. Each part of the tests tries
/// by itself what that leaves missing, and tells of it: not every system has all the packages.
pub(crate) fn install_all<'a>(workspace: &Workspace, targets: impl Iterator<Item = &'a str>) {
    let packages = wanted(workspace, targets);
    if cfg!(target_os = "linux")
        && !packages.is_empty()
        && let Err(why) = debian::install(workspace.shell(), &packages)
    {
        println!("not installed: {} ({why})", packages.join(" "));
    }
}

/// The packages of Debian that are missing for the tests.
fn wanted<'a>(workspace: &Workspace, targets: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    let shell = workspace.shell();
    let tools: [&[Tool]; 5] = [
        &debian::TOOLS,
        &debian::FOR_PYTHON,
        &[debian::DLLTOOL],
        &debian::FOR_WINDOWS,
        &debian::FOR_AARCH64,
    ];
    let absent = tools.into_iter().flat_map(|tools| debian::absent(shell, tools));
    let toolchain = Toolchain::packages(shell, targets).iter().copied();
    absent.chain(toolchain).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What the tests of the Python packages lack; installs it where that is possible.
pub(crate) fn for_python(workspace: &Workspace) -> Vec<Missing> {
    // Elsewhere nothing is compiled, and Python has another name.
    let tools: &[Tool] = if cfg!(target_os = "linux") { &debian::FOR_PYTHON } else { &[] };
    debian::install_missing(workspace.shell(), tools)
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

fn running(workspace: &Workspace, target: &str, tools: &[Tool]) -> Result<Toolchain, Vec<Missing>> {
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

pub(crate) fn run(workspace: &Workspace) -> Setup {
    let mut missing = debian::install_tools(workspace.shell());
    let python = stock::install(workspace).map_err(|lacking| missing.push(lacking)).ok();
    let zeroconf = peer::install_zeroconf(workspace).map_err(|lacking| missing.push(lacking)).ok();
    let resolved =
        resolved::unpack_resolved(workspace).map_err(|lacking| missing.push(lacking)).ok();
    Setup { python, zeroconf, resolved, missing }
}
