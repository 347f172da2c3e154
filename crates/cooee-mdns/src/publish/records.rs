//! What is announced on a link: one record for each service, under the names as they are now.

use std::net::IpAddr;

use cooee_core::announced::{ServiceType, Txt};
use cooee_core::limits;

use super::links::{LinkAddresses, reachable};
use super::names::{announceable, free_after, next_host, next_instance};
use super::published::{Published, PublishedName};

/// One service under one name on one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The position of what it belongs to.
    pub(super) of: usize,
    pub(super) instance: String,
    /// The first label of the host's name.
    pub(super) host: String,
    pub(super) service: ServiceType,
    pub(super) port: u16,
    pub(super) txt: Txt,
    pub(super) addresses: Vec<IpAddr>,
}

impl Record {
    /// Whether it is the same instance, whatever it says.
    pub(super) fn is_same_instance(&self, other: &Self) -> bool {
        self.instance == other.instance && self.service == other.service
    }

    /// Whether it goes on in these, under the same names.
    pub(super) fn goes_on_in<'a>(&self, next: impl IntoIterator<Item = &'a Self>) -> bool {
        next.into_iter().any(|of| self.is_same_instance(of) && self.host == of.host)
    }
}

#[cfg(test)]
impl Record {
    /// A site of `workshop` on port 8000.
    pub(super) fn of_http(instance: &str) -> Self {
        Self {
            of: 0,
            instance: instance.into(),
            host: "workshop".into(),
            service: ServiceType::http(),
            port: 8000,
            txt: Txt::new(),
            addresses: vec!["192.0.2.1".parse().unwrap()],
        }
    }
}

/// The names that this one of those `now` had before. Other listeners do not make it another, unless the
/// one with those goes on.
pub(super) fn kept(
    one: &Published,
    now: &[Published],
    before: &[Published],
    names: &[PublishedName],
) -> Option<PublishedName> {
    // Two that differ in their listeners only keep their names apart.
    let same = before.iter().position(|other| other == one);
    let is_it = |other: &Published| other.publication == one.publication && !now.contains(other);
    let at = same.or_else(|| before.iter().position(is_it))?;
    names.get(at).cloned()
}

/// The names of each: those that are `kept`, and others for the rest, so that no two publications of
/// one host have one name for one type.
pub(super) fn assigned(
    published: &[Published],
    kept: impl Fn(usize) -> Option<PublishedName>,
) -> Vec<PublishedName> {
    let mut names: Vec<Option<PublishedName>> = vec![None; published.len()];
    for newcomers in [false, true] {
        for (position, one) in published.iter().enumerate() {
            let name = match kept(position) {
                Some(name) if !newcomers => name,
                None if newcomers => PublishedName {
                    instance: announceable(&one.publication.name),
                    host: one.publication.host_label(),
                },
                _ => continue,
            };
            names[position] = Some(apart(name, position, published, &names));
        }
    }
    names.into_iter().flatten().collect()
}

/// The first name from this one on that no other publication has.
fn apart(
    mut name: PublishedName,
    position: usize,
    published: &[Published],
    names: &[Option<PublishedName>],
) -> PublishedName {
    let is_taken = |instance: &str| {
        names.iter().zip(published).enumerate().any(|(other, (taken, publication))| {
            let has_it = |taken: &PublishedName| taken.instance.eq_ignore_ascii_case(instance);
            other != position
                && taken.as_ref().is_some_and(has_it)
                && have_one_type(&published[position], publication)
        })
    };
    // Each of the others takes one name at most.
    for _ in 0..published.len() {
        if !is_taken(&name.instance) {
            break;
        }
        name.instance = next_instance(&name.instance);
    }
    name
}

fn have_one_type(one: &Published, other: &Published) -> bool {
    let mut services = one.publication.services.iter();
    services.any(|a| other.publication.services.iter().any(|b| a.service == b.service))
}

/// The name of the one at `position` after another host was found to have the instance's name, the
/// host's, or both: of each of these, what was found to be free.
pub(super) fn renamed(
    position: usize,
    published: &[Published],
    names: &[PublishedName],
    instance: Option<&str>,
    host: Option<&str>,
) -> PublishedName {
    let name = &names[position];
    let host =
        host.map_or_else(|| name.host.clone(), |found| free_after(&name.host, found, next_host));
    let Some(found) = instance else {
        return PublishedName { instance: name.instance.clone(), host };
    };
    let names: Vec<_> = names.iter().cloned().map(Some).collect();
    let next = free_after(&name.instance, found, next_instance);
    apart(PublishedName { instance: next, host }, position, published, &names)
}

/// What to announce on a link. A host name that several publications share has the addresses of all.
pub(super) fn records(
    link: &LinkAddresses,
    published: &[Published],
    names: &[PublishedName],
) -> Vec<Record> {
    let addresses_of = |host: &str| {
        let mut addresses: Vec<IpAddr> = Vec::new();
        for (one, name) in published.iter().zip(names) {
            if name.host == host {
                addresses.extend(reachable(link, one));
            }
        }
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    };
    let mut records = Vec::new();
    for (of, (one, name)) in published.iter().zip(names).enumerate() {
        if reachable(link, one).is_empty() {
            continue;
        }
        let addresses = addresses_of(&name.host);
        records.extend(one.publication.services.iter().map(|service| Record {
            of,
            instance: name.instance.clone(),
            host: name.host.clone(),
            service: service.service.clone(),
            port: service.port,
            txt: service.txt.clone(),
            addresses: addresses.clone(),
        }));
    }
    records.truncate(limits::PUBLISHED_RECORDS_MAX);
    records
}

#[cfg(test)]
mod tests {
    use cooee_core::announced::{Publication, PublishedService};

    use super::*;

    fn published(name: &str, only: Option<&str>) -> Published {
        let service =
            PublishedService { service: ServiceType::http(), port: 8000, txt: Txt::new() };
        Published {
            publication: Publication { name: name.into(), hostname: None, services: vec![service] },
            listens_on: vec![only.unwrap_or("0.0.0.0").parse().unwrap()],
        }
    }

    fn link() -> LinkAddresses {
        let addresses = ["10.0.0.1", "10.0.0.9"].map(|ip| ip.parse().unwrap()).into();
        LinkAddresses { index: 2, name: "eth0".into(), addresses }
    }

    #[test]
    fn two_services_of_one_name_are_told_apart_on_one_host() {
        let published = [published("W", None), published("w", None), published("W", None)];
        let names = assigned(&published, |_| None);
        let instances: Vec<_> = names.iter().map(|name| name.instance.as_str()).collect();
        assert_eq!(instances, ["W", "w (2)", "W (3)"]);
        assert!(names.iter().all(|name| name.host == "w"));
    }

    #[test]
    fn no_announced_name_has_what_the_library_escapes() {
        for (name, announced) in [
            ("v1.0", "v1-0"),
            ("Dr. Who", "Dr Who"),
            ("Ada Inc.", "Ada Inc"),
            ("back\\slash", "back-slash"),
            ("...", "--"),
            (".", "-"),
        ] {
            assert_eq!(assigned(&[published(name, None)], |_| None)[0].instance, announced);
        }
        let two = [published("v1-0", None), published("v1.0", None)];
        assert_eq!(assigned(&two, |_| None)[1].instance, "v1-0 (2)");
    }

    #[test]
    fn one_host_name_has_one_set_of_addresses() {
        let published = [published("W", Some("10.0.0.9")), published("W", Some("10.0.0.1"))];
        let records = records(&link(), &published, &assigned(&published, |_| None));
        assert_eq!(records.len(), 2);
        assert!(records.iter().all(|record| record.addresses.len() == 2));
    }

    #[test]
    fn what_cannot_be_reached_there_is_not_announced_there() {
        let published = [published("W", Some("10.9.9.9"))];
        assert_eq!(records(&link(), &published, &assigned(&published, |_| None)), []);
    }

    #[test]
    fn a_name_is_kept_whatever_the_listeners() {
        let named = |name: &str| PublishedName { instance: name.into(), host: "w".into() };
        let before = [published("W", Some("10.0.0.1")), published("W", Some("10.0.0.9"))];
        let names = [named("W (3)"), named("W (4)")];
        let kept = |name, only| {
            let one = published(name, Some(only));
            kept(&one, std::slice::from_ref(&one), &before, &names)
        };
        assert_eq!(kept("W", "10.0.0.9"), Some(named("W (4)")));
        assert_eq!(kept("W", "0.0.0.0"), Some(named("W (3)")));
        assert_eq!(kept("V", "10.0.0.1"), None);
    }

    #[test]
    fn a_newcomer_with_other_listeners_leaves_the_name_to_the_one_that_has_it() {
        let now = [published("W", Some("10.0.0.9")), published("W", Some("10.0.0.1"))];
        let names = [PublishedName { instance: "W (3)".into(), host: "w".into() }];
        assert_eq!(kept(&now[0], &now, &now[1..], &names), None);
        assert_eq!(kept(&now[1], &now, &now[1..], &names), Some(names[0].clone()));
    }

    #[test]
    fn one_goes_on_under_the_names_that_it_has() {
        let published = [published("W", None)];
        let names = assigned(&published, |_| None);
        let before = records(&link(), &published, &names);
        let elsewhere = LinkAddresses { addresses: vec!["10.0.0.1".parse().unwrap()], ..link() };
        assert!(before[0].goes_on_in(&records(&elsewhere, &published, &names)));
        assert!(!before[0].goes_on_in(&[]));
        for (instance, host) in [(Some(""), None), (None, Some(""))] {
            let names = [renamed(0, &published, &names, instance, host)];
            assert!(!before[0].goes_on_in(&records(&link(), &published, &names)));
        }
    }

    #[test]
    fn only_what_is_taken_gets_another_name() {
        let one = [published("W", None)];
        let names = assigned(&one, |_| None);
        let renamed = |instance, host| {
            let name = renamed(0, &one, &names, instance, host);
            format!("{} at {}", name.instance, name.host)
        };
        assert_eq!(renamed(Some("W (2)"), None), "W (2) at w");
        assert_eq!(renamed(None, Some("w-5")), "W at w-5");
    }

    #[test]
    fn a_newcomer_and_a_renamed_one_take_no_name_that_another_goes_by() {
        let named = |name: &str| PublishedName { instance: name.into(), host: "w".into() };
        let two = [published("W", None), published("W", None)];
        let names = assigned(&two, |of| (of == 0).then(|| named("W (2)")));
        assert_eq!(names, [named("W (2)"), named("W")]);
        let names = assigned(&two, |of| (of == 1).then(|| named("W")));
        assert_eq!(names, [named("W (2)"), named("W")]);
        assert_eq!(renamed(1, &two, &names, Some("W (2)"), None), named("W (3)"));
    }
}
