//! Arrows between the crates point one way, and the engine stays free of I/O.

#![allow(clippy::unwrap_used)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// What each crate may build on, as in the table of `ARCHITECTURE.md`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("cooee-core", &[]),
    ("cooee-udp", &["cooee-core"]),
    ("cooee-mdns", &["cooee-core", "cooee-udp"]),
    ("cooee", &["cooee-core", "cooee-mdns", "cooee-udp"]),
    ("cooee-cli", &["cooee"]),
    ("cooee-py", &["cooee", "cooee-cli"]),
    ("cooee-fuzz", &["cooee-cli", "cooee-core"]),
    ("cooee-hub", &["cooee"]),
    ("cooee-lab", &["cooee", "cooee-core", "cooee-udp"]),
    ("cooee-bench", &["cooee", "cooee-core", "cooee-lab", "cooee-udp"]),
    ("xtask", &[]),
];

const ENGINE: &str = "cooee-core";

/// Crates that open no socket, read no clock and draw no entropy of the system.
const ENGINE_EXTERNALS: &[&str] =
    &["bytes", "ipnet", "minicbor", "rand", "rand_pcg", "serde", "thiserror", "tracing"];

/// Any crate's tests may run in the lab, except the engine's: the lab builds on it.
const LAB: &str = "cooee-lab";

#[derive(Clone, Copy)]
enum Origin {
    Workspace,
    Elsewhere,
}

/// Says what is wrong with one dependency, if anything is.
fn objection(
    package: &str,
    dependency: &str,
    kind: DependencyKind,
    origin: Origin,
) -> Option<String> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package) else {
        return Some(format!("{package} is not in the table; add it to {}", file!()));
    };
    let in_tests = kind == DependencyKind::Development;
    let accepted = match origin {
        Origin::Workspace if in_tests && dependency == LAB => package != ENGINE,
        Origin::Workspace => allowed.contains(&dependency),
        Origin::Elsewhere => {
            package != ENGINE || in_tests || ENGINE_EXTERNALS.contains(&dependency)
        }
    };
    (!accepted).then(|| format!("{package} may not have the {kind} dependency {dependency}"))
}

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap()
}

#[test]
fn every_crate_is_in_the_table() {
    let unknown: Vec<_> = metadata()
        .packages
        .iter()
        .filter(|package| !ALLOWED.iter().any(|(name, _)| package.name == *name))
        .map(|package| format!("{} is not in the table; add it to {}", package.name, file!()))
        .collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn no_crate_depends_on_one_that_it_may_not() {
    let metadata = metadata();
    let objections: Vec<_> = metadata
        .packages
        .iter()
        .flat_map(|package| package.dependencies.iter().map(move |found| (package, found)))
        .filter_map(|(package, found)| {
            let origin = if found.path.is_some() { Origin::Workspace } else { Origin::Elsewhere };
            objection(&package.name, &found.name, found.kind, origin)
        })
        .collect();
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn the_table_is_enforced() {
    use DependencyKind::{Build, Development, Normal};
    use Origin::{Elsewhere, Workspace};

    for (package, dependency, kind, origin) in [
        ("cooee-core", "cooee-udp", Normal, Workspace),
        ("cooee-core", "cooee-lab", Development, Workspace),
        ("cooee-core", "tokio", Normal, Elsewhere),
        ("cooee-core", "socket2", Build, Elsewhere),
        ("cooee-udp", "cooee", Normal, Workspace),
        ("cooee-cli", "cooee-core", Normal, Workspace),
        ("cooee-cli", "cooee-lab", Normal, Workspace),
        ("xtask", "cooee", Build, Workspace),
        ("cooee-new", "cooee", Normal, Workspace),
    ] {
        assert!(objection(package, dependency, kind, origin).is_some(), "{package} {dependency}");
    }
    for (package, dependency, kind, origin) in [
        ("cooee-core", "bytes", Normal, Elsewhere),
        ("cooee-core", "proptest", Development, Elsewhere),
        ("cooee", "cooee-udp", Normal, Workspace),
        ("cooee", "tokio", Normal, Elsewhere),
        ("cooee", "cooee-lab", Development, Workspace),
    ] {
        assert_eq!(objection(package, dependency, kind, origin), None);
    }
}
