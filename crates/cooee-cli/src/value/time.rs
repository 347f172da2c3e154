use std::time::Duration;

use super::kind::Kind;

const EXAMPLES: &str = "a time such as 5s, 500ms, 1m30s, or seconds such as 0.5";

/// Any time.
pub(crate) fn time() -> Kind<Duration> {
    Kind::new(EXAMPLES, |text| read(text).ok(), show).explained(read)
}

/// A time that is not longer than `most`.
pub(crate) fn time_up_to(most: Duration) -> Kind<Duration> {
    let bounds = format!("up to {}", show(&most));
    let too_long = format!("expected at most {}", show(&most));
    let bounded = move |text: &str| match read(text)? {
        time if time <= most => Ok(time),
        _ => Err(too_long.clone()),
    };
    Kind::bounded(EXAMPLES, bounds, |text| read(text).ok(), show).explained(bounded)
}

fn show(time: &Duration) -> String {
    humantime::format_duration(*time).to_string()
}

/// More than nothing, as `1m30s` or as a number of seconds.
fn read(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds.or_else(|| humantime::parse_duration(text).ok()) {
        Some(time) if !time.is_zero() => Ok(time),
        Some(_) => Err("expected more than 0".into()),
        None => Err(format!("expected {EXAMPLES}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_units_and_in_seconds() {
        let kind = time_up_to(Duration::from_secs(3600));
        for (text, ms) in [
            ("5s", 5000),
            ("500ms", 500),
            ("1m30s", 90_000),
            ("1m 30s", 90_000),
            ("5", 5000),
            ("5.0", 5000),
            ("0.5", 500),
            ("1h", 3_600_000),
        ] {
            assert_eq!(kind.read(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "0", "0s", "-1", "soon", "nan", "inf", "1e99", "61m", "5 5"] {
            assert!(kind.read(text).is_err(), "{text}");
        }
        assert_eq!(kind.read("61m"), Err("expected at most 1h".into()));
    }
}
