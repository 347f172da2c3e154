use std::io::{self, Write};

use clap_complete::Shell;

use crate::args;
use crate::exit::{Exit, Failure};

/// Prints the completions for `shell`.
pub(crate) fn run(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "cooee", &mut script);
    io::stdout().write_all(&script).or_else(|error| Failure::output(&error))?;
    Ok(Exit::Success)
}
