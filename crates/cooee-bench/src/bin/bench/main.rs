//! Measures Cooee beside its peers: `cargo xtask bench`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod field;
mod machine;
mod progress;
mod scenario;
mod turns;

use std::process::ExitCode;

use clap::Parser;
use cooee_bench::record::Record;

use scenario::SCENARIOS;
use turns::Effort;

/// Measures Cooee beside its peers, in network namespaces.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// Scenarios to run, by name; all if none
    scenarios: Vec<String>,
    /// Name the scenarios, and run none
    #[arg(long)]
    list: bool,
    /// Run each less often, and write no files
    #[arg(long)]
    quick: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for scenario in SCENARIOS {
            println!("{:14} {}", scenario.name, scenario.what);
        }
        return ExitCode::SUCCESS;
    }
    let is_known = |name: &&String| SCENARIOS.iter().any(|scenario| scenario.name == **name);
    if let Some(unknown) = arguments.scenarios.iter().find(|name| !is_known(name)) {
        eprintln!("there is no scenario {unknown}; `cargo xtask bench --list` names them");
        return ExitCode::from(2);
    }
    let wanted =
        |name| arguments.scenarios.is_empty() || arguments.scenarios.iter().any(|n| n == name);
    let effort = if arguments.quick { Effort::Quick } else { Effort::Full };
    let mut record = Record::read().unwrap();
    let mut missed = Vec::new();
    for scenario in SCENARIOS.iter().filter(|scenario| wanted(scenario.name)) {
        eprintln!("==> {}: {}", scenario.name, scenario.what);
        for (name, table) in (scenario.measure)(effort) {
            println!("{}", cooee_bench::document::table(&table));
            missed.extend(table.checks.iter().filter(|check| !check.is_met()).cloned());
            record.put(name, table);
        }
        if !arguments.quick {
            record.write().unwrap();
        }
    }
    for check in &missed {
        eprintln!("missed: {} is {}, must be {}", check.what, check.value, check.limit);
    }
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
