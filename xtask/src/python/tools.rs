//! The virtual environment in which the wheel is built and tested.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::setup::venv::{Lacking, Venv};
use crate::workspace::Workspace;

const MATURIN: &str = "maturin==1.16.0";
/// The linker that knows the C libraries of other systems, and of older ones.
const ZIG: &str = "ziglang==0.17.1";
/// Has cargo link by zig.
const ZIGBUILD: &str = "cargo-zigbuild==0.24.1";
const REQUIREMENTS: &str = "python/tests/requirements.txt";
const IMPORTS: &str = "auditwheel, celery, daphne, django, django_q, eventlet, gevent, granian, gunicorn, hypercorn, \
     maturin, mypy, pytest, twine, uvicorn, waitress, ziglang";

pub(crate) struct Tools {
    venv: Venv,
    root: PathBuf,
}

impl Tools {
    /// Installs what is not there yet.
    pub(super) fn install(workspace: &Workspace, base: &Path) -> Result<Self, Lacking> {
        let shell = workspace.shell();
        let requirements = shell
            .read_file(REQUIREMENTS)
            .map_err(|error| Lacking::new(error, "run it in a checkout"))?;
        let stamp = format!("{MATURIN}\n{ZIG}\n{requirements}");
        let venv = Venv::in_directory(workspace.target().join("python-venv"));
        let pip = [MATURIN, ZIG, "--requirement", REQUIREMENTS];
        venv.install(shell, base, &pip, &stamp, IMPORTS)?;
        Ok(Self { venv, root: shell.current_dir() })
    }

    /// As [`install`](Self::install), without what only the tests need: what builds the command
    /// and the wheels.
    pub(crate) fn for_building(workspace: &Workspace, base: &Path) -> Result<Self, Lacking> {
        let shell = workspace.shell();
        let pip = [MATURIN, ZIG, ZIGBUILD];
        let venv = Venv::in_directory(workspace.target().join("dist-venv"));
        venv.install(shell, base, &pip, &pip.join("\n"), "maturin, ziglang")?;
        Ok(Self { venv, root: shell.current_dir() })
    }

    /// The same tools for another copy of the sources.
    pub(crate) fn in_copy(self, root: PathBuf) -> Self {
        Self { root, ..self }
    }

    /// One of the environment's programs, run in the root of the workspace.
    pub(crate) fn run(&self, program: &str) -> Command {
        self.prepared(Command::new(self.program(program)))
    }

    /// A module that the environment's Python runs in the root of the workspace.
    pub(super) fn module<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Command {
        let mut command = self.prepared(Command::new(self.venv.python()));
        command.arg("-m").args(arguments);
        command
    }

    fn prepared(&self, mut command: Command) -> Command {
        command.current_dir(&self.root);
        if let Some(path) = self.path() {
            command.env("PATH", path);
        }
        command
    }

    /// The search path with the environment's programs first: maturin and
    /// cargo-zigbuild find zig by it.
    fn path(&self) -> Option<OsString> {
        let own = self.venv.python().parent()?.to_owned();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths([own].into_iter().chain(std::env::split_paths(&inherited))).ok()
    }

    /// Where the environment has a program of this name.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.venv.program(name)
    }

    pub(super) fn python(&self) -> PathBuf {
        self.venv.python()
    }
}
