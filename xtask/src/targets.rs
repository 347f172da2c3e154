//! Whether the crates compile for systems that this machine is not, tests and examples included.

use std::process::ExitCode;

use crate::report::{Report, Strictness};
use crate::setup;
use crate::workspace::Workspace;

struct Target {
    system: &'static str,
    triple: &'static str,
}

const TARGETS: [Target; 2] = [
    Target { system: "Windows", triple: "x86_64-pc-windows-gnu" },
    Target { system: "macOS", triple: "aarch64-apple-darwin" },
];

/// The crates that people use. The others are for Linux.
const CRATES: [&str; 5] = ["cooee-core", "cooee-udp", "cooee", "cooee-cli", "cooee-py"];

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    run(workspace, &mut report);
    report.finish()
}

pub(crate) fn run(workspace: &Workspace, report: &mut Report) {
    let target_dir = workspace.target().join("check-targets");
    for Target { system, triple } in &TARGETS {
        let toolchain = match setup::toolchain_for(workspace, triple) {
            Ok(toolchain) => toolchain,
            Err(missing) => {
                report.skip(1, [missing]);
                continue;
            }
        };
        let mut check = toolchain.check(workspace, triple);
        check.args(["--locked", "--all-features", "--all-targets", "--target-dir"]);
        check.arg(&target_dir).args(CRATES.iter().flat_map(|name| ["--package", name]));
        // There is no Python of the target here, and the stable ABI needs none.
        check.env("PYO3_NO_PYTHON", "1");
        report.check(&format!("check, {system}"), &mut check);
    }
}
