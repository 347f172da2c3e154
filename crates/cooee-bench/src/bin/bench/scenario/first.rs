use std::cell::RefCell;
use std::process::Stdio;
use std::thread;

use cooee_bench::report::{Limit, Table};
use cooee_lab::scene::programs::{cooee, serve};

use crate::field::{FINDERS, run, served};
use crate::turns::{Contestant, Effort, in_turns, ms, row, table};

const COMMAND: &str = "`cooee find --one`";
const PROBES_ALONE: &str = "`cooee find --one --no-mdns`";

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    // The stock client takes five seconds each time.
    let (rounds, of_stock) = (effort.rounds(20), effort.rounds(5));
    let processes: Vec<_> = FINDERS.iter().map(|_| RefCell::new(Vec::new())).collect();
    let servers: Vec<_> = FINDERS.iter().map(|finder| served(finder.server)).collect();
    let lab = served(|host| serve(host, &[]));
    let commands: [(_, &[&str], _); 2] = [
        (COMMAND, &[], RefCell::new(Vec::new())),
        (PROBES_ALONE, &["--no-mdns"], RefCell::new(Vec::new())),
    ];
    let mut contestants: Vec<_> = FINDERS
        .iter()
        .zip(&processes)
        .zip(&servers)
        .map(|((finder, processes), (lab, _server))| {
            let rounds = if finder.name.contains("stock") { of_stock } else { rounds };
            Contestant::new(finder.name, || {
                thread::sleep(finder.rest);
                let (found, process) = run((finder.command)(&lab.client));
                assert_eq!(found.found, 1, "{}", finder.name);
                processes.borrow_mut().push(process);
                found.in_call()
            })
            .at_most(rounds)
        })
        .collect();
    contestants.extend(commands.iter().map(|(name, arguments, all)| {
        Contestant::new(*name, || {
            let mut find = lab.0.client.command(cooee());
            find.args(["find", "--one", "--format", "json"]).args(*arguments).stdout(Stdio::null());
            let took = ms(|| assert!(find.status().unwrap().success()));
            all.borrow_mut().push(took);
            took
        })
    }));
    let mut library =
        in_turns("Time to the first server, library call to result", "ms", rounds, contestants);
    // Its library has been measured without the process.
    library.rows.truncate(FINDERS.len());

    let ours = library.rows[0].spread.median;
    for (peer, limit) in [("python-zeroconf", 0.1), ("mdns-sd", 0.01), ("stock client", 0.002)] {
        let ratio = ours / library.median(peer);
        library.check(format!("cooee ÷ {peer}"), ratio, Limit::AtMost(limit));
    }

    let mut rows: Vec<_> =
        commands.into_iter().map(|(name, _, all)| row(name, all.into_inner())).collect();
    let peers = FINDERS.iter().zip(processes).skip(1);
    rows.extend(peers.map(|(finder, took)| {
        let name = match finder.name {
            "mdns-sd" => "mdns-sd, minimal program".to_owned(),
            name => format!("{name}, with interpreter"),
        };
        row(name, took.into_inner())
    }));
    let mut process = table("Time to the first server, process start to exit", "ms", rows);
    process.check(format!("{COMMAND}, ms"), process.median(COMMAND), Limit::AtMost(10.0));
    vec![("first-server-library", library), ("first-server-process", process)]
}
