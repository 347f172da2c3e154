use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

use crate::args;
use crate::exit::{Exit, Failure};

/// Prints the manual page of the command, or writes the pages of all verbs into `dir`.
pub(crate) fn run(dir: Option<&Path>) -> Result<Exit, Failure> {
    let mut command = args::command();
    command.build();
    let Some(dir) = dir else {
        let page = page(&command)?;
        io::stdout().write_all(&page).or_else(|error| Failure::output(&error))?;
        return Ok(Exit::Success);
    };
    write_page(dir, &command)?;
    // Every page explains `help`.
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        write_page(dir, verb)?;
    }
    Ok(Exit::Success)
}

fn write_page(dir: &Path, command: &Command) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let path = dir.join(format!("{name}.1"));
    fs::write(&path, page(command)?).map_err(|error| {
        Failure::refused(format!("{} could not be written: {error}", path.display()))
    })
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .source(concat!("cooee ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
        .map_err(|error| Failure::refused(format!("the manual page could not be made: {error}")))?;
    Ok(page)
}
