//! `cargo xtask`: set-up, test, lab, bench.
fn main() {}
