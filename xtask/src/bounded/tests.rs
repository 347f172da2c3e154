#![cfg(unix)]

use super::*;

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn heard(script: &str, output: Output, limit: Duration) -> (End, String) {
    let mut heard = String::new();
    let end = run(&mut shell(script), output, limit, |line| heard += line).expect("it runs");
    (end, heard)
}

#[test]
fn what_ends_in_time_is_heard_to_its_end() {
    let script = "echo one; echo two >&2; printf three; exit 3";
    let (end, said) = heard(script, Output::StandardAndErrors, LONG);
    let End::Own(status) = end else { panic!("it ends by itself") };
    assert_eq!((status.code(), said.as_str()), (Some(3), "one\ntwo\nthree"));
}

#[test]
fn what_is_late_is_killed_with_what_it_began() {
    let began = Instant::now();
    let (end, said) = heard("echo begun; sleep 60 & sleep 60", Output::Standard, SHORT);
    assert_eq!((end, said.as_str()), (End::Killed(SHORT), "begun\n"));
    // Those that it began held the output, and would have been waited for.
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert_eq!(wait(&mut shell("sleep 60"), SHORT).expect("it runs"), End::Killed(SHORT));
}

#[test]
fn a_process_that_outlives_a_command_does_not_hold_it_up() {
    let (end, said) = heard("sleep 60 & echo $!", Output::Standard, LONG);
    let left: u32 = said.trim().parse().expect("the number of a process");
    let killed = shell(&format!("kill {left}")).status().expect("it runs");
    assert!(killed.success(), "it was still there");
    assert!(matches!(end, End::Own(status) if status.success()));
}

#[test]
fn a_command_does_not_wait_for_words_from_a_terminal() {
    assert_eq!(read(&mut shell("cat; echo end"), LONG).expect("it succeeds"), "end\n");
}

#[test]
fn only_what_succeeds_is_read() {
    assert!(read(&mut shell("echo some; exit 1"), LONG).is_err());
    let late = read(&mut shell("echo some; sleep 60"), SHORT).expect_err("it is late");
    assert_eq!(late.kind(), io::ErrorKind::TimedOut);
    assert!(read(&mut Command::new("no-such-program"), LONG).is_err());
}
