//! The command, built for each system.

use std::process::Command;

use super::release::Release;
use super::target::{System, TARGETS, Target};
use crate::missing::Missing;
use crate::python::Tools;
use crate::report::Report;
use crate::setup;
use crate::workspace::Workspace;

/// Builds the command for all systems, and returns those that there is one for.
pub(super) fn build(
    workspace: &Workspace,
    tools: &Tools,
    release: &Release,
    report: &mut Report,
) -> Vec<Target> {
    let mut built = Vec::new();
    for target in TARGETS {
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
    if target.system == System::Windows {
        let toolchain = setup::linking_for_windows(workspace, target.triple)?;
        let mut cargo = toolchain.cargo(workspace, "build", target.triple);
        cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", setup::WINDOWS_LINKER);
        return Ok(cargo);
    }
    let toolchain = setup::toolchain_for(workspace, target.triple)?;
    let mut zigbuild = tools.run("cargo-zigbuild");
    zigbuild.args(["zigbuild", "--target", target.triple]);
    toolchain.lend_to(&mut zigbuild);
    Ok(zigbuild)
}
