use super::*;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn total(script: &str, strictness: Strictness) -> Tally {
    let mut report = Report::new(strictness);
    report.tests("tests", &mut shell(script));
    report.verdict()
}

const MIXED: &str = "echo 'test a ... ignored, slow'; \
    echo 'test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out'; \
    echo 'test b ... FAILED'; \
    echo 'test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured'; exit 101";

#[test]
fn programs_are_added_up() {
    let expected = Tally { passed: 5, failed: 1, skipped: 1 };
    assert_eq!(total(MIXED, Strictness::Lenient), expected);
}

#[test]
fn nothing_is_skipped_in_ci() {
    let expected = Tally { passed: 5, failed: 2, skipped: 0 };
    assert_eq!(total(MIXED, Strictness::Strict), expected);
}

#[test]
fn a_run_without_test_programs_fails() {
    let one_failed = Tally { passed: 0, failed: 1, skipped: 0 };
    assert_eq!(total("exit 0", Strictness::Lenient), one_failed);
    assert_eq!(total("exit 101", Strictness::Lenient), one_failed);
}

#[test]
fn names_that_no_test_has_are_a_failure() {
    let script = "echo 'test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured'";
    let mut report = Report::new(Strictness::Lenient);
    report.tests("all", &mut shell(script));
    report.chosen_tests("some", &mut shell(script));
    assert_eq!(report.verdict(), Tally { passed: 0, failed: 1, skipped: 0 });
    assert_eq!(report.failures, ["some: no test has such a name"]);
}

#[test]
fn a_crash_between_good_results_fails() {
    let script = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; exit 101";
    let expected = Tally { passed: 2, failed: 1, skipped: 0 };
    assert_eq!(total(script, Strictness::Lenient), expected);
}

#[test]
fn checks_count_and_preparations_do_not() {
    let mut report = Report::new(Strictness::Lenient);
    report.check("good", &mut shell("exit 0"));
    report.check("bad", &mut shell("exit 1"));
    report.check("absent", &mut Command::new("no-such-program"));
    report.judge("judged", || Ok(()));
    report.judge("condemned", || anyhow::bail!("it is wrong"));
    assert!(report.prepare("built", &mut shell("exit 0")));
    assert!(!report.prepare("broken", &mut shell("exit 1")));
    assert_eq!(report.verdict(), Tally { passed: 2, failed: 4, skipped: 0 });
    assert_eq!(report.failures, ["bad", "absent", "condemned", "broken"]);
}

#[test]
#[cfg(unix)]
fn what_is_late_fails_and_says_so() {
    let mut report = Report::new(Strictness::Lenient);
    report.limit = Duration::from_millis(300);
    let result = "echo 'test result: ok. 2 passed; 0 failed; 0 ignored'; sleep 60";
    report.tests("tests", &mut shell(result));
    report.check("one", &mut shell("sleep 60"));
    assert!(!report.prepare("built", &mut shell("sleep 60")));
    assert_eq!(report.verdict(), Tally { passed: 2, failed: 3, skipped: 0 });
    let late = |name| format!("{name}: it was killed, as it was not over after 300ms");
    assert_eq!(report.failures, ["tests", "one", "built"].map(late));
}

#[test]
fn what_failed_is_quoted_at_the_end() {
    let mut report = Report::new(Strictness::Lenient);
    report.check("good", &mut shell("echo fine"));
    report.check("bad", &mut shell("seq 40; echo why >&2; exit 1"));
    let [(step, lines)] = report.last_words.as_slice() else { panic!("one has failed") };
    assert_eq!(step, "bad");
    assert_eq!(lines.len(), Step::LAST_LINES);
    assert_eq!(lines[0], "12");
    assert_eq!(lines.last().map(String::as_str), Some("why"));
}

#[test]
fn what_is_excepted_is_skipped_in_ci_too() {
    let mut report = Report::new(Strictness::Strict);
    report.except([Missing::new("a::b", "wine lacks it", "run it elsewhere")]);
    report.skip(2, []);
    assert_eq!(report.verdict(), Tally { passed: 0, failed: 2, skipped: 1 });
}

#[test]
fn an_exception_of_no_test_is_a_failure() {
    let excepted = |there: &[&str]| {
        let mut report = Report::new(Strictness::Strict);
        let except = ["a::b", "c"].map(|name| Missing::new(name, "wine lacks it", "elsewhere"));
        let there = there.iter().map(ToString::to_string).collect();
        report.except_listed("exceptions", except.into(), || Ok(there));
        report.verdict()
    };
    assert_eq!(excepted(&["c", "d", "a::b"]), Tally { passed: 1, failed: 0, skipped: 2 });
    assert_eq!(excepted(&["c", "d", "a::b::e"]), Tally { passed: 0, failed: 1, skipped: 2 });
    let mut report = Report::new(Strictness::Strict);
    report.except_listed("exceptions", vec![], || anyhow::bail!("they cannot be listed"));
    assert_eq!(report.verdict(), Tally { passed: 0, failed: 1, skipped: 0 });
}

#[test]
fn what_passed_is_not_repeated_and_counts_as_it_did() {
    let directory = tempfile::tempdir().expect("a directory");
    let inputs = Inputs::new().text("the same");
    let run = |inputs: &Inputs, script: &str| {
        let mut report = Report::new(Strictness::Strict);
        report.passed = Some(Passed::in_directory(directory.path().to_owned()));
        report.check("before", &mut shell("exit 1"));
        let mut ran = false;
        report.part("part", inputs, |report| {
            ran = true;
            report.except([Missing::new("a", "b", "c")]);
            report.check("one", &mut shell(script));
        });
        (ran, report.verdict(), report.exceptions.len())
    };
    let failed = Tally { passed: 0, failed: 2, skipped: 1 };
    let passed = Tally { passed: 1, failed: 1, skipped: 1 };
    assert_eq!(run(&inputs, "exit 1"), (true, failed, 1));
    assert_eq!(run(&inputs, "exit 0"), (true, passed, 1));
    assert_eq!(run(&inputs, "exit 1"), (false, passed, 1));
    assert_eq!(run(&Inputs::new().text("another"), "exit 1"), (true, failed, 1));
}

#[test]
fn what_the_machine_lacks_is_tried_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let inputs = Inputs::new().text("the same");
    for _ in 0..2 {
        let mut report = Report::new(Strictness::Lenient);
        report.passed = Some(Passed::in_directory(directory.path().to_owned()));
        let mut ran = false;
        report.part("part", &inputs, |report| {
            ran = true;
            report.check("one", &mut shell("exit 0"));
            report.skip(1, [Missing::new("a", "b", "c")]);
        });
        assert!(ran);
    }
}
