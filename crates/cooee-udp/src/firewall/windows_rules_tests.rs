use super::*;

const OURS: &str = r"C:\Users\Ann\cooee.exe";

const ON: ProfileSettings = ProfileSettings {
    is_on: true,
    allows_by_default: false,
    has_shields_up: false,
    drops_answers: false,
};

fn everywhere(settings: ProfileSettings) -> Vec<(Profile, ProfileSettings)> {
    Profile::ALL.map(|profile| (profile, settings)).to_vec()
}

fn fate_with(rules: &[&str], settings: ProfileSettings) -> Option<Fate> {
    let rules: Vec<_> = rules.iter().map(ToString::to_string).collect();
    let traffic = Traffic { port: 9999, side: Side::Server, program: OURS };
    fate(&rules, &everywhere(settings), traffic)
}

fn fate_under(rules: &[&str]) -> Fate {
    fate_with(rules, ON).expect("the settings are known")
}

const DROPPED: Fate = Fate::Dropped { by_program: false };

/// What the prompt writes, for UDP and for TCP; Windows writes the path in lower case.
const CANCELLED: [&str; 2] = [
    r"v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|Profile=Public|App=C:\users\ann\cooee.exe|Name=cooee|Desc=cooee|Defer=User|",
    r"v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=17|Profile=Public|App=C:\users\ann\cooee.exe|Name=cooee|Desc=cooee|Defer=User|",
];

/// What `netsh advfirewall firewall add rule` writes.
const PORT: &str = "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=9999|Name=Cooee|";

#[test]
fn without_a_rule_probes_are_dropped_and_the_right_rule_lets_them_in() {
    assert_eq!(fate_under(&[]), DROPPED);
    assert_eq!(fate_under(&[PORT]), Fate::Accepted);
    let of_program =
        r"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\USERS\Ann\cooee.exe|Name=x|";
    assert_eq!(fate_under(&[of_program]), Fate::Accepted);
}

#[test]
fn a_rule_that_blocks_the_program_wins_over_one_that_allows_the_port() {
    let [_, udp] = CANCELLED;
    let profiles = [(Profile::Public, ON)];
    let rules = [PORT, udp].map(str::to_owned);
    let traffic = Traffic { port: 9999, side: Side::Server, program: OURS };
    assert_eq!(fate(&rules, &profiles, traffic), Some(Fate::Dropped { by_program: true }));
    // On a private network it is not in force.
    let private = [(Profile::Private, ON)];
    assert_eq!(fate(&rules, &private, traffic), Some(Fate::Accepted));
    // Which of the two this network is, is not known.
    assert_eq!(fate_under(&[PORT, udp]), Fate::Unclear);
    assert_eq!(fate_under(&CANCELLED), Fate::Dropped { by_program: true });
}

#[test]
fn rules_that_are_not_about_probes_change_nothing() {
    for other in [
        "v2.31|Action=Allow|Active=FALSE|Dir=In|Protocol=17|LPort=9999|Name=off|",
        "v2.31|Action=Allow|Active=TRUE|Dir=Out|Protocol=17|LPort=9999|Name=out|",
        "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=9999|Name=tcp|",
        "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=9998|Name=other port|",
        "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort2_10=1-9998|Name=other range|",
        "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=RPC|Name=word|",
        r"v2.31|Action=Allow|Active=TRUE|Dir=In|App=C:\other.exe|Name=other program|",
        r"v2.31|Action=Allow|Active=TRUE|Dir=In|App=%SystemRoot%\other.exe|Name=other program|",
        "v2.31|Action=Allow|Active=TRUE|Dir=In|App=System|Name=the system|",
        r"v2.31|Action=Allow|Active=TRUE|Dir=In|Svc=mpssvc|Name=of a service|",
        "v2.31|Action=Bypass|Active=TRUE|Dir=In|Protocol=17|LPort=9999|Name=with IPsec|",
        "v2.31|Dir=In|Active=TRUE|Name=without an action|",
        "",
        "|||=|",
    ] {
        assert_eq!(fate_under(&[other]), DROPPED, "{other}");
    }
}

#[test]
fn ports_are_named_one_by_one_and_in_ranges() {
    for ports in ["LPort=5353|LPort=9999", "LPort2_10=9000-9999", "LPort=80|LPort2_10=9999-9999"] {
        let rule = format!("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|{ports}|Name=x|");
        assert_eq!(fate_under(&[&rule]), Fate::Accepted, "{ports}");
    }
    let any = "v2.10|Action=Allow|Active=TRUE|Dir=In|Name=all|";
    assert_eq!(fate_under(&[any]), Fate::Accepted);
}

#[test]
fn what_is_not_understood_is_not_clear() {
    let with = |more: &str| {
        format!("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=17|LPort=9999|{more}|Name=x|")
    };
    assert_eq!(fate_under(&[&with("RA4=LocalSubnet")]), Fate::Accepted);
    for more in [
        r"App=%ProgramFiles%\cooee.exe",
        "RA4=192.168.1.0/255.255.255.0",
        "IFType=Wireless",
        "New=1",
        "RPort=9999",
    ] {
        assert_eq!(fate_under(&[&with(more)]), Fate::Unclear, "{more}");
        let block = with(more).replace("Allow", "Block");
        assert_eq!(fate_under(&[PORT, &block]), Fate::Unclear, "{more}");
    }
}

#[test]
fn settings_of_the_profiles_decide_what_no_rule_is_about() {
    assert_eq!(fate_with(&[], ProfileSettings::default()), Some(Fate::Accepted), "it is off");
    let open = ProfileSettings { allows_by_default: true, ..ON };
    assert_eq!(fate_with(&[], open), Some(Fate::Accepted));
    assert_eq!(
        fate_with(&[CANCELLED[1].replace("Public", "?").as_str()], open),
        Some(Fate::Dropped { by_program: true })
    );
    let shields_up = ProfileSettings { has_shields_up: true, ..ON };
    assert_eq!(fate_with(&[PORT], shields_up), Some(DROPPED));
    let traffic = Traffic { port: 9999, side: Side::Server, program: OURS };
    assert_eq!(fate(&[], &[], traffic), None, "nothing is known");
}

#[test]
fn answers_are_dropped_where_the_settings_say_so_and_else_nothing_is_said() {
    let traffic = Traffic { port: 9999, side: Side::Client, program: OURS };
    let rules = CANCELLED.map(str::to_owned);
    assert_eq!(fate(&rules, &everywhere(ON), traffic), None);
    let strict = ProfileSettings { drops_answers: true, ..ON };
    assert_eq!(fate(&rules, &everywhere(strict), traffic), Some(DROPPED));
    let mixed = [(Profile::Private, ON), (Profile::Public, strict)];
    assert_eq!(fate(&rules, &mixed, traffic), None);
}
