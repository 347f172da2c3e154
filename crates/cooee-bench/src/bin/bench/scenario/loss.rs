use std::cell::RefCell;

use cooee_bench::report::{Limit, Table};
use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::{find, serve};

use crate::field::{run, stock_all};
use crate::turns::{Contestant, Effort, in_turns, table};

const HOSTS: usize = 200;
/// Per cent of the datagrams that are lost on the way there, and again on the way back.
const LOSSES: [u8; 4] = [0, 10, 20, 30];

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let client = join(&lab, &segment, 0);
    let hosts: Vec<_> = (1..=HOSTS).map(|n| join(&lab, &segment, n)).collect();
    let _servers: Vec<_> = hosts.iter().map(|host| serve(host, &[])).collect();

    let part = |found: usize| 100.0 * found as f64 / HOSTS as f64;
    let mut rows = Vec::new();
    let mut checked = None;
    for loss in LOSSES {
        if loss > 0 {
            segment.lose(loss).unwrap();
        }
        let name = |who: &str| format!("{loss} % lost each way: {who}");
        let whole = name("`cooee find --wait full`");
        let all = RefCell::new(Vec::new());
        let contestants = vec![
            Contestant::new(&whole, || {
                let found = part(find(&client, &["--wait", "full"]).1.len());
                all.borrow_mut().push(found);
                found
            }),
            Contestant::new(name("`cooee find`"), || part(find(&client, &[]).1.len())),
            Contestant::new(name("stock client"), || part(run(stock_all(&client)).0.found)),
        ];
        let found = in_turns("Found", "%", effort.rounds(5), contestants);
        if loss == 20 {
            let all = all.take();
            checked = Some((whole.clone(), all.iter().sum::<f64>() / all.len() as f64));
        }
        rows.extend(found.rows);
    }
    let title = format!("Servers found of {HOSTS}, on lossy links");
    let mut found = table(&title, "%", rows);
    let (what, mean) = checked.unwrap();
    found.check(format!("{what}, mean"), mean, Limit::AtLeast(99.5));
    vec![("loss", found)]
}

fn join(lab: &Lab, segment: &Segment, n: usize) -> Host {
    let host = lab.host(&format!("host{n}")).unwrap();
    host.join(segment, &format!("10.0.1.{}/24", n + 1)).unwrap();
    host
}
