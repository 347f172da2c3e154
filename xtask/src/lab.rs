use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use xshell::{Shell, cmd};

use crate::libtest::listed;
use crate::missing::Missing;
use crate::report::{Report, Strictness};
use crate::setup::{self, Setup};
use crate::workspace::Workspace;

/// The crate whose tests need the lab, which the other test runs leave out.
pub(crate) const CRATE: &str = "cooee-lab";

const FEATURES: &str = "netns,test-codec";

// The rule of a lossy segment, whose parts an old kernel may lack.
const LOSS: &str = "table bridge loss { chain forward { type filter hook forward priority 0; \
                    meta l4proto udp numgen random mod 100 < 20 drop; }; }";

pub(crate) fn main(workspace: &Workspace, arguments: &[String]) -> ExitCode {
    let mut report = Report::new(Strictness::from_environment());
    let outcome = run(workspace, &setup::run(workspace), arguments, &mut report);
    let status = report.finish();
    // Who asks for the lab alone is not served by skipping it.
    if outcome == Outcome::Skipped { ExitCode::FAILURE } else { status }
}

/// Whether the lab's tests were run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Ran,
    Skipped,
}

/// Runs the lab's tests, or counts and explains those that cannot run.
pub(crate) fn run(
    workspace: &Workspace,
    setup: &Setup,
    arguments: &[String],
    report: &mut Report,
) -> Outcome {
    let mut missing = obstacles(workspace, setup);
    if missing.is_empty() {
        if report.prepare("build of cooee", &mut build(workspace)) {
            let mut tests = tests(workspace, setup, arguments);
            if arguments.iter().any(|argument| !argument.starts_with('-')) {
                report.chosen_tests("lab", &mut tests);
            } else {
                report.tests("lab", &mut tests);
            }
            return Outcome::Ran;
        }
        let fix = "see what the build said";
        missing.push(Missing::new("cooee", "the lab drives it, and it does not build", fix));
    }
    skip(workspace, missing, arguments, report);
    Outcome::Skipped
}

/// What keeps the lab from running here.
pub(crate) fn obstacles(workspace: &Workspace, setup: &Setup) -> Vec<Missing> {
    let mut missing = setup.missing.clone();
    missing.extend(namespaces(workspace.shell()).err());
    missing
}

/// The build of the program that the lab drives.
pub(crate) fn build(workspace: &Workspace) -> Command {
    workspace.cargo(["build", "--release", "--package", "cooee-cli"])
}

/// A release build of the lab's crate, that knows the programs to drive.
pub(crate) fn command(workspace: &Workspace, setup: &Setup, task: &[&str]) -> Command {
    release(workspace, setup, CRATE, FEATURES, task)
}

/// A release build of a crate that drives programs in the lab, and knows them.
pub(crate) fn release(
    workspace: &Workspace,
    setup: &Setup,
    name: &str,
    feature: &str,
    task: &[&str],
) -> Command {
    let binary = format!("cooee{}", std::env::consts::EXE_SUFFIX);
    let mut command = workspace.cargo(task);
    command.args(["--release", "--package", name, "--features", feature]);
    command.env("COOEE_BIN", workspace.target().join("release").join(binary));
    if let Some(python) = &setup.python {
        command.env("COOEE_STOCK_PYTHON", python);
    }
    if let Some(python) = &setup.zeroconf {
        command.env("COOEE_ZEROCONF_PYTHON", python);
    }
    if let Some(root) = &setup.resolved {
        command.env("COOEE_RESOLVED_ROOT", root);
    }
    command
}

fn tests(workspace: &Workspace, setup: &Setup, arguments: &[String]) -> Command {
    let mut command = command(workspace, setup, &["test", "--no-fail-fast"]);
    command.arg("--").args(arguments);
    command
}

/// Runs those tests of the lab's crate that need no namespaces, and counts the others.
fn skip(workspace: &Workspace, missing: Vec<Missing>, arguments: &[String], report: &mut Report) {
    let mut rest = workspace.cargo(["test", "--no-fail-fast", "--package", CRATE, "--"]);
    report.tests("lab without namespaces", rest.args(arguments));
    let (count, why) = match namespace_tests(workspace, arguments) {
        Ok(count) => (count, format!("{count} tests cannot run here")),
        Err(error) => (1, format!("its tests cannot be counted: {error:#}")),
    };
    let summary = Missing::new("lab", why, "the reasons follow");
    report.skip(count, [summary].into_iter().chain(missing));
}

fn namespace_tests(workspace: &Workspace, arguments: &[String]) -> Result<usize> {
    let without = list(workspace, &[], arguments)?.len();
    let with = list(workspace, &["--features", FEATURES], arguments)?.len();
    Ok(with.saturating_sub(without))
}

fn list(workspace: &Workspace, features: &[&str], arguments: &[String]) -> Result<Vec<String>> {
    let mut command = workspace.cargo(["test", "--quiet", "--package", CRATE, "--lib", "--tests"]);
    command.args(features).args(["--", "--list"]).args(arguments);
    let output = command.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(listed(&String::from_utf8_lossy(&output.stdout)))
}

/// Tries what the lab does, in a namespace of its own.
fn namespaces(shell: &Shell) -> Result<(), Missing> {
    if !cfg!(target_os = "linux") {
        return Err(lacking("only Linux has them", "run the lab on Linux"));
    }
    let name = format!("cooee-{}-check", std::process::id());
    cmd!(shell, "ip netns add {name}").quiet().ignore_stderr().run().map_err(|_| {
        lacking("this process may not make them", "run as root, with CAP_SYS_ADMIN in a container")
    })?;
    let bridge = cmd!(shell, "ip -n {name} link add bridge type bridge");
    let loss = cmd!(shell, "ip netns exec {name} nft {LOSS}");
    let outcome = bridge
        .quiet()
        .run()
        .map_err(|_| lacking("the kernel has no bridges", "load the kernel module bridge"))
        .and_then(|()| {
            loss.quiet().run().map_err(|_| {
                lacking("nft cannot lose datagrams on a bridge", "load the module nft_numgen")
            })
        });
    // The next lab removes it when this fails.
    let _ = cmd!(shell, "ip netns del {name}").quiet().run();
    outcome
}

fn lacking(why: &str, fix: &str) -> Missing {
    Missing::new("network namespaces", why, fix)
}
