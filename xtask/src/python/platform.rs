//! The systems that wheels are built for.

use std::env::consts::{ARCH, OS};

/// A system, on Linux with one C library: its name for Rust, and how its wheels are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    pub(super) linked: Linked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linked {
    /// By zig, for the oldest C library of Linux that the wheel works with, as its tag says.
    Linux(&'static str),
    /// By zig, for the oldest macOS that Rust supports.
    MacOs,
    /// By mingw-w64.
    Windows,
}

/// glibc 2.17 is of 2012, and musl 1.2 of 2020: older ones are out of use.
pub(super) const PLATFORMS: [Platform; 7] = [
    Platform {
        name: "manylinux, x86-64",
        triple: "x86_64-unknown-linux-gnu",
        linked: Linked::Linux("manylinux_2_17"),
    },
    Platform {
        name: "manylinux, aarch64",
        triple: "aarch64-unknown-linux-gnu",
        linked: Linked::Linux("manylinux_2_17"),
    },
    Platform {
        name: "musllinux, x86-64",
        triple: "x86_64-unknown-linux-musl",
        linked: Linked::Linux("musllinux_1_2"),
    },
    Platform {
        name: "musllinux, aarch64",
        triple: "aarch64-unknown-linux-musl",
        linked: Linked::Linux("musllinux_1_2"),
    },
    Platform { name: "macOS, arm64", triple: "aarch64-apple-darwin", linked: Linked::MacOs },
    Platform { name: "macOS, x86-64", triple: "x86_64-apple-darwin", linked: Linked::MacOs },
    Platform { name: "Windows, x86-64", triple: "x86_64-pc-windows-gnu", linked: Linked::Windows },
];

impl Platform {
    /// That of this machine, if it is a Linux of those above. Its Python may use the other C library
    /// than this program does.
    pub(super) fn of_this_machine() -> Option<Self> {
        let library = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
        let triple = format!("{ARCH}-unknown-{OS}-{library}");
        PLATFORMS.into_iter().find(|platform| platform.triple == triple)
    }

    pub(super) fn has_glibc(self) -> bool {
        self.triple.ends_with("-linux-gnu")
    }
}
