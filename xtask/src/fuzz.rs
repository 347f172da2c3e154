//! Fuzzes the targets of `crates/cooee-fuzz` with libFuzzer, on any toolchain: LLVM's coverage
//! instrumentation is asked for as a pass, which the stable compiler accepts.

mod corpora;
mod program;
mod running;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use corpora::Corpora;
pub(crate) use program::MANIFEST;
use program::Programs;
use running::Running;

/// What to fuzz, and how long.
pub(crate) struct Plan {
    /// Names of targets; none for all.
    pub(crate) targets: Vec<String>,
    pub(crate) minutes: u32,
    /// Targets at a time; as many as there are cores if unknown.
    pub(crate) jobs: Option<usize>,
    /// Whether inputs that reach new code are added to the corpus.
    pub(crate) keeps: bool,
}

const TELLS_EVERY: Duration = Duration::from_secs(30);

pub(crate) fn main(workspace: &Workspace, plan: &Plan) -> Result<ExitCode> {
    let corpora = Corpora {
        kept: workspace.shell().current_dir().join("crates/cooee-fuzz/corpus"),
        found: workspace.target().join("fuzz/corpus"),
    };
    let targets = corpora.chosen(&plan.targets)?;
    let programs = Programs::new(workspace)?;
    let mut failures = 0;
    if plan.minutes > 0 {
        programs.build(&targets)?;
        failures = fuzz(&programs, &corpora, &targets, plan)?;
    }
    println!("==> coverage by the corpus");
    programs.tell_coverage(&corpora.kept)?;
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Clippy for the package outside the workspace. It compiles no C++.
pub(crate) fn clippy(workspace: &Workspace) -> Command {
    let mut clippy = workspace.cargo(["clippy", "--manifest-path", MANIFEST, "--locked"]);
    clippy.arg("--target-dir").arg(workspace.target().join("fuzz"));
    clippy.args(["--", "-D", "warnings"]);
    clippy.env("CUSTOM_LIBFUZZER_PATH", workspace.target().join("libFuzzer.a"));
    clippy
}

/// Fuzzes the targets, some at a time. Returns how many have failed.
fn fuzz(
    programs: &Programs<'_>,
    corpora: &Corpora,
    targets: &[String],
    plan: &Plan,
) -> Result<usize> {
    let at_once = match plan.jobs {
        Some(jobs) => jobs.max(1),
        None => thread::available_parallelism().map_or(1, usize::from),
    };
    println!("==> {} min each: {}", plan.minutes, targets.join(", "));
    let mut failures = 0;
    for some in targets.chunks(at_once) {
        let mut running = some
            .iter()
            .map(|target| Running::start(programs, corpora, target, plan.minutes))
            .collect::<Result<Vec<_>>>()?;
        wait(&mut running)?;
        for finished in running {
            failures += usize::from(!finished.tell(&corpora.kept(finished.target()))?);
        }
        if plan.keeps {
            for target in some {
                keep(programs, corpora, target)?;
            }
        }
    }
    Ok(failures)
}

/// Waits for all, and tells now and then how far they are.
fn wait(running: &mut [Running]) -> Result<()> {
    let mut told = Instant::now();
    while running.iter_mut().any(Running::is_running) {
        thread::sleep(Duration::from_millis(200));
        if told.elapsed() >= TELLS_EVERY {
            told = Instant::now();
            for one in running.iter() {
                println!("{}", one.progress()?);
            }
        }
    }
    Ok(())
}

/// Adds the smallest set of found inputs that reaches what the corpus does not.
fn keep(programs: &Programs<'_>, corpora: &Corpora, target: &str) -> Result<()> {
    let kept = corpora.kept(target);
    let before = count(&kept)?;
    let mut merge = programs.fuzzer(target);
    merge.args(["-set_cover_merge=1", "-use_counters=0", "-max_len=1024", "-verbosity=0"]);
    let status = merge.arg(&kept).arg(corpora.found(target)).status();
    if !status.context("cannot run the fuzzer")?.success() {
        bail!("{target}: the inputs found could not be merged into the corpus");
    }
    println!("{target}: {} inputs added to the corpus", count(&kept)? - before);
    Ok(())
}

fn count(directory: &Path) -> Result<usize> {
    Ok(fs::read_dir(directory)?.count())
}
