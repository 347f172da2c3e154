//! The `cooee` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cooee_cli::main()
}
