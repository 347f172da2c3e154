use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use thiserror::Error;

/// Why an operation of the lab failed.
#[derive(Debug, Error)]
pub enum LabError {
    /// The machine cannot run a lab at all.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),

    /// A program could not be started.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The program and its arguments.
        command: String,
        /// What the system said.
        source: io::Error,
    },

    /// A tool of the lab ran, and refused.
    #[error("`{command}` failed ({status}): {stderr}")]
    Command {
        /// The tool and its arguments, with the script that it was given, if any.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error.
        stderr: String,
    },

    /// A system call failed.
    #[error("cannot {attempt}: {source}")]
    System {
        /// What was tried.
        attempt: String,
        /// What the system said.
        source: io::Error,
    },

    /// An interface was set up, but did not carry traffic in time.
    #[error("{interface} of {host} carries no traffic after {within:?}: {state}")]
    NotReady {
        /// The host's namespace.
        host: String,
        /// The interface.
        interface: String,
        /// How long was waited.
        within: Duration,
        /// What the tools last said about the interface.
        state: String,
    },

    /// The host has no interface of that name with an Ethernet address.
    #[error("{host} has no Ethernet interface {interface}")]
    NoInterface {
        /// The host's namespace.
        host: String,
        /// The name that was asked for.
        interface: String,
    },

    /// Nobody answered for an address on the link.
    #[error("nobody on {interface} answers for {address}")]
    NoNeighbour {
        /// The interface that was asked on.
        interface: String,
        /// The address that was asked for.
        address: std::net::Ipv4Addr,
    },

    /// A datagram does not fit into an IPv4 packet.
    #[error("a payload of {length} bytes does not fit into a datagram")]
    PayloadTooLong {
        /// Length of the payload in bytes.
        length: usize,
    },

    /// A share of lost datagrams over one hundred percent.
    #[error("cannot lose {percent} of 100 datagrams")]
    LossOutOfRange {
        /// The share that was asked for.
        percent: u8,
    },

    /// A child did not write the expected line in time.
    #[error("pid {pid} wrote no such line to {stream} within {within:?}; it wrote:\n{seen}")]
    NoLine {
        /// The child.
        pid: u32,
        /// Where the line was expected.
        stream: Stream,
        /// How long was waited.
        within: Duration,
        /// Both streams until now.
        seen: String,
    },

    /// A child closed the stream before it wrote the expected line.
    #[error("pid {pid} closed {stream} without such a line; it wrote:\n{seen}")]
    Closed {
        /// The child.
        pid: u32,
        /// Where the line was expected.
        stream: Stream,
        /// Both streams until now.
        seen: String,
    },

    /// A child still runs at the deadline.
    #[error("pid {pid} still runs after {within:?}; it wrote:\n{seen}")]
    StillRuns {
        /// The child.
        pid: u32,
        /// How long was waited.
        within: Duration,
        /// Both streams until now.
        seen: String,
    },

    /// A child is gone already, so that its pid may belong to another process.
    #[error("pid {pid} has ended already ({status})")]
    Ended {
        /// The child.
        pid: u32,
        /// How it ended.
        status: ExitStatus,
    },
}

impl LabError {
    pub(super) fn system(attempt: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Self::System { attempt: attempt.into(), source: source.into() }
    }
}

/// Why the machine cannot run a lab, and what would change that.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unavailable {
    /// The process may not make network namespaces.
    #[error("this process lacks {capability}; run it as root")]
    NoCapability {
        /// The name of the capability, as in `capabilities(7)`.
        capability: &'static str,
    },

    /// A tool is not installed, or not in the search path.
    #[error("`{program}` is missing; install the package {package}")]
    NoProgram {
        /// The tool.
        program: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
    },
}

/// One of the two output streams of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stdout => "standard output",
            Self::Stderr => "standard error",
        })
    }
}
