//! The `cooee` command: finds servers on a local network by calling for them, and answers for one.
//!
//! A library only so that tests reach what is behind [`main`]; programs import `cooee`.

mod args;
mod console;
mod exit;
mod output;
mod phrase;
mod progress;
mod settings;
mod signals;
mod systemd;
mod value;
mod verb;

use std::io::IsTerminal;
use std::process::ExitCode;

use args::{Cli, File, FindArgs, Sources, Stock, Verb};
pub use args::{Find, Serve, Wire};
use console::Console;
use exit::{Exit, Failure};
pub use settings::Settings;
pub use value::Format;

/// Does what the command line of this process says, and tells how it went.
pub fn main() -> ExitCode {
    let (cli, mut sources) = match args::parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            // Whoever closed the stream does not want to read it.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success }.into();
        }
    };
    let console = Console::new(
        cli.common.verbosity(),
        cli.common.log_format,
        std::io::stderr().is_terminal(),
    );
    let file = File::load(cli.common.config.as_deref(), &mut sources);
    let console = console.or_format(file.as_ref().map_or(None, |file| file.log_format));
    console.start_log();
    let exit = file.and_then(|file| run(cli, file, &mut sources, console));
    let exit = exit.unwrap_or_else(|failure| {
        console.failure(&failure);
        if failure.is_from_settings && !sources.is_empty() {
            console.say(format_args!("note: {sources}"));
        }
        failure.exit
    });
    exit.into()
}

fn run(cli: Cli, file: File, sources: &mut Sources, console: Console) -> Result<Exit, Failure> {
    let wire = cli.common.wire;
    match cli.verb {
        Verb::Serve(args) => {
            let serve = args.or(file.serve.clone()).resolve(wire.or(file.wire()).resolve());
            verb::serve::run(&serve, console)
        }
        Verb::Find(args) => {
            let stock = Stock::read(sources)?;
            let wire = wire.or(stock.wire).or(file.wire()).resolve();
            verb::find::run(&args.or(stock.find).or(file.find).resolve(wire), console)
        }
        Verb::Interfaces(args) => {
            let format = args.format;
            let mut named = FindArgs::from(args).or(Stock::read(sources)?.find).or(file.find);
            verb::interfaces::run(&named.selection(), format)
        }
        Verb::Demo(_) => verb::demo::run(&wire.or(file.wire()).resolve()),
        Verb::Completions(args) => verb::completions::run(args.shell),
        Verb::Man(args) => verb::man::run(args.dir.as_deref()),
    }
}
