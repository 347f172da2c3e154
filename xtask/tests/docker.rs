//! What of the Dockerfile can be checked without an engine: that it names what there is, and that
//! what it copies is a workspace of its own.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::MetadataCommand;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The instructions of the Dockerfile, each with its arguments.
fn instructions() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            (words.next().unwrap(), words.collect())
        })
        .collect()
}

/// What is copied out of the repository.
fn copied() -> Vec<String> {
    let copies = instructions().into_iter().filter(|(instruction, arguments)| {
        instruction == "COPY" && !arguments[0].starts_with("--from")
    });
    copies
        .flat_map(|(_, mut sources)| {
            sources.pop().expect("a destination");
            sources
        })
        .collect()
}

fn arguments_of(wanted: &str) -> Vec<Vec<String>> {
    let found = instructions().into_iter().filter(|(instruction, _)| instruction == wanted);
    found.map(|(_, arguments)| arguments).collect()
}

#[test]
fn what_is_copied_is_there_and_not_ignored() {
    let ignore = fs::read_to_string(root().join(".dockerignore")).unwrap();
    let admitted: Vec<_> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    assert!(ignore.lines().any(|line| line == "*"), "what is not named stays out");
    let mut copied = copied();
    for name in &copied {
        assert!(root().join(name).exists(), "{name} is not there");
    }
    copied.sort();
    assert_eq!(copied, admitted.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
}

#[test]
fn the_compiler_is_new_enough() {
    let base = &arguments_of("FROM")[0][0];
    let version = base.strip_prefix("rust:").and_then(|tag| tag.strip_suffix("-alpine")).unwrap();
    let numbers =
        |text: &str| -> Vec<u32> { text.split('.').map(|n| n.parse().unwrap()).collect() };
    let manifest = root().join("Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    for package in metadata.packages {
        let wanted = package.rust_version.unwrap().to_string();
        assert!(
            numbers(version) >= numbers(&wanted)[..2].to_vec(),
            "{} wants {wanted}",
            package.name
        );
    }
}

#[test]
fn the_image_is_empty_and_runs_as_nobody() {
    assert_eq!(arguments_of("FROM").last().unwrap(), &["scratch"]);
    let [user] = &arguments_of("USER")[..] else { panic!("one USER") };
    let [user, group] = user[0].split(':').collect::<Vec<_>>()[..] else { panic!("user:group") };
    assert!(user.parse::<u32>().unwrap() > 0 && group.parse::<u32>().unwrap() > 0);
    assert_eq!(arguments_of("EXPOSE"), [["9999/udp"]]);
}

#[test]
fn what_is_copied_builds_alone() {
    let context = Path::new(env!("CARGO_TARGET_TMPDIR")).join("context");
    // That of an earlier run, if there was one.
    let _ = fs::remove_dir_all(&context);
    fs::create_dir_all(&context).unwrap();
    for name in copied() {
        let status = Command::new("cp").arg("-r").arg(root().join(&name)).arg(&context).status();
        assert!(status.unwrap().success(), "{name}");
    }
    let mut command = MetadataCommand::new();
    command.manifest_path(context.join("Cargo.toml"));
    // The lock file has to do as it is. What other systems need may not be there yet.
    command.other_options(["--locked".to_owned()]);
    let metadata = command.exec().unwrap();
    assert!(metadata.workspace_packages().iter().any(|package| package.name == "cooee-cli"));
}
