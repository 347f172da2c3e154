//! The commands of the archives, run here as far as they can.

use std::path::Path;
use std::process::Command;

use crate::dist::target::{System, Target};
use crate::missing::Missing;
use crate::report::Report;
use crate::setup;
use crate::windows::Wine;
use crate::workspace::Workspace;

/// Runs the command for `target` that was unpacked into this directory: its version, and
/// where there are networks a server and a discovery.
pub(super) fn run(workspace: &Workspace, target: &Target, unpacked: &Path, report: &mut Report) {
    let program = unpacked.join(target.program());
    match target.system {
        System::Linux if target.triple.starts_with(std::env::consts::ARCH) => {
            show(target, || Command::new(&program), "demo", report);
        }
        System::Linux => match setup::emulator(workspace) {
            Ok(emulator) => {
                let emulated = || {
                    let mut command = Command::new(emulator);
                    command.arg(&program);
                    command
                };
                show(target, emulated, "demo", report);
            }
            Err(missing) => report.skip(2, [missing]),
        },
        System::Windows => windows(workspace, target, &program, report),
        System::MacOs => report.except([Missing::new(
            format!("the command for {}", target.triple),
            "nothing here runs it",
            "run it on a Mac",
        )]),
    }
}

fn show(target: &Target, command: impl Fn() -> Command, verb: &str, report: &mut Report) {
    for argument in ["--version", verb] {
        let name = format!("cooee {argument}, {}", target.triple);
        report.check(&name, command().arg(argument));
    }
}

fn windows(workspace: &Workspace, target: &Target, program: &Path, report: &mut Report) {
    if let Err(missing) = setup::windows(workspace, target.triple) {
        return report.skip(2, missing);
    }
    let mut wine = None;
    report.judge("wine", || {
        wine = Some(Wine::set_up(&workspace.target().join("windows"))?);
        Ok(())
    });
    if let Some(wine) = wine {
        show(target, || wine.command(program), "interfaces", report);
        report.except([Missing::new(
            format!("cooee find, {}", target.triple),
            "wine does not know IPV6_V6ONLY of a socket for IPv4, which quinn-udp reads",
            "cargo xtask windows runs it with a crate that does without",
        )]);
    }
}
