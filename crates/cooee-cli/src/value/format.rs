use clap::ValueEnum;

/// How servers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns, for people.
    Table,
    /// One array, at the end.
    Json,
    /// One object a line, as servers answer.
    Ndjson,
    /// One URL a line, as servers answer.
    Url,
}

/// How what happens to servers is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventFormat {
    /// On a terminal who is there, else a line for each event
    Table,
    /// One object a line, for each event
    Ndjson,
}

/// How interfaces are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// Columns, for people
    Table,
    /// One array
    Json,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Paragraphs, for people
    Text,
    /// One object with a list
    Json,
}

/// How standard error is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Lines, for people.
    Text,
    /// One object a line.
    Json,
}

/// How much to say on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Only errors.
    Quiet,
    /// Warnings too.
    Normal,
    /// What happens.
    Events,
    /// Details of it.
    Details,
    /// All that is logged.
    Everything,
}

/// Reads a number of `-v`.
pub(crate) fn verbosity(text: &str) -> Result<u8, String> {
    text.parse().map_err(|_| "expected a level, 0 to 3".into())
}
