use cooee_core::finding::Side;

use super::*;

fn traffic(side: Side) -> Traffic {
    let networks = vec!["10.0.1.0/24".parse().expect("a network")];
    Traffic { port: 9999, side, interfaces: vec!["eth0".into()], networks }
}

/// The rules as nft 1.0.6 prints them, with these expressions in a chain on the hook `input`.
fn ruleset(policy: &str, rules: &[&str]) -> Vec<u8> {
    let rules: Vec<String> = rules
        .iter()
        .map(|rule| {
            format!(
                r#"{{"rule":{{"family":"inet","table":"filter","chain":"input","handle":4,"expr":[{rule}]}}}}"#
            )
        })
        .collect();
    let mut objects = vec![
        r#"{"metainfo":{"version":"1.0.6","release_name":"Lester Gooch #5","json_schema_version":1}}"#.to_owned(),
        r#"{"table":{"family":"inet","name":"filter","handle":1}}"#.to_owned(),
        r#"{"set":{"family":"inet","name":"blocked","table":"filter","type":"ipv4_addr","handle":3,"elem":["10.9.9.9"]}}"#.to_owned(),
        format!(r#"{{"chain":{{"family":"inet","table":"filter","name":"input","handle":1,"type":"filter","hook":"input","prio":0,"policy":"{policy}"}}}}"#),
        r#"{"chain":{"family":"inet","table":"filter","name":"rest","handle":2}}"#.to_owned(),
        r#"{"rule":{"family":"inet","table":"filter","chain":"rest","handle":16,"expr":[{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"sport"}},"right":9999}},{"counter":{"packets":0,"bytes":0}},{"accept":null}]}}"#.to_owned(),
    ];
    objects.extend(rules);
    format!(r#"{{"nftables":[{}]}}"#, objects.join(",")).into_bytes()
}

const ESTABLISHED: &str = r#"{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},{"accept":null}"#;
const STATES: &str = r#"{"vmap":{"key":{"ct":{"key":"state"}},"data":{"set":[["invalid",{"drop":null}],["established",{"accept":null}]]}}}"#;
const LOOPBACK: &str =
    r#"{"match":{"op":"==","left":{"meta":{"key":"iif"}},"right":"lo"}},{"accept":null}"#;
const SSH: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.1.0.0","len":16}}}},{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":22}},{"accept":null}"#;
const BLOCKED: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@blocked"}},{"drop":null}"#;
const DNS: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":{"set":[53,{"range":[67,68]}]}}},{"accept":null}"#;
const PING: &str =
    r#"{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"icmp"}},{"accept":null}"#;
const REST: &str = r#"{"jump":{"target":"rest"}}"#;
const REJECT: &str = r#"{"reject":{"type":"icmpx","expr":"admin-prohibited"}}"#;
const PROBES: &str = r#"{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":9999}},{"accept":null}"#;

const USUAL: [&str; 7] = [ESTABLISHED, STATES, LOOPBACK, SSH, BLOCKED, DNS, PING];

fn fate(policy: &str, rules: &[&str], side: Side) -> Fate {
    decide(&ruleset(policy, rules), &traffic(side)).expect("a chain on input").fate
}

#[test]
fn the_usual_firewall_drops_answers_and_probes() {
    for side in [Side::Client, Side::Server] {
        assert_eq!(fate("drop", &USUAL, side), Fate::Dropped, "{side:?}");
        assert_eq!(fate("accept", &[&USUAL[..], &[REJECT]].concat(), side), Fate::Dropped);
        assert_eq!(fate("accept", &USUAL, side), Fate::Accepted, "{side:?}");
    }
    let decision = decide(&ruleset("drop", &USUAL), &traffic(Side::Client)).expect("a chain");
    assert_eq!((decision.table.as_str(), decision.chain.as_str()), ("inet filter", "input"));
}

#[test]
fn a_rule_for_the_port_opens_it_for_its_side() {
    let with = |rule, side| fate("drop", &[&USUAL[..], &[rule]].concat(), side);
    assert_eq!(with(REST, Side::Client), Fate::Accepted);
    assert_eq!(with(REST, Side::Server), Fate::Dropped);
    assert_eq!(with(PROBES, Side::Client), Fate::Dropped);
    assert_eq!(with(PROBES, Side::Server), Fate::Accepted);
}

#[test]
fn what_is_not_understood_may_match() {
    let xt = r#"{"xt":{"type":"match","name":"set"}},{"accept":null}"#;
    assert_eq!(fate("drop", &[xt], Side::Client), Fate::Unclear);
    assert_eq!(fate("accept", &[xt], Side::Client), Fate::Accepted);
}

#[test]
fn other_families_and_hooks_are_not_looked_at() {
    let printed = String::from_utf8(ruleset("drop", &[])).expect("it is text");
    for (from, to) in [("inet", "ip6"), (r#""hook":"input""#, r#""hook":"output""#)] {
        assert_eq!(decide(printed.replace(from, to).as_bytes(), &traffic(Side::Client)), None);
    }
}

#[test]
fn text_that_is_no_ruleset_decides_nothing() {
    let whole = ruleset("drop", &USUAL);
    for length in 0..whole.len() {
        assert_eq!(decide(&whole[..length], &traffic(Side::Client)), None);
    }
    for text in ["{}", "[]", r#"{"nftables":{}}"#, r#"{"nftables":[1,{},{"rule":[]}]}"#] {
        assert_eq!(decide(text.as_bytes(), &traffic(Side::Client)), None);
    }
}

#[test]
fn a_rule_for_another_protocol_does_not_match_with_or_without_a_not() {
    const TCP: &str = r#"{"match":{"op":"!=","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[22,80]}}},{"drop":null}"#;
    const IPV6: &str = r#"{"match":{"op":"!=","left":{"payload":{"protocol":"ip6","field":"saddr"}},"right":{"prefix":{"addr":"fe80::","len":10}}}},{"drop":null}"#;
    const UDP: &str = r#"{"match":{"op":"!=","left":{"payload":{"protocol":"udp","field":"dport"}},"right":53}},{"drop":null}"#;
    for side in [Side::Client, Side::Server] {
        for rule in [TCP, IPV6] {
            assert_eq!(fate("accept", &[rule], side), Fate::Accepted, "{side:?}: {rule}");
        }
        assert_eq!(fate("accept", &[UDP], side), Fate::Dropped, "{side:?}");
    }
}
