//! The `cooee` command: finds servers on a local network by UDP broadcast, and makes a server
//! discoverable.
//!
//! It is a library so that the Python package brings the same command along ([`run`]), and so that
//! tests reach the code behind it; programs import `cooee`.

mod args;
mod console;
mod directories;
mod exit;
mod memory;
mod output;
mod phrase;
mod progress;
mod settings;
mod signals;
mod systemd;
mod value;
mod verb;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use args::{Cli, Verb};
use console::Console;
use exit::{Exit, Failure};
use settings::{File, Log, Sources, Written, read_stock, resolve};
pub use settings::{Find, Serve, Settings, Wire};
pub use value::Format;

/// Runs the command line of this process and returns its exit status.
pub fn main() -> ExitCode {
    run(std::env::args_os()).into()
}

/// Runs the command with these words, the first of which is its name, and returns its exit status.
///
/// Writes to the standard streams of the process, and takes over its signals to stop. Logs only if
/// the process has no subscriber of `tracing` yet.
pub fn run(words: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Vec<_> = words.into_iter().collect();
    let exit = match args::parse(&words) {
        Ok((cli, sources)) => obey(cli, sources),
        Err(error) => {
            // If the stream is closed, nothing reads it.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage } else { Exit::Success }
        }
    };
    exit as u8
}

fn obey(cli: Cli, mut sources: Sources) -> Exit {
    let Cli { verb, common } = cli;
    let terminal = std::io::stderr().is_terminal();
    let verbosity = common.verbosity();
    let file = File::load(common.config.as_deref(), &mut sources);
    let (file, log) = match file {
        Ok(mut file) => {
            let log = std::mem::take(&mut file.log);
            (Ok(file), resolve::<Log>([log, common.log.0]))
        }
        Err(failure) => (Err(failure), resolve::<Log>([common.log.0])),
    };
    let console = Console::new(verbosity, log.format, terminal);
    console.start_log();
    for path in sources.passed_over() {
        console.warn(format_args!(
            "{} is passed over: it or its folder does not belong to the administrators, nor to you",
            path.display()
        ));
    }
    let exit = file.and_then(|file| perform(verb, common.wire.0, file, &mut sources, console));
    exit.unwrap_or_else(|failure| {
        console.failure(&failure);
        if failure.is_from_settings && !sources.is_empty() {
            console.say(format_args!("note: {sources}"));
        }
        failure.exit
    })
}

fn perform(
    verb: Verb,
    wire: Written<Wire>,
    file: File,
    sources: &mut Sources,
    console: Console,
) -> Result<Exit, Failure> {
    match verb {
        Verb::Serve(given) => {
            let wire = resolve([file.wire, wire]);
            let serve = Serve { wire, ..resolve([file.serve, given.0]) };
            verb::serve::run(&serve, console)
        }
        Verb::Find(given) => {
            let wire = resolve([file.wire, read_stock(sources)?, wire]);
            let find = Find { wire, ..resolve([file.find, read_stock(sources)?, given.0]) };
            verb::find::run(&find, console)
        }
        Verb::Watch(args) => {
            let wire = resolve([file.wire, read_stock(sources)?, wire]);
            let find = Find { wire, ..resolve([file.find, read_stock(sources)?, args.places.0]) };
            verb::watch::run(&find.of_servers(), args.format, console)
        }
        Verb::Interfaces(args) => {
            // A wrong value of the stock client is an error here as in `find`.
            read_stock::<Wire>(sources)?;
            let find: Find = resolve([file.find, read_stock(sources)?, args.interfaces.0]);
            verb::interfaces::run(&find.selection, args.format, console)
        }
        Verb::Doctor(args) => {
            let wire = resolve([file.wire, read_stock(sources)?, wire]);
            let interfaces = args.interfaces.0;
            let find = Find { wire, ..resolve([file.find, read_stock(sources)?, interfaces]) };
            if args.listen {
                return verb::doctor::listen(find.wire.port, console);
            }
            // Its calls are probes, whatever `find` is told to do instead.
            let find = Find { only: None, ..find.of_servers() };
            verb::doctor::run(&find, &args.peer, args.format, console)
        }
        Verb::Demo(_) => verb::demo::run(&resolve([file.wire, wire])),
        Verb::Completions(args) => verb::completions::run(args.shell),
        Verb::Man(args) => verb::man::run(args.dir.as_deref()),
    }
}
