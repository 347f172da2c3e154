//! systemd-resolved, unpacked and not installed: its package would make it the resolver of this system,
//! and replace `/etc/resolv.conf`.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::debian;
use crate::missing::Missing;
use crate::workspace::Workspace;

/// The library is the daemon's own, in the same version.
const PACKAGES: [&str; 2] = ["systemd-resolved", "libsystemd-shared"];
/// Where packages have it: of today's Debian, and of older ones.
const DAEMONS: [&str; 2] = ["usr/lib/systemd/systemd-resolved", "lib/systemd/systemd-resolved"];

/// Makes sure that it is there, and returns the directory that it is below: `/` if the system has it.
pub(super) fn unpack_resolved(workspace: &Workspace) -> Result<PathBuf, Missing> {
    let ours = workspace.target().join("resolved");
    if let Some(there) = [Path::new("/"), &ours].into_iter().find(|root| has_it(root)) {
        return Ok(there.to_owned());
    }
    download(workspace.shell(), &ours).map_err(|why| {
        let why = format!("the lab resolves names with it; {why}");
        Missing::new("systemd-resolved", why, "see whether Debian's packages can be reached")
    })?;
    Ok(ours)
}

fn has_it(root: &Path) -> bool {
    DAEMONS.iter().any(|daemon| root.join(daemon).exists())
        && root.join("usr/bin/resolvectl").exists()
}

/// Unpacks into a directory that gets its name when it is complete.
fn download(shell: &Shell, to: &Path) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("it exists on Linux only".to_owned());
    }
    let partial = to.with_extension("partial");
    let unpack = || -> xshell::Result<()> {
        shell.remove_path(&partial)?;
        shell.remove_path(to)?;
        let _there = shell.push_dir(shell.create_dir(&partial)?);
        // Root's directories may be closed to the user that downloads otherwise.
        cmd!(shell, "apt-get download --quiet -o APT::Sandbox::User=root {PACKAGES...}").run()?;
        for package in shell.read_dir(&partial)? {
            cmd!(shell, "dpkg-deb --extract {package} {partial}").quiet().run()?;
        }
        cmd!(shell, "mv {partial} {to}").quiet().run()
    };
    // A list that is missing or old shows in the download alone.
    unpack()
        .or_else(|_| debian::update(shell).and_then(|()| unpack()))
        .map_err(|error| error.to_string())
}
