//! What `iptables-save` prints.

use cooee_core::finding::Side;

use super::rules::{Chains, Fate, Rule, Target, Test, Traffic};

/// What becomes of the traffic in the chain `INPUT` of the table `filter`; `None` without one.
pub(super) fn fate(printed: &str, traffic: &Traffic) -> Option<Fate> {
    let mut chains = Chains::new();
    let (mut policy, mut in_filter) = (None, false);
    for line in printed.lines() {
        if let Some(table) = line.strip_prefix('*') {
            in_filter = table == "filter";
        } else if !in_filter {
        } else if let Some(chain) = line.strip_prefix(':') {
            let mut words = chain.split_whitespace();
            let Some(name) = words.next() else { continue };
            chains.entry(name.to_owned()).or_default();
            if name == "INPUT" {
                let drops = words.next() == Some("DROP");
                policy = Some(if drops { Fate::Dropped } else { Fate::Accepted });
            }
        } else if let Some(rule) = line.strip_prefix("-A ") {
            let Some((chain, rule)) = rule.split_once(' ') else { continue };
            if let Some(rule) = read(rule, traffic) {
                chains.entry(chain.to_owned()).or_default().push(rule);
            }
        }
    }
    Some(traffic.through(&chains, "INPUT", policy?))
}

/// None for a rule that only counts or logs.
fn read(rule: &str, traffic: &Traffic) -> Option<Rule> {
    let mut words = rule.split_whitespace().peekable();
    let (mut tests, mut target) = (Vec::new(), None);
    let mut negated = false;
    while let Some(word) = words.next() {
        let test = match word {
            "!" => {
                negated = true;
                continue;
            }
            "-m" | "--comment" | "--reject-with" => {
                skip(&mut words);
                continue;
            }
            "-j" | "-g" => {
                target = Some(target_of(words.next()?, word == "-g"));
                // What follows is about the target.
                break;
            }
            "-p" => Test::Known(["udp", "all", "17"].contains(&words.next()?)),
            "--sport" | "--sports" => ports(words.next()?).map_or(Test::Unknown, Test::SourcePort),
            "--dport" | "--dports" => {
                ports(words.next()?).map_or(Test::Unknown, Test::DestinationPort)
            }
            "-i" => Test::Interface(vec![words.next()?.to_owned()]),
            "-s" => {
                let nets = words.next()?.split(',').map(|net| net.parse().ok());
                nets.collect::<Option<_>>().map_or(Test::Unknown, Test::Source)
            }
            // Multicast, which discovery does not use; any other may be an address of this host.
            "-d" if words.next_if(|of| of.starts_with("224.")).is_some() => Test::Known(false),
            "--dst-type" => destination_type(words.next()?, traffic.side),
            "--ctstate" | "--state" => Test::Known(words.next()?.split(',').any(|s| s == "NEW")),
            "--icmp-type" | "--tcp-flags" | "--syn" => Test::Known(false),
            word if word.starts_with('-') => Test::Unknown,
            // The value of something unknown.
            _ => continue,
        };
        tests.push(if negated { Test::Not(Box::new(test)) } else { test });
        negated = false;
    }
    Some(Rule { tests, target: target?? })
}

/// Answers go to this host alone, the probes that matter most to everybody.
fn destination_type(name: &str, side: Side) -> Test {
    match (name, side) {
        ("LOCAL", Side::Client) | ("BROADCAST", Side::Server) => Test::Known(true),
        _ => Test::Known(false),
    }
}

/// Passes over a value, which may be quoted.
fn skip<'a>(words: &mut impl Iterator<Item = &'a str>) {
    let Some(first) = words.next() else { return };
    if first.starts_with('"') && !(first.len() > 1 && first.ends_with('"')) {
        for word in words.by_ref() {
            if word.ends_with('"') {
                break;
            }
        }
    }
}

/// None for a target after which the next rule is looked at.
fn target_of(name: &str, goes: bool) -> Option<Target> {
    Some(match name {
        "ACCEPT" => Target::Accept,
        "DROP" | "REJECT" | "TARPIT" => Target::Drop,
        "RETURN" => Target::Return,
        "LOG" | "NFLOG" | "MARK" | "CONNMARK" | "AUDIT" | "TRACE" => return None,
        "QUEUE" | "NFQUEUE" => Target::Unknown,
        chain if goes => Target::Goto(chain.to_owned()),
        chain => Target::Jump(chain.to_owned()),
    })
}

fn ports(text: &str) -> Option<Vec<std::ops::RangeInclusive<u16>>> {
    let range = |text: &str| {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(side: Side) -> Traffic {
        let networks = vec!["10.0.1.0/24".parse().expect("a network")];
        Traffic { port: 9999, side, interfaces: vec!["eth0".into()], networks }
    }

    /// The shape of ufw's rules with its defaults, and SSH allowed.
    const UFW: &str = "\
*mangle
:INPUT ACCEPT [0:0]
COMMIT
*filter
:INPUT DROP [0:0]
:ufw-before-input - [0:0]
:ufw-user-input - [0:0]
:ufw-not-local - [0:0]
:ufw-logging-deny - [0:0]
-A INPUT -j ufw-before-input
-A INPUT -j ufw-user-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -m conntrack --ctstate INVALID -j DROP
-A ufw-before-input -p icmp -m icmp --icmp-type 3 -j ACCEPT
-A ufw-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT
-A ufw-before-input -j ufw-not-local
-A ufw-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT
-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN
-A ufw-not-local -m addrtype --dst-type BROADCAST -j RETURN
-A ufw-not-local -m limit --limit 3/min --limit-burst 10 -j ufw-logging-deny
-A ufw-logging-deny -m limit --limit 3/min -j LOG --log-prefix \"[UFW BLOCK] \"
-A ufw-not-local -j DROP
-A ufw-user-input -p tcp -m tcp --dport 22 -m comment --comment \"let me in\" -j ACCEPT
COMMIT
";

    #[test]
    fn the_rules_of_ufw_drop_answers_and_probes_unless_they_are_allowed() {
        for side in [Side::Client, Side::Server] {
            assert_eq!(fate(UFW, &traffic(side)), Some(Fate::Dropped), "{side:?}");
        }
        let allowed = |rule| {
            let printed = UFW.replace("-p tcp -m tcp --dport 22", rule);
            fate(&printed, &traffic(Side::Client))
        };
        assert_eq!(allowed("-p udp -m udp --sport 9999"), Some(Fate::Accepted));
        assert_eq!(allowed("-s 10.0.0.0/8"), Some(Fate::Accepted));
        assert_eq!(allowed("-s 10.0.1.7/32"), Some(Fate::Unclear));
    }

    #[test]
    fn without_rules_everything_is_let_in() {
        let printed = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j LOG\nCOMMIT\n";
        assert_eq!(fate(printed, &traffic(Side::Client)), Some(Fate::Accepted));
        assert_eq!(fate("*nat\n:INPUT ACCEPT [0:0]\n", &traffic(Side::Client)), None);
        assert_eq!(fate("", &traffic(Side::Client)), None);
    }

    #[test]
    fn what_is_not_understood_may_match() {
        let printed =
            "*filter\n:INPUT DROP [0:0]\n-A INPUT -m set --match-set friends src -j ACCEPT\n";
        assert_eq!(fate(printed, &traffic(Side::Client)), Some(Fate::Unclear));
    }
}
