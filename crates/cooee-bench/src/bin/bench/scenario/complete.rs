use cooee_bench::report::{Limit, Table};
use cooee_lab::scene::crowd::with_crowd;
use cooee_lab::scene::programs::{find, pair, serve};

use crate::field::{run, served, stock_all};
use crate::turns::{Contestant, Effort, in_turns, ms};

const CROWD: u32 = 100;

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let (rounds, of_stock) = (effort.rounds(10), effort.rounds(5));
    let (lab, _server) = served(|host| serve(host, &[]));
    let crowd = pair();
    let ours = "1 server: `cooee find`";
    let mut table = with_crowd(&crowd, CROWD, || {
        in_turns(
            "Time to a complete list, process start to exit",
            "ms",
            rounds,
            vec![
                Contestant::new(ours, || ms(|| assert_eq!(find(&lab.client, &[]).1.len(), 1))),
                Contestant::new("1 server: stock client", || {
                    let (found, took) = run(stock_all(&lab.client));
                    assert_eq!(found.found, 1);
                    took
                })
                .at_most(of_stock),
                Contestant::new(format!("{CROWD} servers: `cooee find`"), || {
                    ms(|| assert_eq!(find(&crowd.client, &[]).1.len(), CROWD as usize))
                }),
                Contestant::new(format!("{CROWD} servers: stock client"), || {
                    let (found, took) = run(stock_all(&crowd.client));
                    assert_eq!(found.found, CROWD as usize);
                    took
                })
                .at_most(of_stock),
            ],
        )
    });
    let settled = table.median(ours);
    table.check(format!("{ours}, ms"), settled, Limit::AtMost(1800.0));
    vec![("complete-list", table)]
}
