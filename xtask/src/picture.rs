//! The picture of `cooee find` at work that the README shows.

mod scene;
mod svg;
mod terminal;

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;
use scene::Scene;
use terminal::Screen;

/// Where the picture goes, from the root of the workspace.
const FILE: &str = "docs/find.svg";
/// Wide enough that no line of the table is cut off.
const COLUMNS: usize = 132;

/// Runs `cooee find` among a few servers, and draws what it prints.
pub(crate) fn main(workspace: &Workspace) -> Result<ExitCode> {
    let mut build = workspace.cargo(["build", "--quiet", "--package", "cooee-cli"]);
    ensure!(build.status().context("cannot run cargo")?.success(), "cooee does not build");
    let cooee = workspace.target().join("debug").join("cooee");
    let scene = Scene::begin(&cooee)?;
    let printed = print(&mut scene.find(COLUMNS))?;

    let mut screen = Screen::new(COLUMNS);
    screen.print(&format!("\x1b[1m$ {}\x1b[0m\r\n", scene.words()));
    screen.print(&printed);
    let picture = svg::draw(&screen.into_rows());
    workspace.shell().write_file(FILE, picture).context("cannot write the picture")?;
    println!("{FILE} shows `{}`", scene.words());
    Ok(ExitCode::SUCCESS)
}

fn print(find: &mut Command) -> Result<String> {
    let output = find.output().context("cannot run script")?;
    let printed = String::from_utf8(output.stdout).context("cooee prints something else")?;
    if !output.status.success() {
        bail!("cooee find failed: {printed}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(printed)
}
