//! python-zeroconf from PyPI, in a virtual environment of its own.

use std::path::{Path, PathBuf};

use super::venv::{Lacking, Venv};
use crate::missing::Missing;
use crate::workspace::Workspace;

const PACKAGES: [&str; 2] = ["zeroconf==0.154.0", "ifaddr==0.2.0"];

/// Makes sure that the pinned version is installed, and returns its Python.
pub(super) fn install_zeroconf(workspace: &Workspace) -> Result<PathBuf, Missing> {
    let venv = Venv::in_directory(workspace.target().join("zeroconf-venv"));
    let base = Path::new("python3");
    venv.install(workspace.shell(), base, &PACKAGES, &PACKAGES.join("\n"), "zeroconf").map_err(
        |Lacking { why, fix }| {
            Missing::new(
                "python-zeroconf",
                format!("the lab and the benchmarks run it; {why}"),
                fix,
            )
        },
    )?;
    Ok(venv.python())
}
