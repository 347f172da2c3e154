//! The unit tests of the core and the command's demo, compiled for ARM's 64 bits and run under qemu.

use std::process::{Command, ExitCode};

use crate::inputs::Inputs;
use crate::report::{Report, Strictness};
use crate::setup::{self, Toolchain};
use crate::workspace::{PUBLISHED, Workspace};

const TARGET: &str = "aarch64-unknown-linux-gnu";

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    // Who asks for this alone is not served by skipping it.
    let mut report = Report::new(Strictness::Strict);
    match setup::aarch64(workspace, TARGET) {
        Ok(toolchain) => run(workspace, &toolchain, &mut report),
        Err(missing) => report.skip(1, missing),
    }
    report.finish()
}

/// Runs them, unless they passed before with the same inputs.
pub(crate) fn part(workspace: &Workspace, report: &mut Report) {
    let toolchain = match setup::aarch64(workspace, TARGET) {
        Ok(toolchain) => toolchain,
        Err(missing) => return report.skip(1, missing),
    };
    let mut qemu = Command::new(setup::QEMU_AARCH64);
    qemu.arg("--version");
    let mut linker = Command::new(setup::LINKER_AARCH64);
    linker.arg("--version");
    let sources = Inputs::of_crates(&workspace.shell().current_dir(), PUBLISHED);
    let sources = sources.output(&mut qemu).output(&mut linker);
    let inputs = toolchain.versions().iter_mut().fold(sources, Inputs::output);
    report.part("aarch64", &inputs, |report| run(workspace, &toolchain, report));
}

fn run(workspace: &Workspace, toolchain: &Toolchain, report: &mut Report) {
    let mut tests = cargo(workspace, toolchain, "test");
    tests.args(["--no-fail-fast", "--package", "cooee-core", "--lib"]);
    report.tests("core under qemu", &mut tests);
    let mut demo = cargo(workspace, toolchain, "run");
    demo.args(["--package", "cooee-cli", "--", "demo"]);
    report.check("demo under qemu", &mut demo);
}

fn cargo(workspace: &Workspace, toolchain: &Toolchain, verb: &str) -> Command {
    let mut cargo = toolchain.cargo(workspace, verb, TARGET);
    cargo.arg("--target-dir").arg(workspace.other_systems());
    let runner = format!("{} -L {}", setup::QEMU_AARCH64, setup::LIBRARIES_AARCH64);
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", setup::LINKER_AARCH64);
    cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", runner);
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo
}
