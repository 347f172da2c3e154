use super::*;

#[test]
fn nothing_found_takes_the_whole_timeout() {
    let mut rig = Rig::new(DiscoveryConfig::default());
    assert_eq!(rig.run(Duration::from_secs(60)), Duration::from_secs(5));
    assert_eq!(rig.outcome().servers, 0);
}

#[test]
fn one_server_that_always_answers_is_quickly_found_in_three_rounds() {
    let mut rig = Rig::new(DiscoveryConfig { wait: Wait::Quick, ..DiscoveryConfig::default() });
    let mut answered = 0;
    while rig.discovery.outcome().is_none() {
        if rig.sent.len() > answered {
            answered = rig.sent.len();
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        }
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next - rig.start);
    }
    let outcome = rig.outcome();
    assert_eq!((outcome.ended, outcome.rounds), (Ended::Settled, 3));
    assert!(outcome.elapsed <= Duration::from_millis(800), "{outcome:?}");
}

#[test]
fn kernel_drops_keep_it_from_settling() {
    let mut rig = Rig::new(DiscoveryConfig::default());
    let mut answered = 0;
    while rig.discovery.outcome().is_none() {
        if rig.sent.len() > answered {
            answered = rig.sent.len();
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
            rig.discovery.handle_drops(answered.min(4) as u64 * 10);
        }
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next - rig.start);
    }
    let outcome = rig.outcome();
    assert_eq!((outcome.ended, outcome.rounds, outcome.kernel_drops), (Ended::Settled, 5, 40));
}

#[test]
fn too_short_a_time_tells_nothing_of_the_unseen() {
    let mut rig = Rig::new(full(120, 0));
    for n in 1..=100 {
        let source = format!("10.0.1.{n}:9999");
        rig.hear(&source, format!("SERVER_IP:10.0.1.{n}").as_bytes());
    }
    rig.run(Duration::from_secs(1));
    assert_eq!((rig.outcome().servers, rig.outcome().estimate), (100, None));
}

#[test]
fn a_round_that_had_no_time_to_be_answered_is_no_miss() {
    let mut rig = Rig::new(full(5000, 3));
    for round in 1..=3 {
        while rig.sent.len() < round {
            let next = rig.discovery.poll_timeout().expect("not over");
            rig.run(next - rig.start);
        }
        if round < 3 {
            rig.now += Duration::from_millis(20);
            rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        }
    }
    rig.discovery.stop(rig.now);
    assert_eq!(rig.outcome().rounds, 3);
    let estimate = rig.outcome().estimate.expect("two rounds were heard out");
    assert!(estimate.answer_rate > 0.6, "{estimate:?}");
}

#[test]
fn one_prompt_server_settles_after_four_rounds_and_a_second_and_a_half() {
    let mut rig = Rig::new(DiscoveryConfig::default());
    let outcome = rig.run_answered("10.0.1.7:9999", Duration::from_millis(2));
    assert_eq!((outcome.ended, outcome.rounds), (Ended::Settled, 4));
    let ms = outcome.elapsed.as_millis();
    assert!((1500..=1800).contains(&ms), "{outcome:?}");
}

#[test]
fn rounds_that_call_nobody_are_not_counted() {
    let mut rig = Rig::new(DiscoveryConfig::default());
    while rig.rounds() < 2 {
        rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
        rig.step();
    }
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    rig.discovery.handle_interfaces(&[], Vec::new());
    rig.run(Duration::from_secs(60));
    assert_eq!((rig.outcome().ended, rig.outcome().rounds), (Ended::Deadline, 2));
}

#[test]
fn without_retries_there_is_one_round_and_no_estimate() {
    for wait in [Wait::Quick, Wait::Settled] {
        let config = DiscoveryConfig { retries: 0, wait, ..DiscoveryConfig::default() };
        let mut rig = Rig::new(config);
        let outcome = rig.run_answered("10.0.1.7:9999", Duration::from_millis(2));
        assert_eq!((outcome.ended, outcome.estimate), (Ended::Settled, None));
        assert!(outcome.elapsed < Duration::from_secs(1), "{outcome:?}");
        assert!(outcome.rounds <= 3, "{outcome:?}");
    }
}

#[test]
fn what_waited_past_the_deadline_counts_until_the_timer_is_acted_on() {
    let mut rig = Rig::new(full(500, 0));
    rig.now = rig.start + Duration::from_millis(900);
    assert!(rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").is_some());
    rig.discovery.handle_timeout(rig.now);
    assert_eq!((rig.outcome().ended, rig.outcome().servers), (Ended::Deadline, 1));
    assert!(rig.hear("10.0.1.8:9999", b"SERVER_IP:10.0.1.8").is_none());
}
