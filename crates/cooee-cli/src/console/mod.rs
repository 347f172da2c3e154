//! Standard error: messages to the person at it, and the log.

mod drawn;
mod prose;
mod style;

use std::fmt::Display;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use cooee::Swept;
use cooee::announced::shown;
use cooee::finding::Finding;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::value::{LogFormat, Verbosity};
use drawn::Above;
pub(crate) use drawn::Drawn;
use prose::Prose;
use style::{ERROR, WARNING};

/// The target of messages, which are logged whatever the level is.
const STATUS: &str = "cooee::status";

/// How the command writes to standard error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Console {
    verbosity: Verbosity,
    format: LogFormat,
    terminal: bool,
}

impl Console {
    pub(crate) fn new(verbosity: Verbosity, format: LogFormat, terminal: bool) -> Self {
        Self { verbosity, format, terminal }
    }

    fn level(self) -> LevelFilter {
        match self.verbosity {
            Verbosity::Quiet => LevelFilter::ERROR,
            Verbosity::Normal => LevelFilter::WARN,
            Verbosity::Events => LevelFilter::INFO,
            Verbosity::Details => LevelFilter::DEBUG,
            Verbosity::Everything => LevelFilter::TRACE,
        }
    }

    fn is_quiet(self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    fn is_json(self) -> bool {
        self.format == LogFormat::Json
    }

    /// Starts logging to standard error, unless the process logs elsewhere already.
    pub(crate) fn start_log(self) {
        let said = if self.is_quiet() { LevelFilter::ERROR } else { LevelFilter::INFO };
        // The engine tells its decisions and each datagram two levels below what people ask for.
        let engine = match self.verbosity {
            Verbosity::Events => LevelFilter::DEBUG,
            Verbosity::Details | Verbosity::Everything => LevelFilter::TRACE,
            Verbosity::Quiet | Verbosity::Normal => self.level(),
        };
        let filter = Targets::new()
            .with_default(self.level())
            .with_target(STATUS, said)
            .with_target("cooee_core", engine);
        let colours = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        let lines = fmt::layer().with_writer(|| Above).with_ansi(colours);
        let lines = match self.format {
            LogFormat::Json => lines.json().boxed(),
            // Details need time and place.
            LogFormat::Text if self.verbosity >= Verbosity::Details => lines.boxed(),
            LogFormat::Text => lines.event_format(Prose).boxed(),
        };
        let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
    }

    /// Whether a summary is welcome.
    pub(crate) fn wants_summary(self) -> bool {
        !self.is_quiet() && (self.terminal || self.verbosity >= Verbosity::Events)
    }

    /// Whether findings are printed, which take time to make.
    pub(crate) fn wants_findings(self) -> bool {
        !self.is_quiet()
    }

    /// Whether each event is logged.
    pub(crate) fn logs_events(self) -> bool {
        self.level() >= LevelFilter::INFO
    }

    /// Whether a progress line is welcome.
    pub(crate) fn wants_progress(self) -> bool {
        !self.is_quiet() && self.terminal && !self.is_json()
    }

    /// Prints a message, unless quiet.
    pub(crate) fn say(self, what: impl Display) {
        if self.is_json() {
            tracing::info!(target: STATUS, "{what}");
        } else if !self.is_quiet() {
            print(format_args!("{}", harmless(what)));
        }
    }

    /// Prints how far a sweep came, unless quiet; in JSON with the figures as fields.
    pub(crate) fn say_swept(self, swept: Swept, what: impl Display) {
        if self.is_json() {
            let Swept { called, of, .. } = swept;
            tracing::info!(
                target: STATUS, addresses_called = called, addresses = of, "{what}"
            );
        } else {
            self.say(what);
        }
    }

    /// Prints a warning, unless quiet.
    pub(crate) fn warn(self, what: impl Display) {
        if self.is_json() {
            tracing::warn!(target: STATUS, "{what}");
        } else if !self.is_quiet() {
            print(format_args!("{WARNING}warning:{WARNING:#} {}", harmless(what)));
        }
    }

    /// Prints the likeliest of the findings and what to do about it, unless quiet; in JSON all of
    /// them, each with its code, what was seen, what it means and what to do.
    pub(crate) fn tell(self, findings: &[Finding]) {
        if self.is_json() {
            findings.iter().for_each(log);
        } else if let Some(likeliest) = findings.first() {
            self.say(format_args!("{}: {}", likeliest.seen(), likeliest.means()));
            self.say(format_args!("next: {}", likeliest.remedy()));
        }
    }

    /// The same in one line, beside servers that were found.
    pub(crate) fn tell_beside(self, findings: &[Finding]) {
        if self.is_json() {
            findings.iter().for_each(log);
        } else if let Some(likeliest) = findings.first() {
            self.say(likeliest);
        }
    }

    /// Prints why the command failed.
    pub(crate) fn failure(self, why: impl Display) {
        if self.is_json() {
            tracing::error!(target: STATUS, "{why}");
        } else {
            print(format_args!("{ERROR}error:{ERROR:#} {}", harmless(why)));
        }
    }
}

fn log(finding: &Finding) {
    tracing::info!(
        target: STATUS,
        code = finding.code().as_str(),
        seen = finding.seen(),
        means = finding.means(),
        r#do = finding.remedy(),
        "finding"
    );
}

/// The lines of a message without what would control a terminal: it may name what others have chosen.
fn harmless(what: impl Display) -> String {
    what.to_string().split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

fn print(line: std::fmt::Arguments<'_>) {
    // In one piece, since other processes may write there; a closed stream cannot be reported.
    drawn::aside(&mut || {
        let _ = anstream::stderr().write_all(format!("{line}\n").as_bytes());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_lines_and_cannot_control_the_terminal() {
        let told = harmless("taken by pid 1 (a\u{202e}b\x1b[2J)\nstop it");
        assert_eq!(told, "taken by pid 1 (a\\u{202e}b\\u{1b}[2J)\nstop it");
    }
}
