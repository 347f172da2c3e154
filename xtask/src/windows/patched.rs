use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::workspace::Workspace;

/// What a crate asks of Windows that wine does not tell.
struct Patch {
    name: &'static str,
    file: &'static str,
    asked: &'static str,
    assumed: &'static str,
}

const PATCHES: [Patch; 2] = [
    // Wine does not know it of a socket for IPv4, where Windows says that it is on.
    Patch {
        name: "quinn-udp",
        file: "src/windows.rs",
        asked: "IPV6_V6ONLY as _)\n        }?;",
        assumed: "IPV6_V6ONLY as _)\n        }.unwrap_or(1);",
    },
    // Wine leaves it at 0. mdns-sd knows the interface by it; Windows has the same number in both.
    Patch {
        name: "if-addrs",
        file: "src/windows.rs",
        asked: "(*self.0).Ipv6IfIndex",
        assumed: "(*self.0).Anonymous1.Anonymous.IfIndex",
    },
];

/// These crates for wine. What people build has them as they are.
pub(super) struct Patched {
    sources: Vec<(&'static str, PathBuf)>,
    lock_file: PathBuf,
}

impl Patched {
    /// Into `directory`, without touching what is as it should be: cargo would build it again.
    pub(super) fn write(workspace: &Workspace, directory: &Path) -> Result<Self> {
        let root = workspace.shell().current_dir();
        let mut metadata = MetadataCommand::new();
        metadata.manifest_path(root.join("Cargo.toml"));
        let metadata = metadata.other_options(["--locked".to_owned()]).exec()?;
        let mut sources = Vec::new();
        for patch in &PATCHES {
            sources.push((patch.name, patch.write(&metadata, directory)?));
        }
        // Cargo would note the other source in the workspace's own.
        let lock_file = directory.join("Cargo.lock");
        fs::copy(root.join("Cargo.lock"), &lock_file)?;
        Ok(Self { sources, lock_file })
    }

    /// Has cargo build with it.
    pub(super) fn lend_to(&self, cargo: &mut Command) {
        // The option is nightly's.
        cargo.args(["-Z", "lockfile-path", "--config"]);
        cargo.arg(format!("resolver.lockfile-path={:?}", self.lock_file));
        for (name, source) in &self.sources {
            cargo.arg("--config").arg(format!("patch.crates-io.{name}.path={source:?}"));
        }
    }
}

impl Patch {
    /// Into a directory of its own, which is returned.
    fn write(&self, metadata: &Metadata, directory: &Path) -> Result<PathBuf> {
        let original = self.find(metadata)?;
        let version = original.file_name().context("a package is in a directory of its name")?;
        let source = directory.join(version);
        copy_new(&original, &source)?;
        let file = source.join(self.file);
        let text = fs::read_to_string(original.join(self.file))?;
        ensure!(text.contains(self.asked), "{} has changed; see {}", file.display(), file!());
        let patched = text.replace(self.asked, self.assumed);
        if fs::read_to_string(&file)? != patched {
            fs::write(&file, patched)?;
        }
        Ok(source)
    }

    fn find(&self, metadata: &Metadata) -> Result<PathBuf> {
        let package = metadata.packages.iter().find(|package| *package.name == self.name);
        let package = package.with_context(|| format!("the lock file has no {}", self.name))?;
        let directory = package.manifest_path.parent().context("a manifest is in a directory")?;
        Ok(directory.into())
    }
}

/// Copies the files that are not there yet.
fn copy_new(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_new(&entry.path(), &copy)?;
        } else if !copy.exists() {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}
