//! The rules of the firewall of Windows, as its registry has them: `Key=value` between bars, after a
//! version ("Windows Firewall rule", [MS-GPFAS] 2.2.2.19). Only what concerns datagrams that arrive
//! is read.

use cooee_core::finding::Side;

/// For which kind of network a rule is. The kind of the present one is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    Domain,
    Private,
    Public,
}

impl Profile {
    pub(super) const ALL: [Self; 3] = [Self::Domain, Self::Private, Self::Public];

    fn named(name: &str) -> Option<Self> {
        match name {
            "Domain" => Some(Self::Domain),
            "Private" => Some(Self::Private),
            "Public" => Some(Self::Public),
            _ => None,
        }
    }
}

/// How the firewall is set for one profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ProfileSettings {
    pub(super) is_on: bool,
    /// Whether what no rule is about is let in.
    pub(super) allows_by_default: bool,
    /// Whether rules that allow are passed over.
    pub(super) has_shields_up: bool,
    /// Whether answers to a broadcast are dropped, which otherwise are let in for three seconds.
    pub(super) drops_answers: bool,
}

/// What it does with datagrams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Unclear,
    Dropped {
        /// Whether a rule blocks this very program.
        by_program: bool,
    },
}

/// For which port and program to read the rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traffic<'t> {
    pub(super) port: u16,
    pub(super) side: Side,
    /// The path of this program.
    pub(super) program: &'t str,
}

/// What happens under the rules; the same for every profile that is on, or it is unclear. `None` where
/// nothing is known: what becomes of answers, unless they are dropped in any case.
pub(super) fn fate(
    rules: &[String],
    profiles: &[(Profile, ProfileSettings)],
    traffic: Traffic<'_>,
) -> Option<Fate> {
    let on = profiles.iter().filter(|(_, settings)| settings.is_on);
    let mut fates = on.map(|(profile, settings)| match traffic.side {
        Side::Client if settings.drops_answers => Fate::Dropped { by_program: false },
        Side::Client => Fate::Accepted,
        Side::Server => of_probes(rules, *profile, *settings, traffic),
    });
    let fate = match fates.next() {
        None => return (!profiles.is_empty()).then_some(Fate::Accepted),
        Some(first) => fates.fold(first, join),
    };
    // What else of answers is dropped, these settings do not tell.
    (traffic.side == Side::Server || matches!(fate, Fate::Dropped { .. })).then_some(fate)
}

fn join(one: Fate, other: Fate) -> Fate {
    match (one, other) {
        (Fate::Dropped { by_program: one }, Fate::Dropped { by_program: other }) => {
            Fate::Dropped { by_program: one || other }
        }
        (one, other) if one == other => one,
        _ => Fate::Unclear,
    }
}

fn of_probes(
    rules: &[String],
    profile: Profile,
    settings: ProfileSettings,
    traffic: Traffic<'_>,
) -> Fate {
    let (mut blocks, mut allows) = (Match::No, Match::No);
    let mut by_program = false;
    for rule in rules.iter().filter_map(|rule| Rule::read(rule, profile, traffic)) {
        if rule.allows {
            allows = allows.max(rule.matches);
        } else {
            blocks = blocks.max(rule.matches);
            by_program |= rule.matches == Match::Yes && rule.is_of_program;
        }
    }
    match (blocks, allows) {
        // Rules that block win.
        (Match::Yes, _) => Fate::Dropped { by_program },
        _ if settings.has_shields_up => Fate::Dropped { by_program: false },
        (Match::Maybe, _) => Fate::Unclear,
        (Match::No, Match::Yes) => Fate::Accepted,
        (Match::No, _) if settings.allows_by_default => Fate::Accepted,
        (Match::No, Match::Maybe) => Fate::Unclear,
        (Match::No, Match::No) => Fate::Dropped { by_program: false },
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    No,
    Maybe,
    Yes,
}

/// A rule that is in force and may be about probes.
struct Rule {
    allows: bool,
    matches: Match,
    is_of_program: bool,
}

impl Rule {
    fn read(text: &str, of: Profile, traffic: Traffic<'_>) -> Option<Self> {
        let fields = text.split('|').skip(1).filter_map(|field| field.split_once('='));
        let mut rule = Self { allows: false, matches: Match::Yes, is_of_program: false };
        let (mut is_active, mut is_inbound, mut action) = (false, false, None);
        let (mut profiles, mut ports) = (None, None);
        for (key, value) in fields {
            let matches = match key {
                "Action" => {
                    action = Some(value);
                    Match::Yes
                }
                "Active" => {
                    is_active = value.eq_ignore_ascii_case("TRUE");
                    Match::Yes
                }
                "Dir" => {
                    is_inbound = value.eq_ignore_ascii_case("In");
                    Match::Yes
                }
                "Protocol" => known(UDP_OR_ANY.contains(&value)),
                "Profile" => {
                    let is_it = Profile::named(value).is_none_or(|profile| profile == of);
                    profiles = Some(profiles.unwrap_or(false) || is_it);
                    Match::Yes
                }
                "LPort" | "LPort2_10" => {
                    let is_it = port_is_in(value, traffic.port);
                    ports = Some(ports.unwrap_or(false) || is_it);
                    Match::Yes
                }
                "App" => {
                    let matches = is_program(value, traffic.program);
                    rule.is_of_program = matches == Match::Yes;
                    matches
                }
                // Of a service, or of a program from the store.
                "Svc" | "AppPkgId" => Match::No,
                "RA4" | "RA6" if value.eq_ignore_ascii_case("LocalSubnet") => Match::Yes,
                "Name" | "Desc" | "EmbedCtxt" | "Edge" | "Defer" | "Platform" | "Platform2" => {
                    Match::Yes
                }
                _ => Match::Maybe,
            };
            rule.matches = rule.matches.min(matches);
        }
        rule.allows = match action? {
            action if action.eq_ignore_ascii_case("Block") => false,
            action if action.eq_ignore_ascii_case("Allow") => true,
            // It asks for IPsec.
            _ => return None,
        };
        let is_about = is_active && is_inbound && profiles != Some(false) && ports != Some(false);
        (is_about && rule.matches != Match::No).then_some(rule)
    }
}

const UDP_OR_ANY: [&str; 2] = ["17", "256"];

fn known(is_so: bool) -> Match {
    if is_so { Match::Yes } else { Match::No }
}

/// One port, or the first and the last of a range. Words name ports that no probe goes to.
fn port_is_in(value: &str, port: u16) -> bool {
    let (first, last) = value.split_once('-').unwrap_or((value, value));
    match (first.trim().parse::<u16>(), last.trim().parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).contains(&port),
        _ => false,
    }
}

/// Paths are the same whatever the case, and with either slash. One with a variable may be.
fn is_program(value: &str, program: &str) -> Match {
    let plain = |path: &str| path.replace('/', "\\").to_lowercase();
    let (value, program) = (plain(value), plain(program));
    let is_of_name = value.rsplit('\\').next() == program.rsplit('\\').next();
    match value == program {
        true => Match::Yes,
        false if value.contains('%') && is_of_name => Match::Maybe,
        false => Match::No,
    }
}

#[cfg(test)]
#[path = "windows_rules_tests.rs"]
mod tests;
