use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::plan::Plan;
use crate::Target;
use crate::call::probes::Outbox;
use crate::call::schedule::Schedule;

/// Whose answers are answers to these rounds.
#[derive(Debug)]
pub(in crate::call) enum Audience {
    /// Anybody's: the call goes to everybody.
    Everybody,
    /// Those of these addresses.
    Only(BTreeSet<IpAddr>),
}

/// Calls the same targets again in every round.
#[derive(Debug)]
pub(in crate::call) struct Rounds {
    schedule: Schedule,
    targets: Vec<Target>,
    audience: Audience,
    /// How many rounds it makes; `None` for no end.
    most: Option<u32>,
}

impl Rounds {
    /// Rounds whose calls are told. Answers that take longer are not waited for.
    const REMEMBERED: usize = 16;

    pub(in crate::call) fn new(
        schedule: Schedule,
        targets: Vec<Target>,
        audience: Audience,
    ) -> Self {
        Self { schedule, targets, audience, most: None }
    }

    /// The same with so many rounds and no more, those included in which nobody is called.
    pub(in crate::call) fn only(self, rounds: impl Into<Option<u32>>) -> Self {
        Self { most: rounds.into(), ..self }
    }

    fn has_more(&self) -> bool {
        self.most.is_none_or(|most| self.schedule.turns() < most)
    }

    fn calls(&self, source: SocketAddr) -> bool {
        match &self.audience {
            Audience::Everybody => true,
            Audience::Only(addresses) => addresses.contains(&source.ip()),
        }
    }
}

impl Plan for Rounds {
    fn next_at(&self) -> Option<Instant> {
        self.has_more().then(|| self.schedule.next_round())
    }

    fn advance(&mut self, now: Instant, out: &mut Outbox<'_>) -> bool {
        if !self.schedule.is_due(now) || !self.has_more() {
            return false;
        }
        // A round that calls nobody is none, but time goes on.
        self.schedule.begin_round(now, !self.targets.is_empty());
        let round = self.schedule.rounds();
        let due = self.targets.iter().filter(|target| target.is_called_in(round));
        due.for_each(|target| out.call(target));
        !self.targets.is_empty()
    }

    fn rounds(&self) -> u32 {
        self.schedule.rounds()
    }

    fn completed(&self) -> u32 {
        self.schedule.rounds()
    }

    fn heard_out(&self, now: Instant, window: Duration) -> u32 {
        let is_young = |began: Instant| now.saturating_duration_since(began) < window;
        let last = self.schedule.begun().last().copied();
        self.schedule.rounds() - u32::from(last.is_some_and(is_young))
    }

    fn is_broadcast(&self) -> bool {
        matches!(self.audience, Audience::Everybody)
    }

    fn doubled_rounds(&self) -> u32 {
        let doubled = |round: &u32| {
            let due = self.targets.iter().filter(|target| target.is_called_in(*round));
            due.count() > self.targets.iter().filter(|target| target.is_called_in(1)).count()
        };
        (1..=self.schedule.rounds()).filter(doubled).count() as u32
    }

    fn is_in_use(&self) -> bool {
        !self.targets.is_empty() || self.schedule.rounds() > 0
    }

    fn round_of(&self, source: SocketAddr) -> Option<u32> {
        let round = self.schedule.rounds();
        (round > 0 && self.calls(source)).then_some(round)
    }

    fn each_call(&self, source: SocketAddr, visit: &mut dyn FnMut(Instant)) {
        if self.calls(source) {
            let recent = self.schedule.begun().iter().rev().take(Self::REMEMBERED);
            recent.copied().for_each(visit);
        }
    }

    fn retarget(&mut self, targets: &[Target]) {
        if self.is_broadcast() {
            self.targets = targets.to_vec();
        }
    }
}
