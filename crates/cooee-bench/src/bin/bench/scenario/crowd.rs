use std::cell::RefCell;

use cooee_bench::report::{Limit, Table, number};
use cooee_lab::scene::crowd::with_crowd;
use cooee_lab::scene::programs::{find, pair};

use crate::field::{run, stock_all};
use crate::turns::{Contestant, Effort, in_turns, ms, row, table};

const CROWDS: [u32; 3] = [100, 1_000, 10_000];

/// What the stock client may find at most of the largest crowd, or it is no crowd.
const STOCK_MOST: f64 = 9_000.0;

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let rounds = effort.rounds(5);
    let (mut rows, mut times, mut checks) = (Vec::new(), Vec::new(), Vec::new());
    for servers in CROWDS {
        let lab = pair();
        let name = |who: &str| format!("{} servers: {who}", number(servers.into()));
        let took = RefCell::new(Vec::new());
        let ours = Contestant::new(name("`cooee find`"), || {
            let mut found = 0;
            took.borrow_mut().push(ms(|| found = find(&lab.client, &["--timeout", "5s"]).1.len()));
            found as f64
        });
        let stock =
            Contestant::new(name("stock client"), || run(stock_all(&lab.client)).0.found as f64);
        let found =
            with_crowd(&lab, servers, || in_turns("Found", "servers", rounds, vec![ours, stock]));
        let least = found.rows[0].spread.least;
        checks.push((format!("{}, minimum", found.rows[0].name), least, f64::from(servers)));
        times.push(row(name("`cooee find`"), took.into_inner()));
        rows.extend(found.rows);
    }
    let mut found =
        table("Servers found when a crowd answers one broadcast at once", "servers", rows);
    for (what, least, servers) in checks {
        found.check(what, least, Limit::AtLeast(servers));
    }
    let stock = found.rows.last().unwrap();
    // A single round may be any.
    if effort == Effort::Full {
        let (what, median) =
            (format!("{}, or the crowd is too small", stock.name), stock.spread.median);
        found.check(what, median, Limit::AtMost(STOCK_MOST));
    }
    let mut took = table("Time to list a crowd, process start to exit", "ms", times);
    let most = took.rows[2].spread.median;
    took.check(format!("{}, ms", took.rows[2].name), most, Limit::AtMost(5000.0));
    vec![("crowd", found), ("crowd-time", took)]
}
