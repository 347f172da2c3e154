//! Modules of one crate do not use each other in a circle.
//!
//! A module here is a file; what is written in `mod name { … }` belongs to its file. An arrow goes
//! from the file that names an item to the file that defines it, however many re-exports and
//! imports are between them. To declare, import or re-export a module is no arrow, and neither is
//! a method called on a value: only names count. What is compiled for tests only is left out.
//!
//! At every level, the parts of a module are its own file and each of its child modules with all
//! that is below it. Each arrow counts at one level, that of the nearest module above both ends.
//! The parts of a level that reach each other by arrows are a circle.
//!
//! So a child may use what its parent's file defines, or the parent's file may use the child, but
//! not both: whoever reads either would have to read the other first. What both need goes into a
//! module of its own. A child that only adds methods to its parent's type is fine.

#![allow(clippy::unwrap_used)]

mod arrows;
mod circles;
mod source;
mod synthetic;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use cargo_metadata::{MetadataCommand, TargetKind};

use circles::{Circle, circles};
use source::Source;

/// Circles that are still to be broken: the crate's target, and the files of each circle.
const ALLOWED: Allowed<'_> = &[];

/// Every circle in the workspace, with the target that it is in.
fn found() -> Vec<(String, Circle)> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    let targets = metadata.packages.iter().flat_map(|package| {
        package.targets.iter().map(move |target| (package.name.to_string(), target))
    });
    let programs = targets.filter(|(_, target)| {
        let kinds = [TargetKind::Bin, TargetKind::CDyLib, TargetKind::Lib];
        target.kind.iter().any(|kind| kinds.contains(kind))
    });
    let read = |path: &std::path::Path| fs::read_to_string(path).ok();
    programs
        .flat_map(|(package, target)| {
            let source = Source::load(target.src_path.as_std_path(), &read);
            assert!(!source.modules[0].code.is_empty() || source.modules.len() > 1, "{package}");
            circles(&source).into_iter().map(move |circle| (package.clone(), circle))
        })
        .collect()
}

type Allowed<'a> = &'a [(&'a str, &'a [&'a str])];

/// A line for each circle that is not on the list, and for each of the list that is no more.
fn objections(found: &[(String, Circle)], allowed: Allowed<'_>) -> Vec<String> {
    let is = |circle: &Circle, files: &[&str]| {
        circle.files == files.iter().map(PathBuf::from).collect::<BTreeSet<_>>()
    };
    let is_allowed = |(package, circle): &&(String, Circle)| {
        allowed.iter().any(|(name, files)| name == package && is(circle, files))
    };
    let is_found = |(name, files): &&(&str, &[&str])| {
        found.iter().any(|(package, circle)| name == package && is(circle, files))
    };
    let new = found.iter().filter(|found| !is_allowed(found)).map(|(package, circle)| {
        format!("a circle in {package}, {:?}:\n  {}", circle.files, circle.arrows.join("\n  "))
    });
    let stale = allowed.iter().filter(|entry| !is_found(entry)).map(|(package, files)| {
        format!(
            "{package} has no circle of {files:?} any more; take it off the list in {}",
            file!()
        )
    });
    new.chain(stale).collect()
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let objections = objections(&found(), ALLOWED);
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn the_list_has_exactly_the_circles_there_are() {
    let circle = || {
        let files = ["a.rs", "b.rs"].map(PathBuf::from).into();
        [("package".to_owned(), Circle { files, arrows: Vec::new() })]
    };
    assert_eq!(objections(&circle(), &[("package", &["b.rs", "a.rs"])]), [""; 0]);
    assert_eq!(objections(&circle(), &[]).len(), 1, "a new one");
    assert_eq!(objections(&[], &[("package", &["a.rs", "b.rs"])]).len(), 1, "a stale entry");
    assert_eq!(objections(&circle(), &[("package", &["a.rs"])]).len(), 2, "not this one");
    assert_eq!(objections(&circle(), &[("other", &["a.rs", "b.rs"])]).len(), 2, "not here");
}
