use std::io;

use cooee_udp::is_of_earlier;

/// Errors by which a system says at a receive that a datagram sent earlier found nobody: Windows
/// says it for each client that asked and left. The next receive is as good as any other.
#[derive(Debug, Default)]
pub(super) struct Resets {
    in_a_row: u32,
}

impl Resets {
    /// A system that says nothing else is in trouble.
    const MOST: u32 = 1024;

    /// Whether to pass over `error`, and receive again at once.
    pub(super) fn pass_over(&mut self, error: &io::Error) -> bool {
        let is_reset = is_of_earlier(error);
        self.in_a_row = if is_reset { self.in_a_row.saturating_add(1) } else { 0 };
        is_reset && self.in_a_row <= Self::MOST
    }

    /// Notes that receiving went well, or that nothing was waiting.
    pub(super) fn reset(&mut self) {
        self.in_a_row = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resets_are_passed_over_unless_there_is_no_end_of_them() {
        let mut resets = Resets::default();
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        for _ in 0..10 {
            for _ in 0..Resets::MOST {
                assert!(resets.pass_over(&reset));
            }
            resets.reset();
        }
        for _ in 0..Resets::MOST {
            assert!(resets.pass_over(&reset));
        }
        assert!(!resets.pass_over(&reset));
        assert!(!resets.pass_over(&io::ErrorKind::OutOfMemory.into()));
        assert!(resets.pass_over(&reset), "something else came in between");
    }
}
