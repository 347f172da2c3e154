//! The options of a section, as the parser of the command line has them.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, Error, FromArgMatches};

use crate::settings::{Find, Section, Setting, Shape, Written};

/// What the command line and the environment say of a section.
pub(crate) struct Given<S>(pub(crate) Written<S>);

/// What they say of the interfaces to use.
pub(crate) struct GivenInterfaces(pub(crate) Written<Find>);

/// What they say of where to look for servers.
pub(crate) struct GivenPlaces(pub(crate) Written<Find>);

/// Makes the options of a part of the settings of `find`.
macro_rules! part {
    ($given:ident: $names:expr) => {
        impl $given {
            fn settings() -> impl Iterator<Item = Setting<Find>> {
                Find::settings().into_iter().filter(|of| $names.contains(&of.name))
            }
        }

        impl Args for $given {
            fn augment_args(command: Command) -> Command {
                command.args(Self::settings().map(option))
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $given {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                written(matches, Self::settings()).map(Self)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

part! { GivenInterfaces: Find::OF_INTERFACES }
part! { GivenPlaces: Find::OF_PLACES }

impl<S: Section> Args for Given<S> {
    fn augment_args(command: Command) -> Command {
        command.args(S::settings().into_iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<S: Section> FromArgMatches for Given<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        written(matches, S::settings()).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn option<S: Section>(setting: Setting<S>) -> Arg {
    let arg = Arg::new(setting.name)
        .long(setting.name)
        .short(setting.short)
        .env(setting.variable())
        .value_name(setting.value_name)
        .help(setting.whole_help())
        .global(S::IS_GLOBAL)
        // They would take much of every verb's help.
        .hide_possible_values(S::IS_GLOBAL);
    let arg = match setting.shape {
        Shape::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Shape::One => arg,
        Shape::Repeated => arg.action(clap::ArgAction::Append),
        Shape::List => arg.value_delimiter(',').action(clap::ArgAction::Append),
    };
    if setting.choices.is_empty() {
        let check = setting.check;
        arg.value_parser(move |text: &str| check(text).map(|()| text.to_owned()))
    } else {
        let values = setting.choices.into_iter();
        arg.value_parser(PossibleValuesParser::new(
            values.map(|(name, help)| PossibleValue::new(name).help(help)),
        ))
    }
}

fn written<S: Section>(
    matches: &ArgMatches,
    settings: impl IntoIterator<Item = Setting<S>>,
) -> Result<Written<S>, Error> {
    let mut written = Written::default();
    for setting in settings {
        let source = matches.value_source(setting.name);
        if !matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable)) {
            continue;
        }
        let texts: Vec<String> =
            matches.get_many(setting.name).into_iter().flatten().cloned().collect();
        // The parser has checked each value.
        written
            .add(&setting, &texts)
            .map_err(|why| Error::raw(ErrorKind::ValueValidation, format!("{why}\n")))?;
    }
    Ok(written)
}
