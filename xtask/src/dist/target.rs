//! The systems that there is something to download for.

/// A system, and what is made for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) triple: &'static str,
    pub(super) system: System,
    /// The architecture's names for Debian and for rpm, where such packages are made.
    pub(super) packages: Option<Architecture>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    MacOs,
    Windows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Architecture {
    pub(super) debian: &'static str,
    pub(super) rpm: &'static str,
}

/// For Linux with musl, statically linked: one program runs on every distribution.
pub(super) const TARGETS: [Target; 4] = [
    Target {
        triple: "x86_64-unknown-linux-musl",
        system: System::Linux,
        packages: Some(Architecture { debian: "amd64", rpm: "x86_64" }),
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        system: System::Linux,
        packages: Some(Architecture { debian: "arm64", rpm: "aarch64" }),
    },
    Target { triple: "aarch64-apple-darwin", system: System::MacOs, packages: None },
    Target { triple: "x86_64-pc-windows-gnu", system: System::Windows, packages: None },
];

/// Those that there are wheels for, and no commands.
const WHEELS_ONLY: [&str; 3] =
    ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin"];

/// The triples of all systems that something is made for.
pub(super) fn known() -> Vec<&'static str> {
    TARGETS.iter().map(|target| target.triple).chain(WHEELS_ONLY).collect()
}

pub(super) fn is_known(triple: &str) -> bool {
    known().contains(&triple)
}

impl Target {
    /// The file name of the command.
    pub(super) fn program(&self) -> &'static str {
        match self.system {
            System::Windows => "cooee.exe",
            System::Linux | System::MacOs => "cooee",
        }
    }

    /// What rustc has to be told to link the command.
    pub(super) fn flags(&self) -> &'static [&'static str] {
        match self.system {
            // Zig has the start files of musl, which Debian's rustc has not, and has to be told
            // that the program may be anywhere in memory.
            System::Linux => &["-Clink-self-contained=no", "-Clink-arg=-pie"],
            System::MacOs | System::Windows => &[],
        }
    }

    /// The name of the archive's one directory.
    pub(super) fn directory(&self, version: &str) -> String {
        format!("cooee-{version}-{}", self.triple)
    }

    pub(super) fn archive(&self, version: &str) -> String {
        let extension = match self.system {
            System::Windows => "zip",
            System::Linux | System::MacOs => "tar.gz",
        };
        format!("{}.{extension}", self.directory(version))
    }
}

impl Architecture {
    pub(super) fn deb(&self, version: &str) -> String {
        format!("cooee_{version}-1_{}.deb", self.debian)
    }

    pub(super) fn rpm(&self, version: &str) -> String {
        format!("cooee-{version}-1.{}.rpm", self.rpm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_named_by_triple_and_packages_as_their_systems_do() {
        let archives: Vec<_> = TARGETS.iter().map(|target| target.archive("1.2.3")).collect();
        let expected = [
            "cooee-1.2.3-x86_64-unknown-linux-musl.tar.gz",
            "cooee-1.2.3-aarch64-unknown-linux-musl.tar.gz",
            "cooee-1.2.3-aarch64-apple-darwin.tar.gz",
            "cooee-1.2.3-x86_64-pc-windows-gnu.zip",
        ];
        assert_eq!(archives, expected);
        let arm = TARGETS[1].packages.expect("Linux has packages");
        assert_eq!(arm.deb("1.2.3"), "cooee_1.2.3-1_arm64.deb");
        assert_eq!(arm.rpm("1.2.3"), "cooee-1.2.3-1.aarch64.rpm");
    }
}
