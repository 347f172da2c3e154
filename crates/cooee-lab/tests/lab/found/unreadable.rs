//! Answers that are not quite answers.

use cooee_lab::netns::{Host, Lab};
use cooee_lab::scene::programs::Search;
use cooee_lab::scene::scripted::Script;

use crate::programs::{Pair, SERVER, pair, serve};

const ODD: &str = "10.0.1.4";

/// A pair, and a third host whose server is odd.
fn with_an_odd_one() -> (Pair, Host) {
    let lab = pair();
    let odd = Lab::new().unwrap().host("odd").unwrap();
    odd.join(&lab.segment, &format!("{ODD}/24")).unwrap();
    (lab, odd)
}

#[test]
fn an_answer_that_ends_as_texts_of_c_do_is_one() {
    let lab = pair();
    let answer = format!("SERVER_IP:{SERVER}\0");
    let search =
        Script::at_once(answer.as_bytes()).play(&lab.server, || Search::run(&lab.client, &[]));
    assert_eq!(search.each("ip"), [SERVER], "{search:?}");
    assert_eq!(search.said, "");
}

#[test]
fn an_answer_that_cannot_be_read_is_told_once_with_its_sender_its_text_and_why() {
    for (answer, why) in [
        ("SERVER_IP:fd00::2", "address"),
        ("SERVER_IP:workshop.local", "address"),
        ("SERVER_IP:10.0.1.4:99999", "port"),
    ] {
        let (lab, odd) = with_an_odd_one();
        let _server = serve(&lab.server, &[]);
        let script = Script::at_once(answer.as_bytes());
        let search = script.play(&odd, || Search::run(&lab.client, &[]));
        assert_eq!(search.each("ip"), [SERVER], "{search:?}");
        assert_eq!(search.lines_with(answer), 1, "{search:?}");
        let line = search.said.lines().find(|line| line.contains(answer)).unwrap();
        assert!(line.starts_with("warning:"), "{line}");
        assert!(line.contains(ODD) && line.contains(why), "{answer}: {line}");
    }
}

#[test]
fn an_answer_with_a_lower_case_prefix_is_told_if_nobody_was_found() {
    let (lab, odd) = with_an_odd_one();
    let answer = "server_ip:10.0.1.4";
    let script = Script::at_once(answer.as_bytes());
    let alone = script.play(&odd, || Search::run(&lab.client, &["--timeout", "1s"]));
    assert_eq!(alone.status, 1);
    assert_eq!(alone.lines_with(answer), 1, "{alone:?}");
    let line = alone.said.lines().find(|line| line.contains(answer)).unwrap();
    assert!(line.contains(ODD), "{line}");
    assert!(alone.said.contains("--prefix"), "{alone:?}");

    let _server = serve(&lab.server, &[]);
    let beside = script.play(&odd, || Search::run(&lab.client, &[]));
    assert_eq!(beside.each("ip"), [SERVER]);
    assert_eq!(beside.lines_with(answer), 0, "{beside:?}");
}
