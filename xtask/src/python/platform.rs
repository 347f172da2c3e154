//! The systems that wheels are built for.

use std::env::consts::{ARCH, OS};

/// A system with one C library: its name for Rust, and the tag of its wheels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    /// The oldest C library that the wheel works with.
    pub(super) tag: &'static str,
}

/// glibc 2.17 is of 2012, and musl 1.2 of 2020: older ones are out of use.
pub(super) const LINUX: [Platform; 4] = [
    Platform {
        name: "manylinux, x86-64",
        triple: "x86_64-unknown-linux-gnu",
        tag: "manylinux_2_17",
    },
    Platform {
        name: "manylinux, aarch64",
        triple: "aarch64-unknown-linux-gnu",
        tag: "manylinux_2_17",
    },
    Platform {
        name: "musllinux, x86-64",
        triple: "x86_64-unknown-linux-musl",
        tag: "musllinux_1_2",
    },
    Platform {
        name: "musllinux, aarch64",
        triple: "aarch64-unknown-linux-musl",
        tag: "musllinux_1_2",
    },
];

impl Platform {
    /// That of this machine, if it is one of those above. Its Python may use the other C library
    /// than this program does.
    pub(super) fn of_this_machine() -> Option<Self> {
        let library = if cfg!(target_env = "musl") { "musl" } else { "gnu" };
        let triple = format!("{ARCH}-unknown-{OS}-{library}");
        LINUX.into_iter().find(|platform| platform.triple == triple)
    }

    pub(super) fn has_glibc(self) -> bool {
        self.triple.ends_with("-gnu")
    }
}
