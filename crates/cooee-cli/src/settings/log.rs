use super::setting::{Section, Setting};
use crate::value::{Choice, Kind, LogFormat};

const FORMATS: &[Choice<LogFormat>] = &[
    Choice("text", LogFormat::Text, "Lines, for people"),
    Choice("json", LogFormat::Json, "One JSON object a line"),
];

/// How the command writes to standard error.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text }
    }
}

impl Section for Log {
    const IS_GLOBAL: bool = true;

    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::<Self>::one("log-format", "FORMAT", Kind::choice(FORMATS), |log| {
                &mut log.format
            })
            .help("Write to standard error as text or as json lines"),
        ]
    }
}
