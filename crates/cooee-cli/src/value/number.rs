use std::ops::RangeInclusive;

use cooee::RateLimit;

use super::kind::Kind;

/// A UDP or TCP port; 0 is none.
pub(crate) fn port() -> Kind<u16> {
    let read = |text: &str| text.parse().ok().filter(|&port| port > 0);
    Kind::bounded("a port", "1 to 65535", read, u16::to_string)
}

/// A number within these bounds.
pub(crate) fn number(bounds: RangeInclusive<u32>) -> Kind<u32> {
    let words = format!("{} to {}", bounds.start(), bounds.end());
    let read = move |text: &str| text.parse().ok().filter(|number| bounds.contains(number));
    Kind::bounded("a number", words, read, u32::to_string)
}

/// Text of so many bytes.
pub(crate) fn text(bytes: RangeInclusive<usize>) -> Kind<String> {
    let bounds = match bytes.start() {
        0 => format!("up to {} bytes", bytes.end()),
        least => format!("{least} to {} bytes", bytes.end()),
    };
    let read = move |text: &str| bytes.contains(&text.len()).then(|| text.to_owned());
    Kind::bounded("text", bounds, read, String::clone)
}

/// Answers a second for each client, or `off`.
pub(crate) fn rate() -> Kind<RateLimit> {
    let read = |text: &str| match text {
        "off" => Some(RateLimit::Off),
        text => RateLimit::per_source(text.parse().ok()?).ok(),
    };
    let show = |rate: &RateLimit| match rate {
        RateLimit::PerSource(answers) => answers.to_string(),
        RateLimit::Off => "off".into(),
    };
    Kind::new("1 or more answers a second, or off", read, show)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_ports_are_never_zero() {
        assert_eq!(rate().read("off"), Ok(RateLimit::Off));
        assert!(rate().read("0").is_err());
        assert!(port().read("0").is_err());
        assert_eq!(port().read("65536"), Err("expected a port, 1 to 65535".into()));
    }

    #[test]
    fn text_is_measured_in_bytes() {
        assert!(text(0..=2).read("é").is_ok());
        assert_eq!(text(1..=2).read("éa"), Err("expected text, 1 to 2 bytes".into()));
        assert!(text(1..=2).read("").is_err());
    }
}
