use cooee_core::finding::{Firewall, FirewallTool, Side};
use cooee_core::interface::Interface;
use windows_registry::LOCAL_MACHINE;

use super::windows_rules::{Fate, Profile, ProfileSettings, Traffic, fate};

/// What this host is set to, which everybody may read.
const OWN: &str = r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy";
/// What its organisation has set, which counts before that.
const ORGANISATION: &str = r"SOFTWARE\Policies\Microsoft\WindowsFirewall";

pub(super) fn firewall(port: u16, side: Side, _: &[Interface]) -> Option<Firewall> {
    if is_managed() {
        let tool = FirewallTool::Windows { blocked: None };
        return (side == Side::Server).then_some(Firewall::Unclear { tool });
    }
    let profiles: Vec<_> =
        Profile::ALL.into_iter().filter_map(|of| Some((of, settings(of)?))).collect();
    let rules = if side == Side::Server { rules() } else { Vec::new() };
    let program = std::env::current_exe().ok()?.to_str()?.to_owned();
    let traffic = Traffic { port, side, program: &program };
    Some(match fate(&rules, &profiles, traffic)? {
        Fate::Accepted => Firewall::Open,
        Fate::Unclear => Firewall::Unclear { tool: FirewallTool::Windows { blocked: None } },
        Fate::Dropped { by_program } => {
            let blocked = by_program.then_some(program);
            Firewall::Drops { tool: FirewallTool::Windows { blocked } }
        }
    })
}

/// What it lets in that nobody has asked for is a matter of rules, and answers to a broadcast pass for
/// three seconds: nothing follows from which of them arrive.
pub(super) fn tracks_connections() -> bool {
    false
}

/// Whether other rules count than those that are read here: those of a device management (MDM), or
/// those of the organisation alone.
fn is_managed() -> bool {
    let has_rules =
        |key: windows_registry::Key| key.values().is_ok_and(|mut of| of.next().is_some());
    let mdm = LOCAL_MACHINE.open(format!(r"{OWN}\Mdm\FirewallRules"));
    let is_alone = |profile: &str| {
        let key = LOCAL_MACHINE.open(format!(r"{ORGANISATION}\{profile}"));
        key.and_then(|key| key.get_u32("AllowLocalPolicyMerge")).is_ok_and(|merges| merges == 0)
    };
    let profiles = ["DomainProfile", "PrivateProfile", "StandardProfile", "PublicProfile"];
    mdm.is_ok_and(has_rules) || profiles.into_iter().any(is_alone)
}

fn rules() -> Vec<String> {
    let of = |place: &str| {
        let key = LOCAL_MACHINE.open(format!(r"{place}\FirewallRules")).ok();
        let values = key.iter().filter_map(|key| key.values().ok()).flatten();
        values.filter_map(|(_, value)| String::try_from(value).ok()).collect::<Vec<_>>()
    };
    [OWN, ORGANISATION].into_iter().flat_map(of).collect()
}

/// `None` where Windows has none, as wine does not.
fn settings(profile: Profile) -> Option<ProfileSettings> {
    // That of private networks had the other name first, and Windows has kept it in one place.
    let names: &[&str] = match profile {
        Profile::Domain => &["DomainProfile"],
        Profile::Private => &["PrivateProfile", "StandardProfile"],
        Profile::Public => &["PublicProfile"],
    };
    let number = |name: &str| {
        let mut keys = [ORGANISATION, OWN].into_iter().flat_map(|place| {
            names.iter().filter_map(move |key| LOCAL_MACHINE.open(format!(r"{place}\{key}")).ok())
        });
        keys.find_map(|key| key.get_u32(name).ok())
    };
    Some(ProfileSettings {
        is_on: number("EnableFirewall")? != 0,
        allows_by_default: number("DefaultInboundAction") == Some(0),
        has_shields_up: number("DoNotAllowExceptions") == Some(1),
        drops_answers: number("DisableUnicastResponsesToMulticastBroadcast") == Some(1),
    })
}
