//! The command and the wheels, built for each system.

use std::process::Command;

use super::release::Release;
use super::target::{System, TARGETS, Target};
use crate::missing::Missing;
use crate::python::{self, Tools};
use crate::report::Report;
use crate::setup::{self, Toolchain};
use crate::workspace::Workspace;

/// Builds the command for all systems, and returns those that there is one for.
pub(super) fn build(
    workspace: &Workspace,
    tools: &Tools,
    release: &Release,
    report: &mut Report,
) -> Vec<Target> {
    let mut built = Vec::new();
    for target in TARGETS.into_iter().filter(|target| release.has(target.triple)) {
        match cargo(workspace, tools, &target) {
            Ok(mut cargo) => {
                release.build_command(&target, &mut cargo);
                if report.prepare(&format!("command for {}", target.triple), &mut cargo) {
                    built.push(target);
                }
            }
            Err(missing) => report.skip(1, [missing]),
        }
    }
    built
}

/// What builds and links for `target`: zig has the libraries of Linux and macOS.
fn cargo(workspace: &Workspace, tools: &Tools, target: &Target) -> Result<Command, Missing> {
    let toolchain = toolchain(workspace, target)?;
    if target.system == System::Windows {
        let mut cargo = toolchain.cargo(workspace, "build", target.triple);
        cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", setup::WINDOWS_LINKER);
        return Ok(cargo);
    }
    let mut zigbuild = tools.run("cargo-zigbuild");
    zigbuild.args(["zigbuild", "--target", target.triple]);
    if target.system == System::MacOs {
        // Rustc would strip it by rust-objcopy, which Debian's has not.
        zigbuild.env("CARGO_PROFILE_DIST_STRIP", "none");
    }
    toolchain.lend_to(&mut zigbuild);
    Ok(zigbuild)
}

fn toolchain(workspace: &Workspace, target: &Target) -> Result<Toolchain, Missing> {
    if target.system == System::Windows {
        setup::linking_for_windows(workspace, target.triple)
    } else {
        setup::toolchain_for(workspace, target.triple)
    }
}

/// Builds the wheels for Linux, and the source distribution.
pub(super) fn build_wheels(
    workspace: &Workspace,
    tools: &Tools,
    release: &Release,
    report: &mut Report,
) {
    let plan = python::Plan {
        directory: &release.out,
        has: &|triple| release.has(triple),
        adapt: &|maturin| release.make_reproducible(maturin, &[]),
    };
    python::build_wheels(workspace, tools, &plan, report);
}
