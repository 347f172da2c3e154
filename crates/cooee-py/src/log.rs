//! Warnings of the Rust crates, to Python's `logging` by the package's `_logger`.

use std::fmt::{self, Write};
use std::sync::Once;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What the targets of our crates begin with.
const OURS: &str = "cooee";

/// From now on, warnings and errors go to Python.
///
/// Is called when the engine is first used, not when it is loaded: the command has a log of its own,
/// and a process has only one.
pub(crate) fn forward() {
    static FORWARDED: Once = Once::new();
    FORWARDED.call_once(|| {
        // It fails only after the command has run.
        let _ = tracing::subscriber::set_global_default(Forward);
    });
}

/// Logs an exception that has nobody to be raised to.
pub(crate) fn exception(py: Python<'_>, message: &str, error: PyErr) {
    let options = PyDict::new(py);
    let logged = options
        .set_item("exc_info", error)
        .and_then(|()| logger(py)?.call_method("error", (message,), Some(&options)));
    unraisable(py, logged);
}

fn logger(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("cooee")?.call_method0("_logger")
}

fn unraisable<T>(py: Python<'_>, logged: PyResult<T>) {
    if let Err(error) = logged {
        error.write_unraisable(py, None);
    }
}

/// Has no state, so that it can neither deadlock nor be inherited broken.
struct Forward;

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN && metadata.target().starts_with(OURS)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let method = if *event.metadata().level() == Level::ERROR { "error" } else { "warning" };
        // None while the interpreter shuts down: then there is nobody to tell.
        let _told = Python::try_attach(|py| {
            let message = ("%s", text.finish());
            unraisable(py, logger(py).and_then(|logger| logger.call_method1(method, message)));
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// `message: error (name=value, …)`.
#[derive(Default)]
struct Text {
    message: String,
    error: String,
    others: String,
}

impl Text {
    fn finish(self) -> String {
        let Self { mut message, error, others } = self;
        if !error.is_empty() {
            message = format!("{message}: {error}");
        }
        if !others.is_empty() {
            message = format!("{message} ({others})");
        }
        message
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // To write into a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "error" => write!(self.error, "{value:?}"),
            name if self.others.is_empty() => write!(self.others, "{name}={value:?}"),
            name => write!(self.others, ", {name}={value:?}"),
        };
    }
}
