//! Deadlines of programs whose wall clock jumps.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use cooee_lab::netns::{Child, Finished, Host};
use cooee_lab::scene::over::Over;

use super::extent::{at_least, at_most, short_or_long};
use super::suspended::{SLACK, text};
use crate::programs::{DEADLINE, cooee, pair, serve};

const HOUR: Duration = Duration::from_secs(3600);

/// The wall clock of one program, moved by libfaketime; its monotonic clock stays what it is.
struct WallClock {
    file: PathBuf,
}

impl WallClock {
    fn new() -> Self {
        static CLOCKS: AtomicU32 = AtomicU32::new(0);
        let number = CLOCKS.fetch_add(1, Ordering::Relaxed);
        let name = format!("cooee-clock-{}-{number}", std::process::id());
        let clock = Self { file: std::env::temp_dir().join(name) };
        clock.set("+0");
        clock
    }

    /// By how many seconds it is wrong from now on, with a sign.
    fn set(&self, offset: &str) {
        // Nobody sees half of it.
        let next = self.file.with_extension("next");
        fs::write(&next, offset).unwrap();
        fs::rename(&next, &self.file).unwrap();
    }

    /// A `cooee` that has this clock.
    fn run(&self, host: &Host, arguments: &[&str]) -> Child {
        let mut command = host.command(cooee());
        command.args(arguments).env("LD_PRELOAD", library());
        command.env("FAKETIME_TIMESTAMP_FILE", &self.file).env("FAKETIME_NO_CACHE", "1");
        // The older and the newer name.
        command.env("DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        Child::spawn(&mut command).unwrap()
    }

    /// Moves it an hour forth and back, five times a second, until it is over.
    fn jump_about(&self, over: &Over) {
        let mut offsets = ["+3600", "-3600"].iter().cycle();
        over.repeat_until(Duration::from_millis(200), || self.set(offsets.next().unwrap()));
    }
}

impl Drop for WallClock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

/// Where libfaketime is, as its own wrapper says.
fn library() -> String {
    let mut wrapper = std::process::Command::new("faketime");
    let output = wrapper.args(["-m", "-f", "+0", "sh", "-c", "echo $LD_PRELOAD"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// How far the wall clock of what wrote the log was from ours, by the line that contains `part`.
fn wrong_by(said: &Finished, part: &str) -> Duration {
    let line = said.stderr.lines().find(|line| line.contains(part));
    let line: serde_json::Value = serde_json::from_str(line.unwrap()).unwrap();
    let hour = |time: &str| time[11..13].parse::<u64>().unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let apart = (24 + now / 3600 % 24 - hour(line["timestamp"].as_str().unwrap())) % 24;
    Duration::from_secs(3600 * apart.min(24 - apart))
}

/// Runs a `cooee` whose wall clock jumps all the time: how long it ran, and what it left.
fn run_jumping(host: &Host, arguments: &[&str], time: Duration) -> (Duration, Finished) {
    let (clock, over) = (WallClock::new(), Over::default());
    thread::scope(|scope| {
        let say_over = over.when_dropped();
        scope.spawn(|| clock.jump_about(&over));
        let began = Instant::now();
        let mut child = clock.run(host, arguments);
        let ended = child.wait(time + DEADLINE);
        let took = began.elapsed();
        drop(say_over);
        ended.unwrap();
        (took, child.finish(DEADLINE).unwrap())
    })
}

#[test]
fn a_wall_clock_that_jumps_by_an_hour_moves_no_deadline() {
    const SCENARIO: &str = "wall clock moved by an hour, forth and back";
    let time = short_or_long(Duration::from_secs(2), Duration::from_secs(20));
    let lab = pair();
    let _answering = serve(&lab.server, &[]);
    let timeout = text(time);
    let json = ["--log-format", "json", "-v"];
    let find = [&["find", "--timeout", &timeout, "--wait", "full"], &json[..]].concat();
    let serve = [&["serve", "--port", "9998", "--duration", &timeout], &json[..]].concat();
    let [found, served] = thread::scope(|scope| {
        let found = scope.spawn(|| run_jumping(&lab.client, &find, time));
        let served = scope.spawn(|| run_jumping(&lab.server, &serve, time));
        [found.join().unwrap(), served.join().unwrap()]
    });
    for (name, last, (took, finished)) in
        [("find", "found 1 server", found), ("serve", "answered", served)]
    {
        assert!(finished.status.success(), "{finished:?}");
        assert!(wrong_by(&finished, last) >= HOUR, "the clock was not moved: {finished:?}");
        at_least(SCENARIO, &format!("{name}: ended after"), time, took);
        at_most(SCENARIO, &format!("{name}: ended after"), time + SLACK, took);
    }
}
