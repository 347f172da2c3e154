//! Whether the crates compile for systems that this machine is not, tests and examples included.

use std::process::ExitCode;

use crate::inputs::Inputs;
use crate::report::{Report, Strictness};
use crate::setup::{self, Toolchain};
use crate::workspace::{PUBLISHED, Workspace};

struct Target {
    system: &'static str,
    triple: &'static str,
}

const TARGETS: [Target; 10] = [
    Target { system: "Windows", triple: "x86_64-pc-windows-gnu" },
    Target { system: "Windows, msvc", triple: "x86_64-pc-windows-msvc" },
    Target { system: "macOS, aarch64", triple: "aarch64-apple-darwin" },
    Target { system: "macOS, x86-64", triple: "x86_64-apple-darwin" },
    Target { system: "Linux, aarch64", triple: "aarch64-unknown-linux-gnu" },
    Target { system: "Linux, armv7", triple: "armv7-unknown-linux-gnueabihf" },
    Target { system: "musl, x86-64", triple: "x86_64-unknown-linux-musl" },
    Target { system: "musl, aarch64", triple: "aarch64-unknown-linux-musl" },
    Target { system: "FreeBSD", triple: "x86_64-unknown-freebsd" },
    Target { system: "Android", triple: "aarch64-linux-android" },
];

/// The systems' names for a toolchain.
pub(crate) fn triples() -> impl Iterator<Item = &'static str> + Clone {
    TARGETS.iter().map(|target| target.triple)
}

/// The crates that people use. The others are for Linux.
fn crates() -> impl Iterator<Item = &'static str> {
    PUBLISHED.into_iter().chain(["cooee-py"])
}

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    // Who asks for this alone is not served by skipping it.
    let mut report = Report::new(Strictness::Strict);
    run(workspace, &mut report);
    report.finish()
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let sources = Inputs::of_crates(&workspace.shell().current_dir(), crates());
    for target in &TARGETS {
        match setup::toolchain_for(workspace, target.triple) {
            Ok(toolchain) => target.check(workspace, &toolchain, &sources, report),
            Err(missing) => report.skip(1, [missing]),
        }
    }
}

impl Target {
    fn check(
        &self,
        workspace: &Workspace,
        toolchain: &Toolchain,
        sources: &Inputs,
        report: &mut Report,
    ) {
        let name = format!("check, {}", self.system);
        let mut check = toolchain.check(workspace, self.triple);
        check.args(["--locked", "--all-features", "--all-targets", "--target-dir"]);
        check.arg(workspace.other_systems());
        check.args(crates().flat_map(|name| ["--package", name]));
        // There is no Python of the target here, and the stable ABI needs none.
        check.env("PYO3_NO_PYTHON", "1");
        let how = format!("{:?}", check.get_args().collect::<Vec<_>>());
        let inputs = sources.clone().text(&how);
        let inputs = toolchain.versions().iter_mut().fold(inputs, Inputs::output);
        report.part(&name, &inputs, |report| report.check(&name, &mut check));
    }
}
