use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::instance::{Announced, AnnouncedKey};
use crate::limits;

/// What changed among the instances that DNS-SD tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Announcement {
    /// An instance is there.
    Found(Announced),
    /// A known instance has another host, port, address or text.
    Changed(Announced),
    /// An instance said goodbye, or was not heard for its time to live; as it was last.
    Gone(Announced),
}

impl Announcement {
    /// The instance.
    pub fn announced(&self) -> &Announced {
        match self {
            Self::Found(announced) | Self::Changed(announced) | Self::Gone(announced) => announced,
        }
    }
}

/// How many instances were heard of, and not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct HeardRefusals {
    /// Without a name, a host, a port or an address, or with ones that nothing can have.
    pub unsound: u64,
    /// Beyond [`limits::ANNOUNCED_MAX`].
    pub table_full: u64,
}

/// The instances that are there now, out of what is heard of them.
///
/// Whatever is heard, each instance is told of in order: found, changed any number of times, gone; and
/// nothing is told that is not news.
#[derive(Debug, Clone, Default)]
pub struct AnnouncedTable {
    instances: BTreeMap<AnnouncedKey, Announced>,
    refusals: HeardRefusals,
}

impl AnnouncedTable {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note of an instance as it is now. Returns what is news.
    ///
    /// One that cannot be connected to any more is gone.
    pub fn hear(&mut self, announced: Announced) -> Option<Announcement> {
        let key = announced.key();
        if !announced.is_sound() {
            self.refusals.unsound += 1;
            return self.forget(&key);
        }
        let room = self.instances.len() < limits::ANNOUNCED_MAX;
        match self.instances.entry(key) {
            Entry::Occupied(known) if *known.get() == announced => None,
            Entry::Occupied(mut known) => {
                known.insert(announced.clone());
                Some(Announcement::Changed(announced))
            }
            Entry::Vacant(free) if room => {
                free.insert(announced.clone());
                Some(Announcement::Found(announced))
            }
            Entry::Vacant(_) => {
                self.refusals.table_full += 1;
                None
            }
        }
    }

    /// Takes note that an instance is gone. Returns what is news.
    pub fn forget(&mut self, key: &AnnouncedKey) -> Option<Announcement> {
        self.instances.remove(key).map(Announcement::Gone)
    }

    /// The instances that are there, by name and type.
    pub fn iter(&self) -> impl Iterator<Item = &Announced> {
        self.instances.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.instances.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
    }

    /// What was not taken so far.
    pub fn refusals(&self) -> HeardRefusals {
        self.refusals
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AnnouncedAddress, ServiceType};
    use super::*;

    fn named(name: &str, port: u16) -> Announced {
        let address = AnnouncedAddress { ip: [192, 0, 2, 1].into(), interface: None };
        Announced::new(name, ServiceType::http(), "host.local", port).with_addresses([address])
    }

    #[test]
    fn an_instance_is_found_once_changed_and_gone() {
        let mut table = AnnouncedTable::new();
        assert_eq!(table.hear(named("A", 1)), Some(Announcement::Found(named("A", 1))));
        assert_eq!(table.hear(named("A", 1)), None);
        assert_eq!(table.hear(named("a", 2)), Some(Announcement::Changed(named("a", 2))));
        let key = AnnouncedKey::new("A", ServiceType::http());
        assert_eq!(table.forget(&key), Some(Announcement::Gone(named("a", 2))));
        assert_eq!(table.forget(&key), None);
        assert!(table.is_empty());
    }

    #[test]
    fn one_that_loses_its_addresses_is_gone() {
        let mut table = AnnouncedTable::new();
        table.hear(named("A", 1));
        let news = table.hear(named("A", 1).with_addresses([]));
        assert_eq!(news, Some(Announcement::Gone(named("A", 1))));
        assert_eq!(table.refusals().unsound, 1);
    }

    #[test]
    fn a_flood_of_names_fills_the_table_and_no_more() {
        let mut table = AnnouncedTable::new();
        let told =
            (0..2 * limits::ANNOUNCED_MAX).filter_map(|n| table.hear(named(&n.to_string(), 1)));
        assert_eq!(told.count(), limits::ANNOUNCED_MAX);
        assert_eq!(table.len(), limits::ANNOUNCED_MAX);
        assert_eq!(table.refusals().table_full, limits::ANNOUNCED_MAX as u64);
        assert!(table.hear(named("0", 2)).is_some(), "those that are known still change");
    }
}
