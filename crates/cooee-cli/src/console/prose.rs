use std::fmt::{self, Write};

use anstyle::Style;
use cooee::announced::shown;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::style;

/// Writes events of the log as the command's own messages look, `warning: … (name: value, …)`,
/// without time stamps and module paths.
pub(super) struct Prose;

impl<S, N> FormatEvent<S, N> for Prose
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (style, word) = match *event.metadata().level() {
            Level::ERROR => (style::ERROR, "error"),
            Level::WARN => (style::WARNING, "warning"),
            // DEBUG has the decisions of the engine, which are told of as events are.
            Level::INFO | Level::DEBUG => (Style::new(), "info"),
            Level::TRACE => (Style::new(), "trace"),
        };
        if writer.has_ansi_escapes() {
            write!(writer, "{style}{word}:{style:#}")?;
        } else {
            write!(writer, "{word}:")?;
        }
        let mut sentence = Sentence::default();
        event.record(&mut sentence);
        writeln!(writer, "{}", sentence.finish())
    }
}

/// The message of an event, and its fields in parentheses.
#[derive(Default)]
struct Sentence {
    message: Escaped,
    fields: Escaped,
}

impl Sentence {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let written = if field.name() == "message" {
            write!(self.message, " {value}")
        } else {
            let comma = if self.fields.0.is_empty() { "" } else { ", " };
            write!(self.fields, "{comma}{}: {value}", field.name().replace('_', " "))
        };
        debug_assert!(written.is_ok(), "writing to a string fails only if a value does");
    }

    fn finish(self) -> String {
        let (message, fields) = (self.message.0, self.fields.0);
        if fields.is_empty() { message } else { format!("{message} ({fields})") }
    }
}

impl Visit for Sentence {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let is_word = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        match is_word {
            true => self.add(field, format_args!("{value}")),
            false => self.add(field, format_args!("\"{value}\"")),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, format_args!("{value:.1}"));
    }
}

/// Text that is harmless to print: a value may be what somebody sent.
#[derive(Default)]
struct Escaped(String);

impl Write for Escaped {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(&shown(text));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing::{debug, subscriber, warn};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .event_format(Prose)
            .finish();
        subscriber::with_default(subscriber, log);
        let bytes = lines.0.lock().unwrap();
        String::from_utf8(bytes.clone()).unwrap()
    }

    #[test]
    fn fields_follow_the_message() {
        let log = || debug!(rung = "broadcast", round = 2, unseen = 0.04, left_out = 3, "ended");
        let expected = "info: ended (rung: broadcast, round: 2, unseen: 0.0, left out: 3)\n";
        assert_eq!(logged(log), expected);
        assert_eq!(logged(|| warn!("{} is gone", "e0")), "warning: e0 is gone\n");
    }

    #[test]
    fn what_somebody_sent_is_quoted_and_cannot_control_the_terminal() {
        let log = || debug!(excerpt = r"SERVER_IP:\x1b", error = %"a\x1b[31m\nb", "refused");
        let expected = "info: refused (excerpt: \"SERVER_IP:\\x1b\", error: a\\u{1b}[31m\\u{a}b)\n";
        assert_eq!(logged(log), expected);
        let log = || debug!(name = "ab\u{202e}c\u{200b}", "announced");
        assert_eq!(logged(log), "info: announced (name: \"ab\\u{202e}c\\u{200b}\")\n");
    }
}
