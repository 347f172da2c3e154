//! What `nft -j list ruleset` prints (libnftables-json(5)).

use std::collections::HashMap;
use std::ops::RangeInclusive;

use cooee_core::finding::Side;
use serde_json::Value;

use super::rules::{Chains, Fate, Rule, Target, Test, Traffic};

/// What becomes of the traffic, and the base chain that decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) fate: Fate,
    /// The family and the name of the table, such as `inet filter`.
    pub(super) table: String,
    pub(super) chain: String,
}

#[derive(Debug, Default)]
struct Table {
    chains: Chains,
    /// Base chains by their names, with their policies.
    bases: Vec<(String, Fate)>,
    sets: HashMap<String, Value>,
}

/// The first decision to drop, else one that is unclear, else any; `None` if no chain looks at what
/// arrives, or the text is not understood.
pub(super) fn decide(printed: &[u8], traffic: &Traffic) -> Option<Decision> {
    let root: Value = serde_json::from_slice(printed).ok()?;
    let objects = root.get("nftables")?.as_array()?;
    let mut tables: Vec<(String, Table)> = Vec::new();
    for object in objects {
        let Some((kind, body)) = object.as_object().and_then(|object| object.iter().next()) else {
            continue;
        };
        let name = |of: &str| body.get(of).and_then(Value::as_str);
        let family = name("family").filter(|family| ["ip", "inet"].contains(family));
        let owner = if kind == "table" { name("name") } else { name("table") };
        let (Some(family), Some(owner)) = (family, owner) else { continue };
        let key = format!("{family} {owner}");
        let place = tables.iter().position(|(name, _)| *name == key).unwrap_or_else(|| {
            tables.push((key, Table::default()));
            tables.len() - 1
        });
        tables[place].1.add(kind, body, traffic.side);
    }
    let decisions = tables.iter().flat_map(|(name, table)| {
        table.bases.iter().map(move |(chain, policy)| Decision {
            fate: traffic.through(&table.chains, chain, *policy),
            table: name.clone(),
            chain: chain.clone(),
        })
    });
    decisions.min_by_key(|decision| match decision.fate {
        Fate::Dropped => 0,
        Fate::Unclear => 1,
        Fate::Accepted => 2,
    })
}

impl Table {
    fn add(&mut self, kind: &str, body: &Value, side: Side) {
        let text = |of: &str| body.get(of).and_then(Value::as_str);
        match kind {
            "chain" => {
                let Some(name) = text("name") else { return };
                self.chains.entry(name.to_owned()).or_default();
                let is_base = text("type") == Some("filter")
                    && matches!(text("hook"), Some("input" | "prerouting"));
                if is_base {
                    let drops = text("policy") == Some("drop");
                    let policy = if drops { Fate::Dropped } else { Fate::Accepted };
                    self.bases.push((name.to_owned(), policy));
                }
            }
            "set" => {
                if let (Some(name), Some(elements)) = (text("name"), body.get("elem")) {
                    self.sets.insert(name.to_owned(), elements.clone());
                }
            }
            "rule" => {
                let expressions = body.get("expr").and_then(Value::as_array);
                if let (Some(chain), Some(expressions)) = (text("chain"), expressions) {
                    let rules = self.read(expressions, side);
                    self.chains.entry(chain.to_owned()).or_default().extend(rules);
                }
            }
            _ => {}
        }
    }

    /// One rule; several for a map of verdicts.
    fn read(&self, expressions: &[Value], side: Side) -> Vec<Rule> {
        let (mut tests, mut rules) = (Vec::new(), Vec::new());
        for expression in expressions {
            let Some((kind, body)) = expression.as_object().and_then(|of| of.iter().next()) else {
                tests.push(Test::Unknown);
                continue;
            };
            let target = match kind.as_str() {
                "accept" => Target::Accept,
                "drop" | "reject" => Target::Drop,
                "return" => Target::Return,
                "jump" | "goto" => match body.get("target").and_then(Value::as_str) {
                    Some(chain) if kind == "jump" => Target::Jump(chain.to_owned()),
                    Some(chain) => Target::Goto(chain.to_owned()),
                    None => Target::Unknown,
                },
                "queue" => Target::Unknown,
                "counter" | "log" | "comment" | "mangle" | "notrack" => continue,
                "match" => {
                    tests.push(self.test(body, side));
                    continue;
                }
                "vmap" => {
                    rules.extend(self.map(&tests, body, side));
                    continue;
                }
                _ => {
                    tests.push(Test::Unknown);
                    continue;
                }
            };
            rules.push(Rule { tests: tests.clone(), target });
        }
        rules
    }

    fn map(&self, tests: &[Test], map: &Value, side: Side) -> Vec<Rule> {
        let unclear = Rule { tests: [tests, &[Test::Unknown]].concat(), target: Target::Unknown };
        let pairs = map.pointer("/data/set").and_then(Value::as_array);
        let (Some(key), Some(pairs)) = (map.get("key"), pairs) else { return vec![unclear] };
        let of_pair = |pair: &Value| {
            let [value, verdict] = pair.as_array()?.as_slice() else { return None };
            let test = self.compare(key, value, side);
            let [rule] =
                <[Rule; 1]>::try_from(self.read(std::slice::from_ref(verdict), side)).ok()?;
            Some(Rule { tests: [tests, &[test]].concat(), target: rule.target })
        };
        pairs.iter().map(|pair| of_pair(pair).unwrap_or_else(|| unclear.clone())).collect()
    }

    fn test(&self, body: &Value, side: Side) -> Test {
        let (Some(left), Some(right)) = (body.get("left"), body.get("right")) else {
            return Test::Unknown;
        };
        match body.get("op").and_then(Value::as_str) {
            Some("==" | "in") => self.compare(left, right, side),
            // A rule for another protocol never matches, whatever it says of that protocol's fields.
            Some("!=") if is_of_another_protocol(left) => Test::Known(false),
            Some("!=") => Test::Not(Box::new(self.compare(left, right, side))),
            _ => Test::Unknown,
        }
    }

    fn compare(&self, left: &Value, right: &Value, side: Side) -> Test {
        let right = match right.as_str().and_then(|text| text.strip_prefix('@')) {
            Some(set) => match self.sets.get(set) {
                Some(elements) => elements,
                None => return Test::Unknown,
            },
            None => right,
        };
        let values = values(right);
        let words = || values.iter().filter_map(|value| value.as_str());
        let any = |of: &[&str]| Test::Known(words().any(|word| of.contains(&word)));
        let key = |path: &str| left.pointer(path).and_then(Value::as_str);
        if let Some(protocol) = key("/payload/protocol") {
            let ports = || values.iter().map(|v| ports(v)).collect::<Option<Vec<_>>>();
            return match (protocol, key("/payload/field").unwrap_or_default()) {
                ("udp" | "th", "sport") => ports().map_or(Test::Unknown, Test::SourcePort),
                ("udp" | "th", "dport") => ports().map_or(Test::Unknown, Test::DestinationPort),
                ("ip", "protocol") => any(&["udp"]),
                ("ip", "saddr") => {
                    let nets = values.iter().map(|value| network(value)).collect::<Option<_>>();
                    nets.map_or(Test::Unknown, Test::Source)
                }
                _ if is_of_another_protocol(left) => Test::Known(false),
                _ => Test::Unknown,
            };
        }
        match (key("/meta/key"), key("/ct/key"), key("/fib/result")) {
            (Some("l4proto"), ..) => any(&["udp"]),
            (Some("nfproto"), ..) => any(&["ipv4"]),
            (Some("protocol"), ..) => any(&["ip"]),
            (Some("iif" | "iifname"), ..) => Test::Interface(words().map(str::to_owned).collect()),
            (Some("pkttype"), ..) if side == Side::Client => any(&["host", "unicast"]),
            (_, Some("state"), _) => any(&["new"]),
            (.., Some("type")) if side == Side::Client && key("/fib/flags") == Some("daddr") => {
                any(&["local"])
            }
            _ => Test::Unknown,
        }
    }
}

/// Whether it looks at a field that a UDP datagram over IPv4 does not have.
fn is_of_another_protocol(left: &Value) -> bool {
    let protocol = left.pointer("/payload/protocol").and_then(Value::as_str);
    protocol.is_some_and(|protocol| !["udp", "th", "ip", "ether"].contains(&protocol))
}

/// The members of a set or list, or the value alone.
fn values(of: &Value) -> Vec<&Value> {
    let members = of.get("set").unwrap_or(of);
    let element = |of| Value::pointer(of, "/elem/val").unwrap_or(of);
    match members.as_array() {
        Some(members) => members.iter().map(element).collect(),
        None => vec![members],
    }
}

fn ports(value: &Value) -> Option<RangeInclusive<u16>> {
    let port = |value: &Value| u16::try_from(value.as_u64()?).ok();
    match value.get("range").and_then(Value::as_array).map(Vec::as_slice) {
        Some([first, last]) => Some(port(first)?..=port(last)?),
        Some(_) => None,
        None => port(value).map(|port| port..=port),
    }
}

fn network(value: &Value) -> Option<ipnet::Ipv4Net> {
    let prefix = value.get("prefix");
    let address =
        prefix.map_or(Some(value), |prefix| prefix.get("addr"))?.as_str()?.parse().ok()?;
    let len = prefix.map_or(Some(32), |prefix| prefix.get("len")?.as_u64())?;
    ipnet::Ipv4Net::new(address, u8::try_from(len).ok()?).ok()
}

#[cfg(test)]
#[path = "nft_tests.rs"]
mod tests;
