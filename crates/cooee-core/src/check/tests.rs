use super::*;

const MS: Duration = Duration::from_millis(1);

struct Rig {
    start: Instant,
    now: Instant,
    checks: CheckEngine,
}

impl Rig {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a start for virtual time")]
        let start = Instant::now();
        Self { start, now: start, checks: CheckEngine::new(checks_end(start + 5000 * MS)) }
    }

    fn begin(&mut self, addresses: &[&str]) -> CheckId {
        self.checks.begin(self.now, addresses.iter().map(|a| a.parse().unwrap()))
    }

    /// Lets time pass as a driver does that wakes for timers only.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.checks.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.checks.handle_timeout(self.now);
        }
        self.now = until;
    }

    fn opened(&mut self) -> Vec<(AttemptId, String)> {
        let opened = std::iter::from_fn(|| self.checks.poll_attempt());
        opened.map(|(attempt, address)| (attempt, address.to_string())).collect()
    }

    fn only(&mut self) -> AttemptId {
        let opened = self.opened();
        let [(attempt, _)] = &opened[..] else { panic!("one attempt: {opened:?}") };
        *attempt
    }

    fn ends(&mut self, attempt: AttemptId, state: CheckState) {
        self.checks.handle_result(self.now, attempt, state);
    }

    fn results(&self, id: CheckId) -> Vec<(String, &'static str, Option<u128>)> {
        let each =
            |c: Checked| (c.address.to_string(), c.state.as_str(), c.took.map(|t| t.as_millis()));
        self.checks.results(id).into_iter().map(each).collect()
    }
}

const DEAD: &str = "172.17.0.2:8000";
const LIVE: &str = "192.168.1.10:8000";

#[test]
fn a_live_address_comes_before_a_dead_one_that_was_listed_first() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, LIVE]);
    let dead = rig.only();
    rig.pass(99 * MS);
    assert_eq!(rig.opened(), []);
    rig.pass(MS);
    let live = rig.only();
    rig.pass(2 * MS);
    rig.ends(live, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    assert_eq!(rig.now - rig.start, 102 * MS);
    let first = (LIVE.to_owned(), "open", Some(2));
    assert_eq!(rig.results(id), [first.clone(), (DEAD.to_owned(), "unknown", None)]);

    // The other one is awaited still, since each is reported.
    assert!(rig.checks.is_running(dead));
    rig.pass(898 * MS);
    assert_eq!(rig.results(id), [first, (DEAD.to_owned(), "timeout", Some(1000))]);
    assert!(!rig.checks.is_running(dead));
    assert_eq!((rig.checks.poll_decided(), rig.checks.poll_timeout()), (None, None));
}

#[test]
fn the_next_address_is_tried_at_once_when_one_fails() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, LIVE]);
    let dead = rig.only();
    rig.pass(3 * MS);
    rig.ends(dead, CheckState::Refused);
    let live = rig.only();
    assert_eq!(rig.checks.poll_decided(), None);
    rig.pass(MS);
    rig.ends(live, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    let dead = (DEAD.to_owned(), "refused", Some(3));
    assert_eq!(rig.results(id), [(LIVE.to_owned(), "open", Some(1)), dead]);
    rig.pass(2000 * MS);
    assert_eq!(rig.opened(), [], "each is tried once");
}

#[test]
fn the_fastest_is_the_first() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, LIVE]);
    let slow = rig.only();
    rig.pass(100 * MS);
    let fast = rig.only();
    rig.pass(5 * MS);
    rig.ends(slow, CheckState::Open);
    rig.ends(fast, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    assert_eq!(rig.checks.poll_decided(), None, "decided once");
    let order: Vec<_> = rig.results(id).into_iter().map(|(address, ..)| address).collect();
    assert_eq!(order, [LIVE, DEAD]);
}

const CLAIMED: &str = "[fe80::66]:8000";

#[test]
fn a_claimed_address_that_is_faster_is_not_the_first() {
    let mut rig = Rig::new();
    let id = rig.begin(&[LIVE, CLAIMED]);
    rig.checks.claim(id, [CLAIMED.parse().unwrap()]);
    let slow = rig.only();
    rig.pass(100 * MS);
    let claimed = rig.only();
    rig.pass(MS);
    rig.ends(claimed, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), None, "the other one may be open yet");
    rig.pass(99 * MS);
    assert_eq!(rig.checks.poll_decided(), None);
    rig.ends(slow, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    let order: Vec<_> = rig.results(id).into_iter().map(|(address, ..)| address).collect();
    assert_eq!(order, [LIVE, CLAIMED]);
}

#[test]
fn a_claimed_address_counts_when_no_other_is_open() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, CLAIMED]);
    rig.checks.claim(id, [CLAIMED.parse().unwrap()]);
    let dead = rig.only();
    rig.ends(dead, CheckState::Refused);
    let claimed = rig.only();
    rig.pass(MS);
    rig.ends(claimed, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    assert_eq!(rig.results(id)[0].0, CLAIMED);
}

#[test]
fn an_open_address_that_is_claimed_does_not_wait_for_a_dead_one_to_time_out() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, CLAIMED]);
    rig.checks.claim(id, [CLAIMED.parse().unwrap()]);
    let dead = rig.only();
    rig.pass(100 * MS);
    let claimed = rig.only();
    rig.pass(MS);
    rig.ends(claimed, CheckState::Open);
    assert_eq!(rig.checks.poll_decided(), None);
    rig.pass(100 * MS);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    assert_eq!(rig.results(id)[0], (CLAIMED.to_owned(), "open", Some(1)));

    // The one that is its own comes first still, should it open after all.
    assert!(rig.checks.is_running(dead));
    rig.pass(MS);
    rig.ends(dead, CheckState::Open);
    assert_eq!(rig.results(id)[0].0, DEAD);
    assert_eq!((rig.checks.poll_decided(), rig.checks.poll_timeout()), (None, None));
}

#[test]
fn a_server_of_dead_addresses_is_decided_when_the_last_has_ended() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, LIVE]);
    rig.pass(1099 * MS);
    assert_eq!(rig.checks.poll_decided(), None);
    rig.pass(MS);
    assert_eq!(rig.checks.poll_decided(), Some(id));
    assert!(rig.results(id).iter().all(|(_, state, _)| *state == "timeout"));
}

#[test]
fn servers_are_checked_at_the_same_time_up_to_a_bound() {
    let mut rig = Rig::new();
    let ids: Vec<_> = (0..200).map(|n| rig.begin(&[&format!("10.0.0.{n}:80")])).collect();
    let first = rig.opened();
    assert_eq!(first.len(), CHECKS_AT_A_TIME);
    rig.ends(first[7].0, CheckState::Open);
    assert_eq!(rig.opened().len(), 1, "a place is taken at once");
    for _ in 0..4 {
        rig.pass(1000 * MS);
        assert!(rig.opened().len() <= CHECKS_AT_A_TIME);
    }
    let decided = std::iter::from_fn(|| rig.checks.poll_decided()).count();
    assert_eq!(decided, ids.len());
    assert_eq!(rig.checks.poll_timeout(), None);
}

#[test]
fn nothing_is_awaited_beyond_the_end_and_what_was_not_tried_is_unknown() {
    let mut rig = Rig::new();
    let ids: Vec<_> =
        (0..1000).map(|n| rig.begin(&[&format!("10.0.{}.{}:80", n / 250, n % 250)])).collect();
    rig.pass(6000 * MS);
    assert_eq!(rig.checks.poll_timeout(), None);
    let decided = std::iter::from_fn(|| rig.checks.poll_decided()).count();
    assert_eq!(decided, ids.len());
    assert_eq!(rig.results(ids[0])[0].1, "timeout");
    assert_eq!(rig.results(ids[999])[0].1, "unknown");
}

#[test]
fn addresses_that_become_known_later_are_checked_once_each() {
    let mut rig = Rig::new();
    let id = rig.begin(&[LIVE]);
    let live = rig.only();
    rig.ends(live, CheckState::Open);
    let [dead, known] = [DEAD, LIVE].map(|a| a.parse().unwrap());
    rig.checks.add(rig.now, id, [known, dead]);
    let dead = rig.only();
    rig.pass(MS);
    rig.ends(dead, CheckState::Unreachable);
    assert_eq!(rig.results(id)[1], (DEAD.to_owned(), "unreachable", Some(1)));
    assert_eq!(rig.checks.poll_timeout(), None);
}

#[test]
fn a_stop_decides_all_and_ends_every_attempt() {
    let mut rig = Rig::new();
    let id = rig.begin(&[DEAD, LIVE]);
    let attempt = rig.only();
    rig.checks.stop();
    assert_eq!(rig.checks.poll_decided(), Some(id));
    assert!(!rig.checks.is_running(attempt));
    assert_eq!(rig.checks.poll_timeout(), None);
    rig.ends(attempt, CheckState::Open);
    assert_eq!(rig.results(id)[0].1, "unknown", "it was not awaited any more");

    let late = rig.begin(&[LIVE]);
    assert_eq!((rig.checks.poll_decided(), rig.checks.poll_timeout()), (Some(late), None));
}
