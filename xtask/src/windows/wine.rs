use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use humantime::format_duration;

use crate::bounded::{self, End};
use crate::setup;

/// Wine's settings and its Windows, apart from those of the user. What still runs in it ends with it.
pub(crate) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// For the first start, in which wine writes its Windows.
    const SETTING_UP: Duration = Duration::from_secs(600);
    const ENDING: Duration = Duration::from_secs(10);
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

impl Drop for Wine {
    fn drop(&mut self) {
        // Wine's own services outlive the programs that needed them, and hold their output.
        for option in ["-k", "-w"] {
            let mut server = Command::new("wineserver");
            self.settings(&mut server);
            server.arg(option).stdout(Stdio::null()).stderr(Stdio::null());
            // There may be none, or nothing may be left to end.
            let _ = bounded::wait(&mut server, Self::ENDING);
        }
    }
}

fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    let end = bounded::wait(command, Wine::SETTING_UP);
    match end.with_context(|| format!("cannot run {}", name.display()))? {
        End::Own(status) => ensure!(status.success(), "{} failed: {status}", name.display()),
        End::Killed(limit) => {
            bail!("{} was not over after {}", name.display(), format_duration(limit))
        }
    }
    Ok(())
}
