//! User-space instructions for each answer sent and received, counted by callgrind and compared
//! with those of the last record: `cargo xtask instructions`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod batch;
mod callgrind;
mod record;
mod scenario;

use std::process::ExitCode;

use record::Record;
use scenario::SCENARIOS;

fn main() -> ExitCode {
    let counts = SCENARIOS.map(|scenario| {
        eprintln!("counting: {}", scenario.what);
        (scenario.name, scenario.instructions_each())
    });
    if std::env::args().nth(1).is_some_and(|purpose| purpose == "record") {
        Record::write(&counts);
        return ExitCode::SUCCESS;
    }
    let grown = Record::read().compare(&counts);
    for objection in &grown {
        eprintln!("{objection}");
    }
    if grown.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
