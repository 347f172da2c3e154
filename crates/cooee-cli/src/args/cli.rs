use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use clap_complete::Shell;

use super::after_help;
use super::given::{Given, GivenInterfaces, GivenPlaces};
use crate::directories::CONFIGURATION;
use crate::settings::{Find, Log, Serve, Wire};
use crate::value::{EventFormat, ListFormat, ReportFormat, Verbosity, boolean, verbosity};

/// Find servers on a local network by UDP broadcast and IPv6 multicast, and make a server discoverable.
///
/// On a server, run `cooee serve`; on a client, run `cooee find`, which sends probes and
/// prints the servers that answer. Both work with the servers and clients of django-udp-discovery.
#[derive(Parser)]
#[command(
    name = "cooee",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = after_help::COOEE
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Answer discovery probes until stopped.
    ///
    /// One process for each port and host answers. Ctrl-C or SIGTERM stops it; it then prints how
    /// many probes it has answered and refused.
    #[command(after_help = after_help::serve())]
    Serve(Given<Serve>),

    /// Probe for servers, and print each one that answers.
    ///
    /// Sends probes from each interface by UDP broadcast, and by multicast over IPv6, several times,
    /// until it is unlikely that any server is missing, or until the timeout. Ctrl-C ends the discovery early.
    ///
    /// The DISCOVERY_CLIENT_* variables of django-udp-discovery-client are read too; the COOEE_*
    /// variables below override them.
    #[command(after_help = after_help::FIND)]
    Find(Given<Find>),

    Watch(WatchArgs),
    Doctor(DoctorArgs),
    Interfaces(InterfacesArgs),
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Options of every verb.
#[derive(Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) wire: Given<Wire>,

    #[arg(long, global = true, env = "COOEE_CONFIG", value_name = "FILE")]
    #[arg(help = format!("Read settings from this file [default: {CONFIGURATION}, if it exists]"))]
    pub(crate) config: Option<PathBuf>,

    /// Say more on standard error: -v events, -vv details, -vvv everything
    #[arg(short, long, global = true, env = "COOEE_VERBOSE", action = ArgAction::Count)]
    #[arg(value_parser = verbosity)]
    pub(crate) verbose: u8,

    /// Print nothing but errors on standard error
    #[arg(short, long, global = true, env = "COOEE_QUIET", action = ArgAction::SetTrue)]
    #[arg(value_parser = boolean)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) log: Given<Log>,
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

/// Watch servers come, change and go, until stopped.
///
/// Probes as `cooee find` does at first, then once a second for 30 s after anything has happened, and
/// less and less often after that, every 30 s at the least; at once when a network interface changes.
/// A server that is silent is probed at its own address too, and is gone when the odds that a living
/// one were silent for so long are below 1 in 1,000, by how often it has answered before: after about
/// seven seconds on most networks.
#[derive(Args)]
#[command(after_help = after_help::WATCH)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) places: GivenPlaces,

    /// How to print what happens [default: table on a terminal, else ndjson]
    #[arg(long, env = "COOEE_WATCH_FORMAT")]
    pub(crate) format: Option<EventFormat>,
}

/// Examine why servers are not found, or whether everything is in order.
///
/// Looks at interfaces, routes, the port and its owner, and the firewall; calls this host itself and
/// the servers on its networks; connects to the services found. Prints what is wrong, the likeliest
/// cause first: what was seen, what it means, and what to do. Takes ten seconds at most. As root it
/// also reads the rules of the firewall and finds addresses that two hosts have.
#[derive(Args)]
#[command(after_help = after_help::DOCTOR)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) interfaces: GivenInterfaces,

    /// Examine the way to this host too, by its name or IPv4 address; repeat the option, or separate
    /// hosts with commas
    #[arg(long, env = "COOEE_PEER", value_name = "HOST", value_delimiter = ',')]
    pub(crate) peer: Vec<String>,

    /// Answer the test calls of `cooee doctor --peer` on other hosts instead, until stopped; a server
    /// does with `cooee serve --doctor`
    #[arg(long, env = "COOEE_LISTEN", action = ArgAction::SetTrue, conflicts_with = "peer")]
    #[arg(value_parser = boolean)]
    pub(crate) listen: bool,

    /// How to print findings
    #[arg(long, env = "COOEE_DOCTOR_FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,
}

/// List the network interfaces, and which of them `cooee find` would use.
#[derive(Args)]
#[command(after_help = after_help::INTERFACES)]
pub(crate) struct InterfacesArgs {
    #[command(flatten)]
    pub(crate) interfaces: GivenInterfaces,

    /// How to print interfaces
    #[arg(long, env = "COOEE_INTERFACES_FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

/// Start a server on this machine, find it over its networks, and show both sides.
///
/// Takes about two seconds and changes nothing. Uses the port of the common options if that is free,
/// and another if not.
#[derive(Args)]
#[command(after_help = after_help::DEMO)]
pub(crate) struct DemoArgs {}

/// Print the completions for a shell.
#[derive(Args)]
#[command(after_help = after_help::COMPLETIONS)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// Print the manual page, or write one for each command.
#[derive(Args)]
#[command(after_help = after_help::MAN)]
pub(crate) struct ManArgs {
    /// Write cooee.1, cooee-find.1 and so on into this directory [default: print cooee.1]
    pub(crate) dir: Option<PathBuf>,
}
