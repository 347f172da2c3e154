//! What is heard of DNS-SD: a reader of the news, however seldom it reads, ends up with what there is, and
//! reads of each instance in order: found, changed, gone.
//!
//! An input is a list of operations: an instance is heard as it is now, an instance is gone, or some news is
//! taken. Its bytes are names, TXT records and addresses as well.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cooee_core::announced::{
    Announced, AnnouncedAddress, AnnouncedKey, AnnouncedTable, Announcement, Marker, News,
    ServiceType, Txt, check_host_label, host_label, instance_in, shown,
};
use cooee_core::limits;

use crate::take;

/// Takes one input.
///
/// # Panics
/// When a promise is broken.
pub fn run(input: &[u8]) {
    let mut rest = input;
    let mut hearing = Hearing::default();
    while !rest.is_empty() {
        let operation = take::byte(&mut rest);
        match operation % 4 {
            0 | 1 => hearing.hear(instance(&mut rest)),
            2 => hearing.forget(&instance(&mut rest).key()),
            _ => hearing.take(usize::from(operation >> 2)),
        }
    }
    hearing.take(usize::MAX);
    let told: Vec<_> = hearing.told.values().cloned().collect();
    let there: Vec<_> = hearing.table.iter().cloned().collect();
    assert_eq!(told, there);
    names(&String::from_utf8_lossy(input));
}

#[derive(Default)]
struct Hearing {
    table: AnnouncedTable,
    news: News,
    /// What somebody knows who only hears the news.
    told: BTreeMap<AnnouncedKey, Announced>,
}

impl Hearing {
    fn hear(&mut self, announced: Announced) {
        check(&announced);
        let news = self.table.hear(announced);
        self.note(news);
    }

    fn forget(&mut self, key: &AnnouncedKey) {
        let news = self.table.forget(key);
        self.note(news);
    }

    fn note(&mut self, news: Option<Announcement>) {
        news.into_iter().for_each(|news| self.news.add(news));
        assert!(self.table.len() <= limits::ANNOUNCED_MAX);
        assert!(self.news.len() <= self.table.len() + self.told.len());
    }

    fn take(&mut self, most: usize) {
        for _ in 0..most {
            let Some(news) = self.news.poll() else { return };
            let key = news.announced().key();
            match news {
                Announcement::Found(now) => assert_eq!(self.told.insert(key, now), None),
                Announcement::Changed(now) => assert!(self.told.insert(key, now).is_some()),
                Announcement::Gone(_) => assert!(self.told.remove(&key).is_some()),
                _ => {}
            }
        }
    }
}

/// An instance out of few, so that they are met again.
pub(crate) fn instance(rest: &mut &[u8]) -> Announced {
    let (who, what) = (take::byte(rest), take::byte(rest));
    let length = usize::from(take::byte(rest));
    let service = if who & 8 == 0 { ServiceType::http() } else { ServiceType::cooee() };
    let name = format!("{}{}", ["", "Ä", "\u{1b}", "x"][usize::from(who & 3)], who >> 5);
    let addresses: Vec<_> = (0..what % 5)
        .map(|n| AnnouncedAddress {
            ip: address(what.wrapping_mul(n + 1)),
            interface: (n & 1 == 0).then_some(u32::from(n)),
        })
        .collect();
    let text = take::bytes(rest, length);
    let pairs = text.split(|byte| *byte == b'\n').filter_map(|pair| {
        let (key, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], Some(&pair[at + 1..])),
            None => (pair, None),
        };
        Some((str::from_utf8(key).ok()?, value))
    });
    Announced::new(name, service, "host.local", u16::from(what))
        .with_addresses(addresses)
        .with_txt(Txt::heard(pairs))
}

fn address(byte: u8) -> IpAddr {
    match byte % 4 {
        0 => Ipv4Addr::new(10, 0, 0, byte).into(),
        1 => Ipv4Addr::new(byte, 0, 0, 1).into(),
        2 => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, byte.into()).into(),
        _ => Ipv6Addr::from_bits(byte.into()).into(),
    }
}

fn check(announced: &Announced) {
    assert!(announced.addresses.len() <= limits::ANNOUNCED_ADDRESSES_MAX);
    assert!(announced.txt.len() <= limits::TXT_HEARD_MAX);
    assert!(announced.addresses.iter().all(|address| !address.ip.is_loopback()));
    let Some(marker) = Marker::read(announced) else { return };
    assert!(marker.services.iter().all(|(_, port)| *port != 0));
    let record = marker.record(9999);
    assert!(record.txt.len() <= limits::TXT_MAX);
    let again = Announced::new("x", record.service, "x.local", 9999).with_txt(record.txt);
    let again = Marker::read(&again).expect("it is a marker");
    assert!(marker.services.starts_with(&again.services));
}

fn names(text: &str) {
    assert!(!shown(text).contains(|c: char| c.is_control() || c == '\u{202e}'));
    assert_eq!(check_host_label(&host_label(text)), Ok(()));
    if let Ok(service) = text.parse::<ServiceType>() {
        assert_eq!(service.to_string().parse(), Ok(service.clone()));
        assert_eq!(instance_in(&format!("{text}.{}", service.domain()), &service), Some(text));
    }
}
