//! The course of an examination: which stages came to their end.

use super::limit::Limit;
use super::stages::Stage;

/// Begins the stages one by one, and keeps those that are finished.
pub(super) struct Course<'a, F> {
    limit: Limit<'a>,
    at: F,
    finished: Vec<Stage>,
}

impl<'a, F: FnMut(Stage)> Course<'a, F> {
    /// `at` is told what is examined next.
    pub(super) fn new(limit: Limit<'a>, at: F) -> Self {
        Self { limit, at, finished: Vec::new() }
    }

    /// What a stage sees; `None` if it did not come to its end.
    pub(super) fn stage<T>(
        &mut self,
        stage: Stage,
        work: impl FnOnce(Limit<'a>) -> Option<T>,
    ) -> Option<T> {
        if self.limit.goes_on() {
            (self.at)(stage);
        }
        let seen = work(self.limit);
        if seen.is_some() {
            self.finished.push(stage);
        }
        seen
    }

    /// The stages that were not examined, or not to their end.
    pub(super) fn left_out(&self) -> Vec<Stage> {
        Stage::ALL.into_iter().filter(|stage| !self.finished.contains(stage)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_finished_when_it_ends_is_not_left_out() {
        let stop = AtomicBool::new(false);
        let mut told = Vec::new();
        let limit = Limit::new(&stop, Duration::from_secs(60));
        let mut course = Course::new(limit, |stage| told.push(stage));
        let (last, earlier) = Stage::ALL.split_last().unwrap();
        for stage in earlier {
            assert_eq!(course.stage(*stage, |_| Some(7)), Some(7));
        }
        assert_eq!(course.left_out(), [*last]);
        let finished = course.stage(*last, |limit| {
            stop.store(true, Ordering::Relaxed);
            (!limit.goes_on()).then_some(())
        });
        assert!(finished.is_some());
        assert_eq!(course.left_out(), []);
        assert_eq!(told, Stage::ALL);
    }

    #[test]
    fn what_does_not_come_to_its_end_is_left_out_while_there_is_time() {
        let stop = AtomicBool::new(false);
        let limit = Limit::new(&stop, Duration::from_secs(60));
        let mut course = Course::new(limit, |_| {});
        for stage in Stage::ALL {
            // As without a thread or a socket for it.
            course.stage(stage, |_| (stage != Stage::Services).then_some(()));
        }
        assert_eq!(course.left_out(), [Stage::Services]);
    }
}
