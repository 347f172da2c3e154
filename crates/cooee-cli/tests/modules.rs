//! The modules of this crate refer to each other in one direction.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Each module at the root of the crate with those that it names, tests left out.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut arrows = BTreeMap::new();
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let mut named = BTreeSet::new();
        collect(&path, &mut named);
        named.remove(&module);
        arrows.insert(module, named);
    }
    arrows
}

fn collect(path: &Path, named: &mut BTreeSet<String>) {
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| collect(&entry.unwrap().path(), named));
        return;
    }
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    for rest in code.split("crate::").skip(1) {
        named.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
    }
}

#[test]
fn no_modules_refer_to_each_other_in_a_circle() {
    let mut left = arrows();
    // What the root of the crate re-exports would be a way around.
    assert!(left.values().flatten().all(|named| left.contains_key(named)), "{left:?}");
    assert!(left.len() > 8 && left["verb"].contains("settings"), "{left:?}");
    while !left.is_empty() {
        let modules: BTreeSet<_> = left.keys().cloned().collect();
        left.retain(|_, named| !named.is_disjoint(&modules));
        assert!(left.len() < modules.len(), "a circle among {left:?}");
    }
}

#[test]
fn settings_are_below_the_command_line_and_that_is_below_the_verbs() {
    let arrows = arrows();
    let names = |module: &str, other: &str| arrows[module].contains(other);
    assert!(!names("value", "settings") && !names("settings", "args") && !names("args", "verb"));
    assert!(names("settings", "value") && names("args", "settings") && names("verb", "args"));
}
