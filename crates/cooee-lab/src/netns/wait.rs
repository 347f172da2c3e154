use std::thread;
use std::time::{Duration, Instant};

const POLL_GAP: Duration = Duration::from_millis(1);

/// Asks again and again until there is an answer, or until the time is over.
///
/// It asks at least once, and returns at the first answer.
pub fn eventually<T>(within: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(POLL_GAP);
    }
}
