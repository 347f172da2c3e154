//! What the fuzzers check: for each target a function of bytes, which panics when a promise is
//! broken.
//!
//! `cargo test` replays the corpus through them, and `cargo xtask fuzz` hands them to libFuzzer.
//! Bytes that a target cannot make sense of are no failure: it does nothing with them.

pub mod announced;
pub mod answer;
pub mod config;
pub mod discovery;
pub mod exchange;
pub mod families;
mod network;
pub mod offer;
mod operation;
pub mod over_v6;
pub mod probe;
pub mod responder;
mod take;
pub mod watch;

/// A function that is fuzzed.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, which is that of its directory in the corpus.
    pub name: &'static str,
    /// Takes one input; panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "announced", run: announced::run },
    Target { name: "answer", run: answer::run },
    Target { name: "config", run: config::run },
    Target { name: "discovery", run: discovery::run },
    Target { name: "exchange", run: exchange::run },
    Target { name: "families", run: families::run },
    Target { name: "offer", run: offer::run },
    Target { name: "over_v6", run: over_v6::run },
    Target { name: "probe", run: probe::run },
    Target { name: "responder", run: responder::run },
    Target { name: "watch", run: watch::run },
];
