use cooee_core::announced::{Publication, PublishedService, ServiceType, Txt};
use cooee_core::interface::{InterfaceRole, LinkKind, LinkState};

use super::*;

/// No interface has these indices, so nothing is sent.
const LINK: u32 = 1 << 30;
const OTHER: u32 = 1 << 29;

fn interface(index: u32, address: &str) -> Interface {
    Interface {
        index,
        name: format!("none{index}"),
        addresses: vec![address.parse().unwrap()],
        kind: LinkKind::Broadcast,
        state: LinkState::Up,
        role: InterfaceRole::Ordinary,
    }
}

/// `Workshop` with two services, on these links.
fn publisher(now: Instant, links: &[u32]) -> Publisher {
    let addresses = ["10.0.0.1/24", "10.0.1.1/24"];
    let interfaces: Vec<_> =
        links.iter().zip(addresses).map(|(index, at)| interface(*index, at)).collect();
    let service = |service| PublishedService { service, port: 8000, txt: Txt::new() };
    let services = vec![service(ServiceType::http()), service(ServiceType::cooee())];
    let publication = Publication { name: "Workshop".into(), hostname: None, services };
    let mut publisher = Publisher::new();
    publisher.handle_interfaces(now, &interfaces);
    let listens_on = vec!["0.0.0.0".parse().unwrap()];
    publisher.publish(now, vec![Published { publication, listens_on }]);
    publisher
}

impl Publisher {
    fn link(&mut self, index: u32) -> Option<&mut Link> {
        self.links.iter_mut().find(|(of, _)| *of == index).map(|(_, link)| link)
    }

    /// Another host has the name on this link, and this one was found to be free there.
    fn meet(&mut self, now: Instant, on: u32, free: &str) {
        let taken = self.names[0].instance.clone();
        let heard = Heard { instances: vec![(taken, free.into())], ..Heard::default() };
        self.resolve(now, &[(on, heard)]);
    }

    /// All is announced on this link.
    fn announce(&mut self, now: Instant, on: u32) {
        let link = self.link(on).unwrap();
        link.feign_announced(now);
        // Begins with the second service.
        link.listen(now + Duration::from_secs(1));
        link.feign_announced(now);
        assert!(link.is_announced());
    }

    fn failed(&mut self) -> Vec<String> {
        let events = std::iter::from_fn(|| self.poll_event());
        let failed = events.filter_map(|event| match event {
            PublishEvent::Failed { interface, .. } => Some(interface),
            _ => None,
        });
        failed.collect()
    }
}

#[test]
fn a_service_that_was_announced_before_a_later_one_conflicted_says_goodbye() {
    let now = Instant::now();
    let mut publisher = publisher(now, &[LINK]);
    publisher.link(LINK).unwrap().feign_announced(now);
    publisher.meet(now, LINK, "Workshop (2)");
    assert!(publisher.link(LINK).unwrap().due().is_some(), "its addresses are said again");
}

#[test]
fn the_name_that_was_found_free_is_taken() {
    let now = Instant::now();
    let mut publisher = publisher(now, &[LINK]);
    publisher.meet(now, LINK, "Workshop (20)");
    assert_eq!(publisher.names()[0].instance, "Workshop (20)");
    publisher.meet(now, LINK, &"x".repeat(64));
    assert_eq!(publisher.names()[0].instance, "Workshop (21)");
}

#[test]
fn a_link_on_which_every_name_is_taken_takes_no_name_from_the_others() {
    let mut now = Instant::now();
    let mut publisher = publisher(now, &[LINK, OTHER]);
    for _ in 0..=Publisher::RENAMES_AT_ONCE {
        publisher.meet(now, LINK, "");
    }
    assert_eq!(publisher.failed(), [format!("none{LINK}")]);
    assert!(publisher.link(LINK).is_none());
    let name = publisher.names()[0].clone();
    for _ in 0..3 {
        let announced = publisher.link(OTHER).unwrap();
        assert!(announced.records().all(|record| record.instance == name.instance));
        publisher.announce(now, OTHER);
        now = publisher.retry.unwrap();
        publisher.handle_timeout(now);
        assert!(publisher.link(LINK).is_some(), "it is tried again");
        publisher.meet(now, LINK, "");
        assert_eq!(publisher.names()[0], name);
    }
}

#[test]
fn failures_are_forgotten_when_all_is_announced_again() {
    let mut now = Instant::now();
    let mut publisher = publisher(now, &[LINK]);
    let pause = |publisher: &mut Publisher, now| {
        publisher.fail(now, "none".into(), "a test".into());
        publisher.retry.unwrap() - now
    };
    let first = pause(&mut publisher, now);
    for _ in 0..2 {
        assert!(pause(&mut publisher, now) > first);
        now = publisher.retry.unwrap();
        publisher.announce(now, LINK);
        publisher.handle_timeout(now);
        assert_eq!(pause(&mut publisher, now), first);
    }
}

#[test]
fn a_service_that_was_withdrawn_and_comes_back_is_probed_for_again() {
    let now = Instant::now();
    let mut publisher = publisher(now, &[LINK]);
    let both = publisher.published.clone();
    let mut first = both.clone();
    first[0].publication.services.truncate(1);
    publisher.announce(now, LINK);
    publisher.publish(now, first);
    assert_eq!(publisher.link(LINK).unwrap().said(), 1);
    publisher.publish(now, both);
    let link = publisher.link(LINK).unwrap();
    assert_eq!(link.said(), 0, "a daemon that has withdrawn it takes its name for free");
    assert_eq!(link.records().count(), 2);
    assert!(!link.has_its_names());
    assert_eq!(link.hand_over(&[]).len(), 1, "the service that has gone on is ours");
}
