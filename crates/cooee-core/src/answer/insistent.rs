//! Sources that ask too often: each is told of once a minute.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::limits;

/// A source whose probes were refused for asking too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Insistent {
    /// The source.
    pub source: IpAddr,
    /// How many of its probes were refused since it was last told of.
    pub refused: u64,
}

/// The sources told of within the last minute, up to a bound.
#[derive(Debug, Default)]
pub(super) struct InsistentSources(Vec<Told>);

#[derive(Debug, Clone, Copy)]
struct Told {
    source: IpAddr,
    at: Instant,
    refused_since: u64,
}

impl InsistentSources {
    const EVERY: Duration = Duration::from_secs(60);

    /// Notes a refused probe. Returns what is to be told now.
    pub(super) fn note(&mut self, now: Instant, source: IpAddr) -> Option<Insistent> {
        if let Some(told) = self.0.iter_mut().find(|told| told.source == source) {
            told.refused_since += 1;
            return None;
        }
        if self.0.len() >= limits::INSISTENT_REMEMBERED {
            return None;
        }
        self.0.push(Told { source, at: now, refused_since: 0 });
        Some(Insistent { source, refused: 1 })
    }

    /// When there is something to tell or to forget.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.0.iter().map(|told| told.at + Self::EVERY).min()
    }

    /// Reports the sources that were refused again in the past minute, and forgets the others.
    pub(super) fn due(&mut self, now: Instant, mut tell: impl FnMut(Insistent)) {
        self.0.retain_mut(|told| {
            if told.at + Self::EVERY > now {
                return true;
            }
            let refused = std::mem::take(&mut told.refused_since);
            told.at = now;
            if refused > 0 {
                tell(Insistent { source: told.source, refused });
            }
            refused > 0
        });
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
mod tests {
    use super::*;

    #[test]
    fn each_source_is_told_of_once_a_minute() {
        let (mut sources, start) = (InsistentSources::default(), Instant::now());
        let source: IpAddr = [10, 0, 0, 1].into();
        let minute = InsistentSources::EVERY;
        assert_eq!(sources.note(start, source), Some(Insistent { source, refused: 1 }));
        for _ in 0..7 {
            assert_eq!(sources.note(start, source), None);
        }
        assert_eq!(sources.next_at(), Some(start + minute));
        let mut told = Vec::new();
        sources.due(start + minute / 2, |it| told.push(it));
        assert_eq!(told, []);
        sources.due(start + minute, |it| told.push(it));
        assert_eq!(told, [Insistent { source, refused: 7 }]);
        sources.due(start + 2 * minute, |it| told.push(it));
        assert_eq!((told.len(), sources.next_at()), (1, None), "no wake-up when it is over");
    }
}
