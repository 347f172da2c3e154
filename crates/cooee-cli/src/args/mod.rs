//! The command line.

mod after_help;
mod cli;
mod given;
mod parse;
mod tips;

pub(crate) use cli::{Cli, Verb};
pub(crate) use parse::{command, parse};
