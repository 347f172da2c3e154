use cooee::{DEFAULT_MESSAGE, DEFAULT_PORT, DEFAULT_PREFIX, Families, limits};

use super::setting::{Section, Setting};
use crate::value::{port, text};

/// What servers and clients have to agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    /// The UDP port that servers listen on.
    pub port: u16,
    /// The text of a probe.
    pub message: String,
    /// What an answer begins with.
    pub prefix: String,
    /// Whether IPv4 is used and IPv6 is not.
    pub ipv4: bool,
    /// Whether IPv6 is used and IPv4 is not.
    pub ipv6: bool,
}

impl Wire {
    /// The address families to use.
    pub(crate) fn families(&self) -> Families {
        match (self.ipv4, self.ipv6) {
            (true, false) => Families::V4,
            (false, true) => Families::V6,
            _ => Families::Both,
        }
    }
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            port: DEFAULT_PORT,
            message: DEFAULT_MESSAGE.into(),
            prefix: DEFAULT_PREFIX.into(),
            ipv4: false,
            ipv6: false,
        }
    }
}

impl Section for Wire {
    const IS_GLOBAL: bool = true;

    fn settings() -> Vec<Setting<Self>> {
        vec![
            Setting::<Self>::one("port", "N", port(), |wire| &mut wire.port)
                .help("UDP port that servers listen on")
                .stock("DISCOVERY_CLIENT_PORT"),
            Setting::<Self>::one("message", "TEXT", text(1..=limits::MESSAGE_MAX), |wire| {
                &mut wire.message
            })
            .help("Text of a probe")
            .stock("DISCOVERY_CLIENT_MESSAGE"),
            Setting::<Self>::one("prefix", "TEXT", text(0..=limits::PREFIX_MAX), |wire| {
                &mut wire.prefix
            })
            .help("Text that an answer begins with")
            .stock("DISCOVERY_CLIENT_RESPONSE_PREFIX"),
            Setting::<Self>::switch("ipv4", |wire| &mut wire.ipv4)
                .short('4')
                .help("Use IPv4 only, unless --ipv6 is given too"),
            Setting::<Self>::switch("ipv6", |wire| &mut wire.ipv6)
                .short('6')
                .help("Use IPv6 only, unless --ipv4 is given too"),
        ]
    }
}
