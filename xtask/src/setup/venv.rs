//! Virtual environments under the target directory.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::debian;

const OLDEST_PYTHON: (u32, u32) = (3, 9);
const STAMP: &str = "installed.txt";

/// A virtual environment with pinned packages in it.
pub(crate) struct Venv {
    directory: PathBuf,
}

/// Why there is no virtual environment, and what helps.
pub(crate) struct Lacking {
    pub(crate) why: String,
    pub(crate) fix: String,
}

impl Lacking {
    pub(crate) fn new(why: impl ToString, fix: impl Into<String>) -> Self {
        Self { why: why.to_string(), fix: fix.into() }
    }
}

impl Venv {
    pub(crate) fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        if cfg!(windows) {
            self.directory.join("Scripts").join("python.exe")
        } else {
            self.directory.join("bin").join("python")
        }
    }

    /// Where it has a program of this name.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.python().with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Makes it with `base` as its Python, and installs what `pip` is told to, unless the stamp
    /// says that this was done and `imports` can be imported.
    ///
    /// The stamp is written last: an installation that was cut short is made again.
    pub(crate) fn install(
        &self,
        shell: &Shell,
        base: &Path,
        pip: &[&str],
        stamp: &str,
        imports: &str,
    ) -> Result<(), Lacking> {
        let file = self.directory.join(STAMP);
        let stamp = format!("{}\n{stamp}", base.display());
        if shell.read_file(&file).is_ok_and(|found| found == stamp) && self.imports(shell, imports)
        {
            return Ok(());
        }
        check_version(shell, base)?;
        self.make(shell, base)?;
        let python = self.python();
        cmd!(shell, "{python} -m pip install --quiet --disable-pip-version-check {pip...}")
            .run()
            .map_err(|error| Lacking::new(error, "see whether PyPI can be reached"))?;
        if !self.imports(shell, imports) {
            let why = "they are installed but cannot be imported";
            return Err(Lacking::new(why, "try another Python"));
        }
        shell
            .write_file(&file, stamp)
            .map_err(|error| Lacking::new(error, "make the target directory writable"))
    }

    fn imports(&self, shell: &Shell, modules: &str) -> bool {
        let (python, code) = (self.python(), format!("import {modules}"));
        cmd!(shell, "{python} -c {code}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
    }

    fn make(&self, shell: &Shell, base: &Path) -> Result<(), Lacking> {
        let directory = &self.directory;
        let make = || cmd!(shell, "{base} -m venv --clear {directory}").quiet().run();
        if make().is_ok() {
            return Ok(());
        }
        debian::install(shell, &["python3-venv"])
            .and_then(|()| make().map_err(|error| error.to_string()))
            .map_err(|why| {
                let fix = format!("run {} python3-venv as root ({why})", debian::INSTALL);
                Lacking::new("there is no virtual environment", fix)
            })
    }
}

fn check_version(shell: &Shell, python: &Path) -> Result<(), Lacking> {
    let (major, minor) = OLDEST_PYTHON;
    let check = format!("import sys; sys.exit(sys.version_info < ({major}, {minor}))");
    cmd!(shell, "{python} -c {check}").quiet().run().map_err(|_| {
        let why = format!("there is no Python {major}.{minor} or newer");
        Lacking::new(why, "install python3 and python3-venv")
    })
}
