use std::env;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, Error, FromArgMatches};

use super::{Cli, Sources};

/// The definition that the parser, the completions and the manual are made from.
pub(crate) fn command() -> Command {
    fn tidy(command: Command) -> Command {
        command.mut_args(|arg| arg.hide_env_values(true))
    }
    tidy(Cli::command()).mut_subcommands(tidy)
}

/// Reads the command line and the `COOEE_*` environment.
pub(crate) fn parse() -> Result<(Cli, Sources), Error> {
    let words: Vec<OsString> = env::args_os().collect();
    let mut command = command();
    let matches = command
        .try_get_matches_from_mut(&words)
        .map_err(|error| with_origin(error, &command, &words))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    let flag = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
    if flag("verbose") && !flag("quiet") {
        cli.common.quiet = false;
    }
    Ok((cli, variables(&command, &matches)))
}

/// The variables that took effect.
fn variables(command: &Command, matches: &ArgMatches) -> Sources {
    let verb = matches.subcommand();
    let verb = verb.and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)));
    let mut sources = Sources::default();
    for (command, matches) in [(command, matches)].into_iter().chain(verb) {
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            // The help and version switches are not among the matches.
            let known = matches.try_contains_id(id).is_ok();
            if known && matches.value_source(id) == Some(ValueSource::EnvVariable) {
                sources.add_variable(&arg.get_env().unwrap_or_default().to_string_lossy());
            }
        }
    }
    sources
}

/// Says so when a wrong value is from the environment: the error itself names the option only.
fn with_origin(mut error: Error, command: &Command, words: &[OsString]) -> Error {
    if !matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::WrongNumberOfValues
    ) {
        return error;
    }
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidArg) else { return error };
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.as_str(),
        _ => "",
    };
    let verb = words.iter().skip(1).find_map(|word| command.find_subcommand(word));
    let arguments =
        verb.into_iter().flat_map(Command::get_arguments).chain(command.get_arguments());
    let variable =
        arguments.filter(|arg| arg.to_string() == *name && !is_given(arg, words)).find_map(|arg| {
            let variable = arg.get_env()?.to_str()?;
            env::var(variable).ok().filter(|set| set.contains(value)).map(|_| variable)
        });
    if let Some(variable) = variable {
        let tip = format!("the value is that of the environment variable {variable}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

fn is_given(arg: &Arg, words: &[OsString]) -> bool {
    let Some(long) = arg.get_long() else { return false };
    words.iter().filter_map(|word| word.to_str()?.strip_prefix("--")).any(|word| {
        word.strip_prefix(long).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_option_can_be_set_by_the_environment() {
        let command = command();
        let verbs = command.get_subcommands();
        for arg in command.get_arguments().chain(verbs.flat_map(Command::get_arguments)) {
            let Some(long) = arg.get_long() else { continue };
            let Some(variable) = arg.get_env() else { panic!("--{long} has no variable") };
            assert!(variable.to_string_lossy().starts_with("COOEE_"), "--{long}");
        }
    }

    #[test]
    fn the_defaults_in_the_help_are_those_in_use() {
        let command = command();
        let find = command.find_subcommand("find").expect("a verb");
        let defaults =
            super::super::FindArgs::default().resolve(super::super::WireArgs::default().resolve());
        let wire = &defaults.wire;
        for (of, id, value) in [
            (&command, "port", wire.port.to_string()),
            (&command, "message", wire.message.clone()),
            (&command, "prefix", wire.prefix.clone()),
            (find, "timeout", format!("{:?}", defaults.timeout)),
            (find, "retries", defaults.retries.to_string()),
        ] {
            let arg = of.get_arguments().find(|arg| arg.get_id() == id).expect(id);
            let help = arg.get_help().expect(id).to_string();
            assert!(help.contains(&format!("[default: {value}]")), "{id}: {help}");
        }
    }
}
