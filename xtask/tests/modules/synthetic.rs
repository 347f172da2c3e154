//! The check itself, on crates of a few lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::circles::circles;
use crate::source::Source;

/// The circles in a crate of these files, each as its files' names.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<PathBuf, &str> =
        files.iter().map(|(name, text)| (Path::new("src").join(name), *text)).collect();
    let read = |path: &Path| files.get(path).map(|text| (*text).to_owned());
    let source = Source::load(Path::new("src/lib.rs"), &read);
    let names = |circle: &crate::circles::Circle| {
        let names: Vec<_> = circle.files.iter().map(|file| file.display().to_string()).collect();
        names.join(" ")
    };
    circles(&source).iter().map(names).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn two_that_use_each_other_are_a_circle() {
    let root = ("lib.rs", "mod a; mod b;");
    let a = ("a.rs", "use crate::b::B; pub struct A(B);");
    assert_eq!(found(&[root, a, ("b.rs", "use crate::a::A; pub struct B;")]), ["a.rs b.rs"]);
    assert_eq!(found(&[root, a, ("b.rs", "pub struct B;")]), NONE);
}

#[test]
fn a_longer_way_is_a_circle_too() {
    let found = found(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use super::b::f;"),
        ("b.rs", "pub fn f() { crate::c::g() }"),
        ("c.rs", "use crate::{a, d}; pub fn g() { d::h(); a::nothing() }"),
        ("d.rs", "pub fn h() {}"),
    ]);
    assert_eq!(found, ["a.rs b.rs c.rs"]);
}

#[test]
fn re_exports_lead_to_whoever_defines() {
    let root =
        ("lib.rs", "mod a; mod b; pub use a::inner::{self as deep, A as Renamed}; pub use b::*;");
    let a = ("a/mod.rs", "pub mod inner;");
    let inner = ("a/inner.rs", "pub struct A; use crate::B;");
    assert_eq!(
        found(&[root, a, inner, ("b.rs", "pub struct B(crate::Renamed);")]),
        ["a/mod.rs b.rs"]
    );
    assert_eq!(
        found(&[root, a, inner, ("b.rs", "pub struct B; fn f() { crate::deep::A }")]),
        ["a/mod.rs b.rs"]
    );
    assert_eq!(found(&[root, a, inner, ("b.rs", "pub struct B;")]), NONE);
}

#[test]
fn children_count_as_their_parents_where_these_meet() {
    let found = found(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "mod one; mod two;"),
        ("a/one.rs", "use crate::b::B;"),
        ("a/two.rs", "pub struct Two;"),
        ("b.rs", "pub struct B; fn f(_: crate::a::two::Two) {}"),
    ]);
    assert_eq!(found, ["a.rs b.rs"]);
}

#[test]
fn a_parent_and_its_child_use_each_other_one_way_only() {
    let root = ("lib.rs", "mod a;");
    let uses = "mod child; pub struct A; fn f() { child::go() }";
    let taken = ("a/child.rs", "use super::A; pub fn go() {}");
    assert_eq!(found(&[root, ("a.rs", uses), taken]), ["a/child.rs a.rs"]);
    // Neither a declaration nor a re-export uses the child.
    assert_eq!(
        found(&[root, ("a.rs", "mod child; pub use child::go; pub struct A;"), taken]),
        NONE
    );
    // A re-exported name that the file uses itself does.
    let itself = "mod child; pub use child::go; pub struct A; fn f() { go() }";
    assert_eq!(found(&[root, ("a.rs", itself), taken]), ["a/child.rs a.rs"]);
    // What the parent only imports is not its own.
    let imports = "mod child; use crate::B; fn f() { child::go(); }";
    let taken = ("a/child.rs", "use super::B; pub fn go() {}");
    let root = ("lib.rs", "mod a; mod b; pub use b::B;");
    assert_eq!(found(&[root, ("a.rs", imports), taken, ("b.rs", "pub struct B;")]), NONE);
}

#[test]
fn paths_in_macros_and_attributes_of_cfg_count() {
    let root = (
        "lib.rs",
        "mod a; #[cfg(unix)] #[path = \"x/unix.rs\"] mod b; #[cfg(not(unix))] #[path = \"x/other.rs\"] mod b;",
    );
    let a = ("a.rs", "pub const A: u8 = 0; fn f() { println!(\"{}\", crate::b::f()) }");
    let (unix, other) = ("pub fn f() {}", "pub fn f() { g!(x.A, 0..crate::a::A) }");
    assert_eq!(found(&[root, a, ("x/unix.rs", unix), ("x/other.rs", other)]), ["a.rs x/other.rs"]);
}

#[test]
fn tests_and_inline_modules_are_no_files() {
    let found = found(&[
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A; mod inner { use super::A; pub fn f() {} } fn g() { inner::f() }"),
        ("b.rs", "use crate::a::A; pub struct B; #[cfg(test)] mod tests;"),
        ("b/tests.rs", "use super::B;"),
    ]);
    assert_eq!(found, NONE);
}

#[test]
fn fields_variables_and_other_crates_are_no_arrows() {
    let found = found(&[
        ("lib.rs", "mod a; mod b; mod log; pub use b::b;"),
        ("a.rs", "use log::Level; use std::b::A; pub fn a() { let b = self.b; f(b, S { b: 1 }) }"),
        ("b.rs", "pub fn b() { crate::a::a() }"),
        ("log.rs", "use crate::a::a;"),
    ]);
    assert_eq!(found, NONE);
}
