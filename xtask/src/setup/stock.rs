//! The stock programs from PyPI, in a virtual environment of their own.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::debian;
use crate::missing::Missing;
use crate::workspace::Workspace;

// The client cannot be imported without one of two interface packages, and requires neither;
// the other one, netifaces, needs a C compiler.
const PACKAGES: [&str; 3] =
    ["django-udp-discovery==1.0.0", "django-udp-discovery-client==1.0.0", "ifaddr==0.2.0"];
const IMPORTS: &str = "import django_udp_discovery, discovery_client";
const OLDEST_PYTHON: (u32, u32) = (3, 9);
const STAMP: &str = "installed.txt";

/// Makes sure that the pinned versions are installed, and returns their Python.
///
/// The stamp is written last: an installation that was cut short is made again.
pub(super) fn install(workspace: &Workspace) -> Result<PathBuf, Missing> {
    let (shell, directory) = (workspace.shell(), workspace.target().join("stock-venv"));
    let python = python_in(&directory);
    let stamp = directory.join(STAMP);
    let pinned = PACKAGES.join("\n");
    if shell.read_file(&stamp).is_ok_and(|found| found == pinned) && imports(shell, &python) {
        return Ok(python);
    }
    check_version(shell)?;
    make_environment(shell, &directory)?;
    cmd!(shell, "{python} -m pip install --quiet --disable-pip-version-check")
        .args(PACKAGES)
        .run()
        .map_err(|error| missing(&error.to_string(), "see whether PyPI can be reached"))?;
    if !imports(shell, &python) {
        return Err(missing("they are installed but cannot be imported", "try another Python"));
    }
    shell
        .write_file(&stamp, pinned)
        .map_err(|error| missing(&error.to_string(), "make the target directory writable"))?;
    Ok(python)
}

fn python_in(directory: &Path) -> PathBuf {
    if cfg!(windows) {
        directory.join("Scripts").join("python.exe")
    } else {
        directory.join("bin").join("python")
    }
}

fn imports(shell: &Shell, python: &Path) -> bool {
    cmd!(shell, "{python} -c {IMPORTS}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
}

fn check_version(shell: &Shell) -> Result<(), Missing> {
    let (major, minor) = OLDEST_PYTHON;
    let check = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    cmd!(shell, "python3 -c {check}").quiet().run().map_err(|_| {
        let why = format!("there is no Python {major}.{minor} or newer");
        missing(&why, "install python3 and python3-venv")
    })
}

fn make_environment(shell: &Shell, directory: &Path) -> Result<(), Missing> {
    let make = || cmd!(shell, "python3 -m venv --clear {directory}").quiet().run();
    if make().is_ok() {
        return Ok(());
    }
    debian::install(shell, &["python3-venv"])
        .and_then(|()| make().map_err(|error| error.to_string()))
        .map_err(|why| {
            missing("there is no virtual environment", &format!("install python3-venv ({why})"))
        })
}

fn missing(why: &str, fix: &str) -> Missing {
    Missing::new("stock programs", format!("interop tests run them; {why}"), fix)
}
