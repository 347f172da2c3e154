//! Where a long measurement is, on a terminal.

use std::io::{IsTerminal, stderr};

/// Replaces what was told before.
pub(crate) fn tell(text: &str) {
    if stderr().is_terminal() {
        eprint!("\r\x1b[K    {text}");
    }
}

pub(crate) fn clear() {
    if stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}
