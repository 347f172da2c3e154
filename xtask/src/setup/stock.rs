//! The stock programs from PyPI, in a virtual environment of their own.

use std::path::{Path, PathBuf};

use super::venv::{Lacking, Venv};
use crate::missing::Missing;
use crate::workspace::Workspace;

// The client cannot be imported without one of two interface packages, and requires neither;
// the other one, netifaces, needs a C compiler.
const PACKAGES: [&str; 3] =
    ["django-udp-discovery==1.0.0", "django-udp-discovery-client==1.0.0", "ifaddr==0.2.0"];
const IMPORTS: &str = "django_udp_discovery, discovery_client";

/// Makes sure that the pinned versions are installed, and returns their Python.
pub(super) fn install(workspace: &Workspace) -> Result<PathBuf, Missing> {
    let venv = Venv::in_directory(workspace.target().join("stock-venv"));
    let base = Path::new("python3");
    venv.install(workspace.shell(), base, &PACKAGES, &PACKAGES.join("\n"), IMPORTS).map_err(
        |Lacking { why, fix }| {
            Missing::new("stock programs", format!("interop tests run them; {why}"), fix)
        },
    )?;
    Ok(venv.python())
}
