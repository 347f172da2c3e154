use std::time::Duration;

/// Prints what a finder has found as one JSON object: the seconds from the call to the last
/// server, and how many.
pub(crate) fn report(took: Duration, found: usize) {
    println!("{}", serde_json::json!({ "seconds": took.as_secs_f64(), "found": found }));
}
