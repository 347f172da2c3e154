use std::net::UdpSocket;
use std::time::{Duration, Instant};

use cooee_bench::report::Table;
use cooee_lab::netns::{Child, Host};
use cooee_lab::scene::programs::{
    DEADLINE, SERVER, STOCK, cooee, pair, start_serve, start_stock_server,
};

use crate::turns::{Contestant, Effort, in_turns, ms};

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let first_answer = |start: fn(&Host) -> Child| {
        let lab = pair();
        let asker = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
        asker.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let mut server = None;
        ms(|| {
            server = Some(start(&lab.server));
            let end = Instant::now() + DEADLINE;
            loop {
                // Refused until the server has bound its port.
                let _ = asker.send_to(b"DISCOVER_SERVER", (SERVER, 9999));
                if asker.recv(&mut [0; 64]).is_ok() {
                    return;
                }
                assert!(Instant::now() < end, "no answer");
            }
        })
    };
    let answers = in_turns(
        "Time from server start to first answer",
        "ms",
        effort.rounds(10),
        vec![
            Contestant::new("`cooee serve`", || first_answer(|host| start_serve(host, &[]))),
            Contestant::new("stock server", || {
                first_answer(|host| start_stock_server(host, STOCK))
            }),
        ],
    );
    let mut version = std::process::Command::new(cooee());
    version.arg("--version").stdout(std::process::Stdio::null());
    let command = in_turns(
        "Time from command start to exit",
        "ms",
        effort.rounds(20),
        vec![Contestant::new("`cooee --version`", || {
            ms(|| assert!(version.status().unwrap().success()))
        })],
    );
    vec![("start-up", answers), ("start-up-command", command)]
}
