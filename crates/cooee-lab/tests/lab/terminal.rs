//! The table of `cooee watch` on terminals that are too small for it, and that change.

use serde_json::Value;

use crate::programs::{DEADLINE, SERVER, cooee, pair, program, serve, start_serve};

const SCRIPT: &str = include_str!("terminal.py");
/// Servers on one host, of which the first has a name.
const SERVERS: usize = 8;

/// What is to be seen at each size in turn, without empty lines.
fn seen(sizes: &[&str]) -> Vec<Vec<String>> {
    let lab = pair();
    let _named = serve(&lab.server, &["--name", "工作坊工作坊工作坊", "--service-port", "8000"]);
    let ports: Vec<String> = (1..SERVERS).map(|n| (8000 + n).to_string()).collect();
    let others = ports.iter().map(|port| {
        let mut other = start_serve(&lab.server, &["--stand-by", "--service-port", port]);
        other.stderr_line_with("answered for", DEADLINE).unwrap();
        other
    });
    let _others: Vec<_> = others.collect();
    let (python, command, servers) = (program("COOEE_STOCK_PYTHON"), cooee(), SERVERS.to_string());
    let words = ["-c", SCRIPT, command.to_str().unwrap(), &servers];
    let shown = lab.client.spawn(python, [&words[..], sizes].concat()).unwrap();
    let finished = shown.finish(DEADLINE + DEADLINE + DEADLINE).unwrap();
    let told: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|error| {
        panic!("{error}: {finished:?}");
    });
    assert_eq!(told["status"], 0, "{told}");
    let screens: Vec<Vec<String>> = serde_json::from_value(told["seen"].clone()).unwrap();
    assert_eq!(screens.len(), sizes.len(), "{screens:#?}");
    let lines = |screen: Vec<String>| screen.into_iter().filter(|line| !line.is_empty()).collect();
    screens.into_iter().map(lines).collect()
}

fn rows(screen: &[String]) -> usize {
    screen.iter().filter(|line| line.contains(&format!("http://{SERVER}"))).count()
}

#[test]
fn a_terminal_that_is_too_small_says_how_many_servers_it_does_not_show() {
    let screens = seen(&["30x70", "8x70", "30x120", "8x50"]);
    let last = format!("watching: {SERVERS} servers; Ctrl-C ends it");
    for (screen, (is_whole, shown)) in
        screens.iter().zip([(true, SERVERS), (false, 4), (true, SERVERS), (false, 4)])
    {
        assert_eq!(rows(screen), shown, "{screen:#?}");
        assert_eq!(screen.last(), Some(&last), "{screen:#?}");
        let headers = screen.iter().filter(|line| line.contains("URL")).count();
        assert_eq!(headers, 1, "{screen:#?}");
        let more = format!("… and {} more (--format ndjson lists all)", SERVERS - shown);
        assert_eq!(screen.contains(&more), !is_whole, "{screen:#?}");
    }
    assert_eq!(screens[0][0], "before", "what stood above is still there: {:#?}", screens[0]);
}
