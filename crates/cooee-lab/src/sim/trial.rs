use std::ops::Range;
use std::time::Duration;

use cooee_core::{DiscoveryConfig, Ended, Outcome, RateLimit, ResponderConfig, Wait};

use super::{Arp, Client, Link, Network, Server, Traffic, for_each_seed};

/// One client that looks for many servers on one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// How many servers there are.
    pub servers: usize,
    /// The way of the probes.
    pub to_servers: Link,
    /// The way of the answers.
    pub to_client: Link,
    /// How hosts resolve link addresses; `None` if they know them all.
    pub arp: Option<Arp>,
    /// How many requests for link addresses get lost that the first server sends first.
    pub requests_lost: u32,
    /// How late the first server answers; `None` if it answers at once, as the others do.
    pub late: Option<Range<Duration>>,
    /// How the client looks.
    pub config: DiscoveryConfig,
}

/// What came of one trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The seed of its network.
    pub seed: u64,
    /// What the client thinks of it.
    pub outcome: Outcome,
    /// The part of the servers that was found, from 0 to 1.
    pub found: f64,
    /// How many servers were not found.
    pub unseen: usize,
    /// What the client sent and was sent.
    pub traffic: Traffic,
}

impl Trial {
    /// A trial on links that lose this part of the datagrams each way.
    pub fn new(servers: usize, loss: f64, wait: Wait) -> Self {
        Self {
            servers,
            to_servers: Link::losing(loss),
            to_client: Link::losing(loss),
            arp: None,
            requests_lost: 0,
            late: None,
            config: DiscoveryConfig { wait, ..DiscoveryConfig::default() },
        }
    }

    /// The same trial with these changes to the links of both ways.
    #[must_use]
    pub fn on(mut self, change: impl Fn(&mut Link)) -> Self {
        change(&mut self.to_servers);
        change(&mut self.to_client);
        self
    }

    /// Runs it until the client is done.
    ///
    /// The servers' rate limit is off: one client is far below it, and ten thousand tables of
    /// sources would take 640 MiB.
    ///
    /// # Panics
    /// When the client's configuration is not sound, when it never ends or not by its deadline, or
    /// when it reports a server twice or one that is not there.
    pub fn run(&self, seed: u64) -> Run {
        let mut network = Network::new(seed);
        if let Some(arp) = self.arp {
            network = network.with_arp(arp);
        }
        let segment = network.segment("10.0.0.0/16".parse().expect("this is a network"));
        let answering =
            ResponderConfig { rate_limit: RateLimit::Off, ..ResponderConfig::default() };
        for nth in 0..self.servers {
            let server = network.attach(segment, self.to_servers.clone(), |host| {
                Server::new(answering.clone(), host).expect("the default configuration is sound")
            });
            if nth == 0 {
                network.lose_requests(server, self.requests_lost);
                if let Some(by) = &self.late {
                    network.delay_sending(server, by.clone());
                }
            }
        }
        let client = network.attach(segment, self.to_client.clone(), |host| {
            Client::new(self.config.clone(), host).expect("the client's configuration is sound")
        });
        let over = network.run_while(|network| network[client].discovery().outcome().is_none());
        assert!(over, "the client waits for nothing");

        let outcome = network[client].discovery().outcome().expect("it is over");
        let timeout = self.config.timeout.unwrap_or(DiscoveryConfig::TIMEOUT);
        assert!(outcome.elapsed <= timeout, "it ended late: {outcome:?}");
        let mut found = network[client].found().to_vec();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), outcome.servers, "a server was reported twice or not at all");
        let unseen = self.servers.checked_sub(found.len()).expect("nobody else answers");
        let share = if self.servers == 0 { 1.0 } else { found.len() as f64 / self.servers as f64 };
        Run { seed, outcome, found: share, unseen, traffic: network.traffic(client) }
    }
}

/// Many runs of one trial, together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The mean part of the servers that was found, from 0 to 1.
    pub found: f64,
    /// The part of the runs that found every server, from 0 to 1.
    pub complete: f64,
    /// The least part of the servers that was found in one run, from 0 to 1.
    pub least_found: f64,
    /// The seed of that run, with which to look at it alone.
    pub least_seed: u64,
    /// The mean time to the end.
    pub mean_end: Duration,
    /// The longest time to the end.
    pub worst_end: Duration,
    /// The mean number of servers that the client believed to be missing.
    pub estimated: f64,
    /// The mean number of servers that were missing.
    pub unseen: f64,
    /// The part of the runs that ended before the deadline, from 0 to 1.
    pub settled: f64,
    /// The mean number of rounds.
    pub rounds: f64,
}

impl Summary {
    /// Runs `trial` with each of `seeds`.
    pub fn over(seeds: Range<u64>, trial: &Trial) -> Self {
        Self::of(&for_each_seed(seeds, |seed| trial.run(seed)))
    }

    /// The summary of these runs.
    ///
    /// # Panics
    /// When there are none.
    pub fn of(runs: &[Run]) -> Self {
        let least = runs.iter().min_by(|a, b| a.found.total_cmp(&b.found)).expect("there are runs");
        let mean = |of: fn(&Run) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
        Self {
            found: mean(|run| run.found),
            complete: mean(|run| f64::from(u8::from(run.unseen == 0))),
            least_found: least.found,
            least_seed: least.seed,
            mean_end: Duration::from_secs_f64(mean(|run| run.outcome.elapsed.as_secs_f64())),
            worst_end: runs.iter().map(|run| run.outcome.elapsed).max().unwrap_or_default(),
            estimated: mean(|run| run.outcome.estimate.map_or(0.0, |estimate| estimate.unseen)),
            unseen: mean(|run| run.unseen as f64),
            settled: mean(|run| f64::from(u8::from(run.outcome.ended == Ended::Settled))),
            rounds: mean(|run| f64::from(run.outcome.rounds)),
        }
    }
}
