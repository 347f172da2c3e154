//! What was written on the command line, in the environment and in the file, before it is put
//! together: one structure serves all three, so that each option is declared once.

mod file;
mod find;
mod parse;
mod serve;
mod sources;
mod stock;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::value::{
    InterfaceName, ListFormat, LogFormat, Message, Port, Prefix, Verbosity, boolean, verbosity,
};
pub(crate) use file::File;
pub use find::Find;
pub(crate) use find::FindArgs;
pub(crate) use parse::{command, parse};
pub use serve::Serve;
pub(crate) use serve::ServeArgs;
pub(crate) use sources::Sources;
pub(crate) use stock::Stock;

const EXIT_STATUS: &str = "\
Exit status:
  0  a server was found, or the command was stopped in good order
  1  no server was found
  2  wrong usage or configuration
  3  the network, the port or the system refused";

/// Finds servers on a local network by calling for them, and answers for one.
///
/// A server runs `cooee serve`; a client runs `cooee find`, which calls by UDP broadcast and prints
/// who answers. Both speak the protocol of django-udp-discovery, in both directions.
#[derive(Debug, Parser)]
#[command(
    name = "cooee",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = format!("\
Examples:
  cooee demo                      see it work on this machine
  cooee serve --service-port 80   let a web server here be found
  cooee find                      who is there?

Settings come from a file (--config), the environment and the command line; the last one wins.
The file is TOML: port, message, prefix and log-format, and the options of [serve] and of [find].

{EXIT_STATUS}")
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Serve(ServeArgs),
    Find(FindArgs),
    Interfaces(InterfacesArgs),
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Options of every verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) wire: WireArgs,

    /// Reads settings from this file. [default: cooee/config.toml in $XDG_CONFIG_HOME, else
    /// /etc/cooee/config.toml, if there is one]
    #[arg(long, global = true, env = "COOEE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Says more on standard error: -v what happens, -vv details, -vvv everything
    #[arg(short, long, global = true, env = "COOEE_VERBOSE", action = ArgAction::Count)]
    #[arg(value_parser = verbosity)]
    pub(crate) verbose: u8,

    /// Says nothing on standard error but errors
    #[arg(short, long, global = true, env = "COOEE_QUIET", action = ArgAction::SetTrue)]
    #[arg(value_parser = boolean)]
    pub(crate) quiet: bool,

    /// How standard error is written: text or json lines [default: text]
    #[arg(long, global = true, env = "COOEE_LOG_FORMAT", value_name = "FORMAT")]
    #[arg(hide_possible_values = true)]
    pub(crate) log_format: Option<LogFormat>,
}

impl CommonArgs {
    pub(crate) fn verbosity(&self) -> Verbosity {
        match self.verbose {
            _ if self.quiet => Verbosity::Quiet,
            0 => Verbosity::Normal,
            1 => Verbosity::Events,
            2 => Verbosity::Details,
            3.. => Verbosity::Everything,
        }
    }
}

/// What servers and clients have to agree on.
#[derive(Debug, Default, Clone, Args)]
pub(crate) struct WireArgs {
    /// The UDP port that servers listen on, 1 to 65535 [default: 9999]
    #[arg(long, global = true, env = "COOEE_PORT", value_name = "N")]
    pub(crate) port: Option<Port>,

    /// The text of a call, 1 to 512 bytes [default: DISCOVER_SERVER]
    #[arg(long, global = true, env = "COOEE_MESSAGE", value_name = "TEXT")]
    pub(crate) message: Option<Message>,

    /// What an answer begins with, up to 256 bytes [default: SERVER_IP:]
    #[arg(long, global = true, env = "COOEE_PREFIX", value_name = "TEXT")]
    pub(crate) prefix: Option<Prefix>,
}

/// What servers and clients have agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// The UDP port that servers listen on.
    pub port: u16,
    /// The text of a call.
    pub message: String,
    /// What an answer begins with.
    pub prefix: String,
}

impl WireArgs {
    /// These, and where one is missing, that of `under`.
    pub(crate) fn or(self, under: Self) -> Self {
        Self {
            port: self.port.or(under.port),
            message: self.message.or(under.message),
            prefix: self.prefix.or(under.prefix),
        }
    }

    pub(crate) fn resolve(self) -> Wire {
        Wire {
            port: self.port.map_or(cooee::DEFAULT_PORT, |port| port.0),
            message: self.message.map_or(cooee::DEFAULT_MESSAGE.into(), |message| message.0),
            prefix: self.prefix.map_or(cooee::DEFAULT_PREFIX.into(), |prefix| prefix.0),
        }
    }
}

/// Lists the network interfaces, and which of them `cooee find` would call on.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  cooee interfaces
  cooee interfaces --exclude-interface docker0
  cooee interfaces --format json

{EXIT_STATUS}"))]
pub(crate) struct InterfacesArgs {
    /// Only these interfaces would be used; repeat it, or separate names by commas
    #[arg(long, env = "COOEE_INTERFACE", value_name = "NAME", value_delimiter = ',')]
    pub(crate) interface: Option<Vec<InterfaceName>>,

    /// These interfaces would not be used; repeat it, or separate names by commas
    #[arg(long, env = "COOEE_EXCLUDE_INTERFACE", value_name = "NAME", value_delimiter = ',')]
    pub(crate) exclude_interface: Option<Vec<InterfaceName>>,

    /// How they are printed
    #[arg(long, env = "COOEE_INTERFACES_FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

/// Starts a server here, finds it over this machine's networks, shows both sides, and stops.
///
/// Takes about a second, and changes nothing. It uses the port of the common options if that is
/// free, and a free one if not.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  cooee demo
  cooee demo --port 9000 --message HELLO

{EXIT_STATUS}"))]
pub(crate) struct DemoArgs {}

/// Prints the completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  source <(cooee completions bash)
  cooee completions fish > ~/.config/fish/completions/cooee.fish

{EXIT_STATUS}"))]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// Prints the manual page, or writes one for each command.
#[derive(Debug, Args)]
#[command(after_help = format!("\
Examples:
  cooee man | man -l -
  cooee man /usr/local/share/man/man1

{EXIT_STATUS}"))]
pub(crate) struct ManArgs {
    /// Where to write cooee.1, cooee-find.1 and so on; without it, cooee.1 is printed
    pub(crate) dir: Option<PathBuf>,
}
