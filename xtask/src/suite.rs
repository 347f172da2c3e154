//! The tests that need nothing but this workspace.

use std::process::Command;

use crate::lab;
use crate::workspace::Workspace;

/// The features that are no defaults, and whose tests need no more than the others.
const FEATURES: &str = "cooee/tokio";

/// `cargo test` of all crates but the lab. Every run is of all of them, so that none compiles
/// anything anew for other features.
pub(crate) fn command(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(["test", "--no-fail-fast", "--workspace"]);
    command.args(["--exclude", lab::CRATE, "--features", FEATURES]);
    command
}
