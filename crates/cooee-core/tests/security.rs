//! `SECURITY.md` says what is true.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use cooee_core::limits;
use cooee_core::wire::classic::Classic;
use cooee_core::wire::{Query, Reply};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../SECURITY.md"));
const LIMITS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/limits.rs"));

/// How a limit is written in the table, without what it counts.
trait Written {
    fn written(&self) -> String;
}

impl Written for u64 {
    fn written(&self) -> String {
        let digits = self.to_string();
        let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(",")
    }
}

impl Written for usize {
    fn written(&self) -> String {
        (*self as u64).written()
    }
}

impl Written for u8 {
    fn written(&self) -> String {
        u64::from(*self).written()
    }
}

impl Written for u32 {
    fn written(&self) -> String {
        u64::from(*self).written()
    }
}

impl Written for Duration {
    fn written(&self) -> String {
        match self.subsec_millis() {
            0 => format!("{} s", self.as_secs().written()),
            _ => format!("{} ms", (self.as_millis() as u64).written()),
        }
    }
}

/// Makes a list of the limits of these names.
macro_rules! limits {
    ($($name:ident)*) => { [$((stringify!($name), limits::$name.written())),*] };
}

fn actual() -> BTreeMap<&'static str, String> {
    limits! {
        MESSAGE_MAX PREFIX_MAX ANSWER_MAX DATAGRAM_MAX OTHERS_MAX RESULTS_MAX WATCHED_MAX
        WATCHED_CALLS_AT_ONCE REJECTED_MAX EXCERPT_MAX
        OWN_ADDRESSES_MAX RATE_SLOTS RATE_WAYS ANSWERS_PER_SOURCE BURST_PER_SOURCE ANSWERS_IN_ALL
        BURST_IN_ALL ROUTES_PENDING ROUTES_PER_SECOND NEIGHBOURS_PER_SECOND NEIGHBOURS_REMEMBERED
        NEIGHBOUR_WAYS COPIES_REMEMBERED GROUPS_MAX INSISTENT_REMEMBERED OFFERS_MAX OFFER_MAX
        ANSWERS_A_PROBE NAME_MAX ANNOUNCED_MAX HOSTS_ASKED_MAX MDNS_RECORDS_MAX MDNS_TIMERS_MAX ANNOUNCED_ADDRESSES_MAX ANNOUNCED_ROWS_MAX
        PUBLISHED_SERVICES_MAX PUBLISHED_LINKS_MAX PUBLISHED_ADDRESSES_MAX PUBLISHED_RECORDS_MAX GOODBYE_PATIENCE
        TXT_MAX TXT_HEARD_MAX LISTENERS_A_PORT LISTENERS_KNOWN_FOR OFFERERS_MAX
        OFFERERS_UNTRUSTED EXCHANGES_A_MINUTE EXAMINED_AT_A_TIME CODECS_MAX ALLOW_MAX TARGETS_MAX
        NAMES_MAX NAME_ADDRESSES_MAX LOOKUPS_MAX
        REMEMBERED_MAX MEMORY_MAX MEMORY_BYTES MEMORY_AGE SWEEP_MAX ON_LINK_PREFIX LATE_SWEEP_MAX LATE_SWEEP_PAUSE
        LATE_SWEEPS_REMEMBERED SWEEP_PACE
        SWEEP_PAUSE NEIGHBOUR_WAIT NEIGHBOURS_WAITING NEIGHBOUR_CALLS_MAX KNOWN_NEIGHBOUR_CALLS_MAX
        NEIGHBOUR_CALLS_AT_ONCE NEIGHBOUR_CALLS_PAUSE CHECKS_AT_A_TIME CHECK_STAGGER CHECK_TIMEOUT
        TIMEOUT_MAX RETRIES_MAX
    }
    .into()
}

#[test]
fn the_table_has_every_limit_as_it_is() {
    let rows = TEXT.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        Some((name, rest.split(" | ").next()?))
    });
    let table: BTreeMap<_, _> = rows.collect();
    let declared = LIMITS.lines().filter_map(|line| line.strip_prefix("pub const "));
    let declared: Vec<_> = declared.filter_map(|line| Some(line.split_once(':')?.0)).collect();
    assert_eq!(declared.len(), table.len(), "{declared:?} are the limits");
    let actual = actual();
    for name in declared {
        let value = actual.get(name).unwrap_or_else(|| panic!("{name} is not in this test"));
        let written = table.get(name).unwrap_or_else(|| panic!("{name} is not in SECURITY.md"));
        let number = written.strip_prefix(value.as_str());
        let goes_on = number.is_none_or(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
        assert!(!goes_on, "SECURITY.md says that {name} is {written}, and it is {value}");
    }
}

/// The headers of IPv4, without options, and of UDP.
const HEADERS: usize = 20 + 8;

/// The headers of IPv6 and of UDP.
const HEADERS_V6: usize = 40 + 8;

/// The lengths of a probe and of the longest answer over IPv4.
fn factors(classic: &Classic) -> (usize, usize) {
    let answer = classic.encode_reply(&Reply::new(Ipv4Addr::BROADCAST, Some(u16::MAX)));
    (classic.encode_query(Query::Discover).len(), answer.len())
}

/// The length of the longest answer over IPv6.
fn longest_v6(classic: &Classic) -> usize {
    let others = std::iter::repeat_n(Ipv4Addr::BROADCAST, limits::OTHERS_MAX).collect();
    let address = Ipv6Addr::from_bits(u128::MAX).into();
    classic.encode_reply(&Reply { address, port: Some(u16::MAX), others }).len()
}

#[test]
fn the_amplification_is_as_told() {
    let factor = |answer: usize, probe: usize| {
        format!("{answer} ÷ {probe} = {:.2}", answer as f64 / probe as f64)
    };
    let (probe, answer) = factors(&Classic::default());
    let (shortest, longest) =
        factors(&Classic::new("?", vec![b'x'; limits::PREFIX_MAX]).expect("within the limits"));
    let over_v6 = longest_v6(&Classic::default());
    for told in [
        factor(over_v6, probe),
        factor(over_v6 + HEADERS_V6, probe + HEADERS_V6),
        factor(answer, probe),
        factor(answer + HEADERS, probe + HEADERS),
        factor(longest + HEADERS, shortest + HEADERS),
        factor(limits::ANSWERS_A_PROBE * answer, probe),
        factor(limits::ANSWERS_A_PROBE * (answer + HEADERS), probe + HEADERS),
        factor(limits::ANSWERS_A_PROBE * (longest + HEADERS), shortest + HEADERS),
    ] {
        assert!(TEXT.contains(&told), "{told}");
    }
    let burst = limits::BURST_PER_SOURCE.as_secs() * u64::from(limits::ANSWERS_PER_SOURCE);
    assert!(TEXT.contains(&format!("`N` × {} answers", limits::ANSWERS_PER_SOURCE)));
    assert!(TEXT.contains(&format!("`N` × {burst}")), "the burst is {burst}");
}
