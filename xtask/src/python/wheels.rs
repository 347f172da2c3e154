//! The wheels that can be built here, for this system and for others.

use std::path::Path;
use std::process::{Command, ExitCode};

use super::build;
use super::platform::{Linked, PLATFORMS, Platform};
use super::tools::Tools;
use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup;
use crate::setup::venv::Lacking;
use crate::workspace::Workspace;

pub(crate) fn main(workspace: &Workspace) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    match Tools::install(workspace, Path::new(super::DEFAULT)) {
        Ok(tools) => run(workspace, &tools, &mut report),
        Err(Lacking { why, fix }) => {
            report.skip(PLATFORMS.len(), [Missing::new("wheels", why, fix)]);
        }
    }
    report.finish()
}

fn run(workspace: &Workspace, tools: &Tools, report: &mut Report) {
    let directory = workspace.target().join("python-dist");
    // Not maturin's own `wheels`, where pip leaves what it builds. There may be no older ones.
    let _ = std::fs::remove_dir_all(&directory);
    let plan = Plan { directory: &directory, has: &|_| true, adapt: &|_| () };
    build_all(workspace, tools, &plan, report);
    let mut tests = tools.module(["pytest", "python/tests/packaging/test_wheels.py"]);
    report.pytest("libraries in the wheels", tests.env("COOEE_WHEELS", &directory));
    let mut check = tools.module(["twine", "check", "--strict"]);
    let files = std::fs::read_dir(&directory).into_iter().flatten().flatten();
    report.check("metadata", check.args(files.map(|file| file.path())));
}

/// Which wheels are built, and how.
pub(crate) struct Plan<'a> {
    /// Where they go.
    pub(crate) directory: &'a Path,
    /// Whether there is to be one for the system of this triple.
    pub(crate) has: &'a dyn Fn(&str) -> bool,
    /// Changes the environment of what builds each, and of what makes the source distribution.
    pub(crate) adapt: &'a dyn Fn(&mut Command),
}

/// Builds the wheels, and the source distribution.
pub(crate) fn build_all(
    workspace: &Workspace,
    tools: &Tools,
    plan: &Plan<'_>,
    report: &mut Report,
) {
    let Plan { directory, has, adapt } = plan;
    for platform in PLATFORMS.into_iter().filter(|platform| has(platform.triple)) {
        match build(workspace, tools, platform, directory) {
            Ok(mut wheel) => {
                adapt(&mut wheel);
                report.check(platform.name, &mut wheel);
            }
            Err(Obstacle::Missing(missing)) => report.skip(1, [missing]),
            Err(Obstacle::Error(error)) => report.judge(platform.name, || Err(error)),
        }
    }
    let mut sdist = build::sdist(tools, directory);
    adapt(&mut sdist);
    report.check("source distribution", &mut sdist);
}

/// Why a wheel cannot be built.
enum Obstacle {
    Missing(Missing),
    Error(anyhow::Error),
}

fn build(
    workspace: &Workspace,
    tools: &Tools,
    platform: Platform,
    directory: &Path,
) -> Result<Command, Obstacle> {
    let own = Platform::of_this_machine();
    let wheel = if own == Some(platform) {
        build::wheel(workspace, tools, own, directory)
    } else {
        let toolchain = match platform.linked {
            Linked::Windows => setup::linking_for_windows(workspace, platform.triple),
            Linked::Linux(_) | Linked::MacOs => setup::toolchain_for(workspace, platform.triple),
        };
        let toolchain = toolchain.map_err(Obstacle::Missing)?;
        build::wheel_for(workspace, tools, platform, &toolchain, directory)
    };
    wheel.map_err(Obstacle::Error)
}
