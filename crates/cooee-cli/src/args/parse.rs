use std::env;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, Error, FromArgMatches};

use super::cli::Cli;
use super::tips::with_tip;
use crate::settings::Sources;

/// The definition behind the parser, the completions and the manual.
pub(crate) fn command() -> Command {
    fn tidy(command: Command) -> Command {
        command.mut_args(|arg| arg.hide_env_values(true))
    }
    tidy(Cli::command()).mut_subcommands(tidy)
}

/// Reads the command line and the `COOEE_*` environment.
pub(crate) fn parse(words: &[OsString]) -> Result<(Cli, Sources), Error> {
    let mut command = command();
    let matches = command
        .try_get_matches_from_mut(words)
        .map_err(|error| with_origin(error, &command, words))
        .map_err(|error| with_tip(error, verb_of(&command, words)))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    let flag = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
    if flag("verbose") && !flag("quiet") {
        cli.common.quiet = false;
    }
    Ok((cli, variables(&command, &matches)))
}

/// The variables that have an effect.
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

/// Adds the variable that a wrong value comes from; the error itself names only the option.
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
    let arguments = verb_of(command, words)
        .into_iter()
        .flat_map(Command::get_arguments)
        .chain(command.get_arguments());
    let variable =
        arguments.filter(|arg| arg.to_string() == *name && !is_given(arg, words)).find_map(|arg| {
            let variable = arg.get_env()?.to_str()?;
            env::var(variable).ok().filter(|set| set.contains(value)).map(|_| variable)
        });
    if let Some(variable) = variable {
        let tip = format!("the value comes from the environment variable {variable}");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

fn verb_of<'a>(command: &'a Command, words: &[OsString]) -> Option<&'a Command> {
    words.iter().skip(1).find_map(|word| command.find_subcommand(word))
}

fn is_given(arg: &Arg, words: &[OsString]) -> bool {
    let Some(long) = arg.get_long() else { return false };
    words.iter().filter_map(|word| word.to_str()?.strip_prefix("--")).any(|word| {
        word.strip_prefix(long).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::File;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    /// The options that say how this one command line is to be read or reported.
    const NOT_IN_FILES: [&str; 3] = ["config", "verbose", "quiet"];

    #[test]
    fn every_option_is_a_variable_and_a_key_of_the_same_name() {
        let command = command();
        for (of, table) in [("", ""), ("serve", "[serve]\n"), ("find", "[find]\n")] {
            let of = command.find_subcommand(of).unwrap_or(&command);
            for arg in of.get_arguments() {
                let Some(long) = arg.get_long() else { continue };
                if ["help", "version"].contains(&long) {
                    continue;
                }
                let variable = match (of.get_name(), long) {
                    // `serve` has another setting of this name.
                    ("find", "service") => "COOEE_FIND_SERVICE".to_owned(),
                    _ => format!("COOEE_{}", long.to_uppercase().replace('-', "_")),
                };
                assert_eq!(arg.get_env().and_then(|name| name.to_str()), Some(variable.as_str()));
                let file = File::parse(Path::new("c.toml"), &format!("{table}{long} = {{}}"));
                let Err(error) = file else { panic!("{long} takes a table") };
                let is_unknown = error.to_string().contains("unknown field");
                assert_eq!(is_unknown, NOT_IN_FILES.contains(&long), "{long}: {error}");
            }
        }
    }

    #[test]
    fn defaults_in_the_help_are_those_of_the_library() {
        let command = command();
        let help = |of: &str, long: &str| {
            let of = command.find_subcommand(of).unwrap_or(&command);
            let arg = of.get_arguments().find(|arg| arg.get_long() == Some(long)).unwrap();
            arg.get_help().unwrap().to_string()
        };
        let library = cooee::DiscoveryConfig::default();
        for (of, long, default) in [
            ("", "port", cooee::DEFAULT_PORT.to_string()),
            ("", "message", cooee::DEFAULT_MESSAGE.to_owned()),
            ("", "prefix", cooee::DEFAULT_PREFIX.to_owned()),
            (
                "find",
                "timeout",
                format!(
                    "{:?}, or as long as it takes to probe every address of --subnet and --sweep once",
                    cooee::DiscoveryConfig::TIMEOUT
                ),
            ),
            ("find", "retries", library.retries.to_string()),
            ("find", "wait", format!("{:?}", library.wait).to_lowercase()),
            ("serve", "rate-limit", cooee::limits::ANSWERS_PER_SOURCE.to_string()),
            ("serve", "answer", format!("{:?}", cooee::AnswerPolicy::default()).to_lowercase()),
        ] {
            let help = help(of, long);
            assert!(help.ends_with(&format!(" [default: {default}]")), "{long}: {help}");
        }
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
}
