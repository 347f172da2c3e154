//! Chains of rules, and what becomes of a datagram in them.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use cooee_core::finding::Side;
use ipnet::Ipv4Net;

/// A datagram of a discovery that arrives and belongs to no connection: an answer to a broadcast,
/// or a probe.
#[derive(Debug, Clone)]
pub(super) struct Traffic {
    pub(super) port: u16,
    pub(super) side: Side,
    /// The interfaces that it may arrive on.
    pub(super) interfaces: Vec<String>,
    /// The networks that its sender may be on.
    pub(super) networks: Vec<Ipv4Net>,
}

/// What a rule asks of a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    SourcePort(Vec<RangeInclusive<u16>>),
    DestinationPort(Vec<RangeInclusive<u16>>),
    Interface(Vec<String>),
    Source(Vec<Ipv4Net>),
    /// Whether it is so is known without looking at the ports.
    Known(bool),
    Unknown,
    Not(Box<Self>),
}

/// Whether a test is passed; `None` if that is not known.
type Passed = Option<bool>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Accept,
    /// Also a refusal.
    Drop,
    Return,
    Jump(String),
    Goto(String),
    /// Such as a queue.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) tests: Vec<Test>,
    pub(super) target: Target,
}

/// Chains by their names.
pub(super) type Chains = HashMap<String, Vec<Rule>>;

/// What becomes of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Dropped,
    /// It depends on what is not known.
    Unclear,
}

impl Traffic {
    /// What becomes of it in a chain that ends with this policy.
    pub(super) fn through(&self, chains: &Chains, chain: &str, policy: Fate) -> Fate {
        let mut walk = Walk { traffic: self, chains, may: Vec::new(), steps: 0 };
        let end = walk.through(chain, 0).unwrap_or(policy);
        if walk.may.iter().all(|&may| may == end) { end } else { Fate::Unclear }
    }

    fn passes(&self, test: &Test) -> Passed {
        match test {
            Test::SourcePort(ports) => port_is_in(ports, self.port, self.side == Side::Client),
            Test::DestinationPort(ports) => port_is_in(ports, self.port, self.side == Side::Server),
            Test::Interface(names) => {
                let is_one = |name: &String| names.iter().any(|pattern| is_like(name, pattern));
                of_all(self.interfaces.iter().map(|name| Some(is_one(name))))
            }
            Test::Source(allowed) => of_all(self.networks.iter().map(|net| {
                if allowed.iter().any(|of| of.contains(net)) {
                    return Some(true);
                }
                let overlaps = |of: &Ipv4Net| net.contains(of);
                (!allowed.iter().any(overlaps)).then_some(false)
            })),
            Test::Known(passed) => Some(*passed),
            Test::Unknown => None,
            Test::Not(test) => self.passes(test).map(|passed| !passed),
        }
    }
}

/// What is true of all; `None` if it is true of some only, or of none that is known.
fn of_all(mut each: impl Iterator<Item = Passed>) -> Passed {
    let first = each.next()??;
    each.all(|next| next == Some(first)).then_some(first)
}

fn is_like(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix(['*', '+']) {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// Whether the port is one of these: ours, or the other side's, which the system has chosen.
fn port_is_in(ports: &[RangeInclusive<u16>], port: u16, is_ours: bool) -> Passed {
    // Linux and the others choose from here on (RFC 6335 section 6 begins at 49,152).
    const CHOSEN: RangeInclusive<u16> = 32_768..=60_999;
    if is_ours {
        return Some(ports.iter().any(|range| range.contains(&port)));
    }
    if ports.iter().any(|of| of.contains(CHOSEN.start()) && of.contains(CHOSEN.end())) {
        return Some(true);
    }
    (!ports.iter().any(|range| range.end() >= CHOSEN.start())).then_some(false)
}

struct Walk<'a> {
    traffic: &'a Traffic,
    chains: &'a Chains,
    /// What rules that may match would have done.
    may: Vec<Fate>,
    steps: usize,
}

impl Walk<'_> {
    fn passes_all(&self, tests: &[Test]) -> Passed {
        let mut is_known = true;
        for test in tests {
            match self.traffic.passes(test) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => is_known = false,
            }
        }
        is_known.then_some(true)
    }

    /// The kernel's own bound on jumps, and one on rules that are looked at.
    const DEPTH: usize = 16;
    const STEPS: usize = 100_000;

    /// Where it ends; `None` if it falls through.
    fn through(&mut self, chain: &str, depth: usize) -> Option<Fate> {
        let rules = self.chains.get(chain).filter(|_| depth < Self::DEPTH);
        let Some(rules) = rules else { return Some(Fate::Unclear) };
        for rule in rules {
            self.steps += 1;
            if self.steps > Self::STEPS {
                return Some(Fate::Unclear);
            }
            let passed = self.passes_all(&rule.tests);
            if passed == Some(false) {
                continue;
            }
            let (fate, leaves) = match &rule.target {
                Target::Accept => (Some(Fate::Accepted), true),
                Target::Drop => (Some(Fate::Dropped), true),
                Target::Unknown => (Some(Fate::Unclear), true),
                Target::Return => (None, true),
                Target::Jump(chain) => (self.through(chain, depth + 1), false),
                Target::Goto(chain) => (self.through(chain, depth + 1), true),
            };
            match passed {
                Some(_) if fate.is_some() || leaves => return fate,
                Some(_) => {}
                None => self.may.push(fate.unwrap_or(Fate::Unclear)),
            }
            if passed.is_none() && fate.is_none() && !leaves {
                // It may have gone there and come back.
                self.may.pop();
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic() -> Traffic {
        Traffic {
            port: 9999,
            side: Side::Client,
            interfaces: vec!["eth0".into()],
            networks: vec!["10.0.1.0/24".parse().expect("a network")],
        }
    }

    fn fate(rules: Vec<Rule>, policy: Fate) -> Fate {
        traffic().through(&Chains::from([("input".into(), rules)]), "input", policy)
    }

    fn rule(tests: Vec<Test>, target: Target) -> Rule {
        Rule { tests, target }
    }

    #[test]
    fn the_policy_decides_on_what_no_rule_concerns() {
        let elsewhere = Test::Interface(vec!["wg*".into()]);
        let rules = vec![rule(vec![elsewhere], Target::Accept)];
        assert_eq!(fate(rules, Fate::Dropped), Fate::Dropped);
        assert_eq!(fate(vec![], Fate::Accepted), Fate::Accepted);
    }

    #[test]
    fn what_may_match_leaves_it_open_unless_it_does_the_same() {
        let may = |target| vec![rule(vec![Test::Unknown], target)];
        assert_eq!(fate(may(Target::Accept), Fate::Dropped), Fate::Unclear);
        assert_eq!(fate(may(Target::Drop), Fate::Dropped), Fate::Dropped);
    }

    #[test]
    fn a_network_is_let_in_as_a_whole_in_part_or_not() {
        let from = |net: &str| {
            let test = Test::Source(vec![net.parse().expect("a network")]);
            fate(vec![rule(vec![test], Target::Accept)], Fate::Dropped)
        };
        assert_eq!(from("10.0.0.0/8"), Fate::Accepted);
        assert_eq!(from("10.0.1.128/25"), Fate::Unclear);
        assert_eq!(from("192.168.0.0/16"), Fate::Dropped);
    }

    #[test]
    fn ports_are_those_of_an_answer() {
        for (test, expected) in [
            (Test::SourcePort(vec![9999..=9999]), Fate::Accepted),
            (Test::SourcePort(vec![53..=53]), Fate::Dropped),
            (Test::DestinationPort(vec![40_000..=40_000]), Fate::Unclear),
            (Test::DestinationPort(vec![22..=9999]), Fate::Dropped),
            (Test::DestinationPort(vec![1024..=65_535]), Fate::Accepted),
        ] {
            let rules = vec![rule(vec![test.clone()], Target::Accept)];
            assert_eq!(fate(rules, Fate::Dropped), expected, "{test:?}");
        }
    }

    #[test]
    fn chains_that_jump_in_a_circle_end() {
        let rules = vec![rule(vec![], Target::Jump("input".into()))];
        assert_eq!(fate(rules, Fate::Accepted), Fate::Unclear);
    }
}
