//! What linters do not know of the workflows: that the tasks which they name exist, that actions are
//! pinned, and that no job holds more than it needs.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Each workflow's name and text.
fn workflows() -> Vec<(String, String)> {
    let directory = fs::read_dir(root().join(".github/workflows")).unwrap();
    let paths = directory.map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            fs::read_to_string(path).unwrap(),
        )
    };
    paths.map(read).collect()
}

/// The tasks that `cargo xtask` knows.
fn tasks() -> BTreeSet<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split_once("Commands:").unwrap().1.lines();
    let names = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The tasks that a text runs.
fn named_tasks(text: &str) -> impl Iterator<Item = &str> {
    let after = text.split("cargo xtask ").skip(1);
    after.map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap())
}

/// The jobs of a workflow, as their names and lines.
fn jobs(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut jobs: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.split_once("\njobs:\n").expect("it has jobs").1.lines() {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with([' ', '#']));
        match (name.and_then(|rest| rest.strip_suffix(':')), jobs.last_mut()) {
            (Some(name), _) => jobs.push((name, Vec::new())),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    jobs
}

/// What is wrong with the reference to an action: it must name a commit, and say which version that is.
fn objection(reference: &str) -> Option<&'static str> {
    let Some((action, version)) = reference.split_once(" # v") else {
        return Some("does not say its version");
    };
    let commit = action.split_once('@').map_or("", |(_, commit)| commit);
    let is_hash = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_version = version.split('.').all(|part| part.parse::<u32>().is_ok());
    (!is_hash || !is_version).then_some("is not pinned to a commit")
}

#[test]
fn every_task_that_a_workflow_runs_exists() {
    let tasks = tasks();
    assert!(tasks.contains("test") && tasks.contains("lint"), "{tasks:?}");
    let mut named = 0;
    for (file, text) in workflows() {
        for task in named_tasks(&text) {
            named += 1;
            assert!(tasks.contains(task), "{file}: there is no cargo xtask {task}");
        }
    }
    assert!(named > 0, "no workflow runs a task");
}

#[test]
fn every_action_is_pinned_to_a_commit() {
    for (file, text) in workflows() {
        let uses = text.lines().filter_map(|line| line.split_once("uses: "));
        // A workflow of the same commit is pinned by it.
        for (_, reference) in uses.filter(|(_, reference)| !reference.starts_with("./")) {
            assert_eq!(objection(reference), None, "{file}: {reference}");
        }
    }
    let hash = "0123456789abcdef0123456789abcdef01234567";
    assert_eq!(objection(&format!("a/b@{hash} # v1.2.3")), None);
    for wrong in ["a/b@v1", "a/b@v1 # v1", &format!("a/b@{hash}"), &format!("a/b@{hash} # v1.x")] {
        assert!(objection(wrong).is_some(), "{wrong}");
    }
}

#[test]
fn a_checkout_keeps_no_credentials() {
    for (file, text) in workflows() {
        for rest in text.split("uses: actions/checkout@").skip(1) {
            let step = rest.split("- ").next().unwrap();
            assert!(step.contains("persist-credentials: false"), "{file}: {step}");
        }
    }
}

#[test]
fn every_job_ends_and_none_may_write_but_those_that_say_so() {
    for (file, text) in workflows() {
        assert!(text.contains("\npermissions:\n  contents: read\n\n"), "{file} asks for more");
        let jobs = jobs(&text);
        assert!(!jobs.is_empty(), "{file} has no jobs");
        for (job, lines) in jobs {
            let has = |key: &str| lines.iter().any(|line| line.starts_with(&format!("    {key}:")));
            // The jobs of a workflow that is called have their own ends.
            let ends = has("timeout-minutes") || has("uses");
            assert!(ends, "{file}: {job} may run for hours");
            let writes = lines.iter().any(|line| line.trim().ends_with(": write"));
            assert!(!writes || has("permissions"), "{file}: {job} writes");
        }
    }
}

/// A badge states a result that nobody has seen.
#[test]
fn the_readme_shows_no_badges() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let pictures = readme.split("![").skip(1).filter_map(|rest| rest.split_once("]("));
    for (_, target) in pictures {
        let target = target.split(')').next().unwrap();
        assert!(!target.contains("://"), "{target}");
    }
}

#[test]
fn the_published_crates_are_those_that_are_packaged() {
    let lists = fs::read_to_string(root().join("xtask/src/workspace.rs")).unwrap();
    let list = lists.split_once("const PUBLISHED").unwrap().1.split_once(';').unwrap().1;
    let packaged: BTreeSet<_> =
        list.split(';').next().unwrap().split('"').skip(1).step_by(2).collect();
    assert!(packaged.len() > 1, "{packaged:?}");
    for (file, text) in workflows() {
        if !text.contains("cargo publish") {
            continue;
        }
        let published = text.split_once("for crate in ").and_then(|(_, rest)| rest.split_once(';'));
        let named: BTreeSet<_> = published.expect("a list").0.split_whitespace().collect();
        assert_eq!(named, packaged, "{file}");
    }
}
