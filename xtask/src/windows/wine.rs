use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::setup;

/// Wine's settings and its Windows, apart from those of the user.
pub(crate) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    const SHIM: &str = include_str!("bcryptprimitives.c");

    /// In `directory`, which is made if it is not there.
    pub(crate) fn set_up(directory: &Path) -> Result<Self> {
        fs::create_dir_all(directory)?;
        let wine = Self { prefix: directory.join("wine") };
        let system = wine.prefix.join("drive_c/windows/system32");
        if !system.join("kernel32.dll").is_file() {
            let mut boot = Command::new(setup::WINE);
            wine.settings(&mut boot);
            succeed(boot.args(["wineboot", "--init"]).stdout(Stdio::null()))?;
        }
        let source = directory.join("bcryptprimitives.c");
        fs::write(&source, Self::SHIM)?;
        let mut compiler = Command::new(setup::WINDOWS_LINKER);
        compiler.args(["-shared", "-O2", "-s", "-o"]).arg(system.join("bcryptprimitives.dll"));
        succeed(compiler.arg(source).arg("-ladvapi32"))?;
        Ok(wine)
    }

    /// Where its Windows is.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Has cargo run what it builds in this Windows.
    pub(crate) fn lend_to(&self, cargo: &mut Command) {
        cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", setup::WINE);
        self.settings(cargo);
    }

    /// A program to run in it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(setup::WINE);
        self.settings(&mut command);
        command.arg(program);
        command
    }

    fn settings(&self, command: &mut Command) {
        command.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all");
        // Nothing here needs .NET or HTML, which wine would offer to download.
        command.env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command.env_remove("DISPLAY");
    }
}

fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot run {}", name.display()))?;
    ensure!(status.success(), "{} failed: {status}", name.display());
    Ok(())
}
