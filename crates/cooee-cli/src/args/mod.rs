//! The command line.

mod cli;
mod given;
mod parse;
mod tips;

pub(crate) use cli::{Cli, Verb};
pub(crate) use parse::{command, parse};
