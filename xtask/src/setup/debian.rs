//! The tools that come from Debian's packages.

use xshell::{Shell, cmd};

use crate::missing::Missing;

pub(super) struct Tool {
    pub(super) program: &'static str,
    /// An argument with which it does nothing, and succeeds.
    version: &'static str,
    package: &'static str,
    purpose: &'static str,
}

/// For the lab and the instructions.
pub(super) const TOOLS: [Tool; 12] = [
    Tool {
        program: "ip",
        version: "-Version",
        package: "iproute2",
        purpose: "the lab makes network namespaces with it",
    },
    Tool {
        program: "nft",
        version: "--version",
        package: "nftables",
        purpose: "the lab loses datagrams with it",
    },
    Tool {
        program: "tcpdump",
        version: "--version",
        package: "tcpdump",
        purpose: "the lab looks at datagrams with it",
    },
    Tool {
        program: "valgrind",
        version: "--version",
        package: "valgrind",
        purpose: "instructions are counted with it",
    },
    Tool {
        program: "strace",
        version: "--version",
        package: "strace",
        purpose: "the lab makes system calls fail with it, and sees which there are",
    },
    Tool {
        program: "faketime",
        version: "--version",
        package: "faketime",
        purpose: "the lab moves the wall clock with it",
    },
    Tool {
        program: "systemd-analyze",
        version: "--version",
        package: "systemd",
        purpose: "the units for systemd are judged with it",
    },
    Tool {
        program: "avahi-daemon",
        version: "--version",
        package: "avahi-daemon",
        purpose: "the lab announces and resolves names with it",
    },
    Tool {
        program: "avahi-browse",
        version: "--version",
        package: "avahi-utils",
        purpose: "the lab looks for announced servers with it",
    },
    Tool {
        program: "chromium",
        version: "--version",
        package: "chromium",
        purpose: "the lab opens a site by its name with it",
    },
    Tool {
        program: "dbus-daemon",
        version: "--version",
        package: "dbus",
        purpose: "avahi is asked by way of it",
    },
    Tool {
        program: "ls",
        // It has no program; the system's resolver loads it.
        version: "/usr/share/doc/libnss-mdns",
        package: "libnss-mdns",
        purpose: "programs of the lab resolve names of .local with it",
    },
];

/// For the Python packages and their tests.
pub(super) const FOR_PYTHON: [Tool; 4] = [
    Tool {
        program: "python3",
        version: "--version",
        package: "python3",
        purpose: "Python packages and the stock programs run in it",
    },
    Tool {
        program: "python3",
        version: "-cimport ensurepip, venv",
        package: "python3-venv",
        purpose: "it makes virtual environments for them",
    },
    Tool {
        program: "python3-config",
        version: "--includes",
        package: "python3-dev",
        purpose: "it knows the headers that uWSGI is compiled with",
    },
    Tool {
        program: "cc",
        version: "--version",
        package: "gcc",
        purpose: "uWSGI is compiled with it",
    },
];

/// Not among the tools: nothing else needs it.
pub(super) const COMPILER: Tool = Tool {
    program: "c++",
    version: "--version",
    package: "g++",
    purpose: "libFuzzer is compiled with it",
};

/// For the target `x86_64-pc-windows-gnu`.
pub(super) const DLLTOOL: Tool = Tool {
    program: "x86_64-w64-mingw32-dlltool",
    version: "--version",
    package: "binutils-mingw-w64-x86-64",
    purpose: "import libraries of Windows are made with it",
};

/// For the same target, where programs are linked and run.
pub(super) const FOR_WINDOWS: [Tool; 2] = [
    Tool {
        program: WINDOWS_LINKER,
        version: "--version",
        package: "gcc-mingw-w64-x86-64",
        purpose: "programs for Windows are linked with it",
    },
    Tool {
        program: WINE,
        version: "--version",
        package: "wine",
        purpose: "programs for Windows run in it",
    },
];

/// What reads and installs packages.
pub(super) const FOR_PACKAGES: [Tool; 3] = [
    Tool {
        program: "dpkg",
        version: "--version",
        package: "dpkg",
        purpose: "the package for Debian is installed with it",
    },
    Tool {
        program: "rpm",
        version: "--version",
        package: "rpm",
        purpose: "the package for rpm is installed with it",
    },
    Tool {
        program: "ip",
        version: "-Version",
        package: "iproute2",
        purpose: "what was installed is found in a namespace that it makes",
    },
];

pub(super) const EMULATOR: Tool = Tool {
    program: QEMU_AARCH64,
    version: "--version",
    package: "qemu-user-static",
    purpose: "programs for aarch64 run in it",
};

/// What links for `x86_64-pc-windows-gnu`.
pub(crate) const WINDOWS_LINKER: &str = "x86_64-w64-mingw32-gcc";
pub(crate) const WINE: &str = "wine";

/// For `aarch64-unknown-linux-gnu`.
pub(super) const FOR_AARCH64: [Tool; 2] = [
    Tool {
        program: "aarch64-linux-gnu-g++",
        version: "--version",
        // It comes with the C library, which the compiler for C alone may lack.
        package: "g++-aarch64-linux-gnu",
        purpose: "programs for aarch64 are linked with it",
    },
    EMULATOR,
];

pub(crate) const LINKER_AARCH64: &str = "aarch64-linux-gnu-gcc";
pub(crate) const QEMU_AARCH64: &str = "qemu-aarch64-static";
/// Where the C library for it is.
pub(crate) const LIBRARIES_AARCH64: &str = "/usr/aarch64-linux-gnu";

impl Tool {
    fn is_there(&self, shell: &Shell) -> bool {
        let Self { program, version, .. } = self;
        cmd!(shell, "{program} {version}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
    }

    fn missing(&self, fix: &str) -> Missing {
        Missing::new(self.program, self.purpose, fix)
    }
}

/// Installs the tools that are missing, and returns those that are missing still.
pub(super) fn install_tools(shell: &Shell) -> Vec<Missing> {
    install_missing(shell, &TOOLS)
}

/// The packages of those of `tools` that are missing.
pub(super) fn absent(shell: &Shell, tools: &[Tool]) -> Vec<&'static str> {
    tools.iter().filter(|tool| !tool.is_there(shell)).map(|tool| tool.package).collect()
}

/// Installs those of `tools` that are missing, and returns those that are missing still.
pub(super) fn install_missing(shell: &Shell, tools: &[Tool]) -> Vec<Missing> {
    let absent = || tools.iter().filter(|tool| !tool.is_there(shell));
    let packages = self::absent(shell, tools);
    if packages.is_empty() || !cfg!(target_os = "linux") {
        return absent().map(|tool| tool.missing("it exists on Linux only")).collect();
    }
    let fix = match install(shell, &packages) {
        Ok(()) => "apt-get installed the package, but it does not run".to_owned(),
        Err(why) => format!("run {INSTALL} {} as root ({why})", packages.join(" ")),
    };
    absent().map(|tool| tool.missing(&fix)).collect()
}

/// What installs packages, for people to type.
pub(super) const INSTALL: &str = "apt-get install --no-install-recommends";

/// Installs Debian packages, or says why it cannot.
pub(super) fn install(shell: &Shell, packages: &[&str]) -> Result<(), String> {
    if cmd!(shell, "apt-get --version").quiet().ignore_stdout().ignore_stderr().run().is_err() {
        return Err("there is no apt-get here".to_owned());
    }
    if !is_root(shell) {
        return Err("only root may do it".to_owned());
    }
    let _quiet = shell.push_env("DEBIAN_FRONTEND", "noninteractive");
    // An old list may still do; whether it does shows below.
    let _ = update(shell);
    cmd!(shell, "apt-get install --yes --quiet --no-install-recommends --no-remove {packages...}")
        .run()
        .map_err(|error| error.to_string())
}

/// Fetches the lists of packages.
pub(super) fn update(shell: &Shell) -> xshell::Result<()> {
    cmd!(shell, "apt-get update --quiet").run()
}

pub(super) fn is_root(shell: &Shell) -> bool {
    cmd!(shell, "id -u").quiet().ignore_stderr().read().is_ok_and(|id| id == "0")
}
