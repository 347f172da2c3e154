use std::collections::{BTreeMap, VecDeque};

use super::instance::AnnouncedKey;
use super::table::Announcement;

/// What is to be told of instances, one word for each: what has changed again before it was told is
/// told as it is now.
///
/// Holds no more than is in an [`AnnouncedTable`](super::AnnouncedTable) and what of it was told, however
/// long nobody asks.
#[derive(Debug, Clone, Default)]
pub struct News {
    waiting: BTreeMap<AnnouncedKey, Announcement>,
    order: VecDeque<AnnouncedKey>,
}

impl News {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what the table told.
    pub fn add(&mut self, news: Announcement) {
        use Announcement::{Changed, Found, Gone};
        let key = news.announced().key();
        let Some(before) = self.waiting.remove(&key) else {
            self.order.push_back(key.clone());
            self.waiting.insert(key, news);
            return;
        };
        let together = match (before, news) {
            (Found(_), Gone(_)) => None,
            (Found(_), Changed(now) | Found(now)) => Some(Found(now)),
            (Gone(_), Found(now)) => Some(Changed(now)),
            (_, now) => Some(now),
        };
        match together {
            Some(news) => drop(self.waiting.insert(key, news)),
            None => self.order.retain(|waiting| *waiting != key),
        }
    }

    /// The next word, in the order in which instances became news.
    pub fn poll(&mut self) -> Option<Announcement> {
        let key = self.order.pop_front()?;
        self.waiting.remove(&key)
    }

    /// How many words are waiting.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Announced, ServiceType};
    use super::Announcement::{Changed, Found, Gone};
    use super::*;

    fn named(name: &str, port: u16) -> Announced {
        Announced::new(name, ServiceType::http(), "host.local", port)
    }

    fn told(news: &[Announcement]) -> Vec<Announcement> {
        let mut waiting = News::new();
        news.iter().cloned().for_each(|news| waiting.add(news));
        let told: Vec<_> = std::iter::from_fn(|| waiting.poll()).collect();
        assert!(waiting.is_empty());
        told
    }

    #[test]
    fn what_changes_again_is_told_once_as_it_is() {
        let (one, two) = (named("A", 1), named("A", 2));
        for (news, is_told) in [
            (vec![Found(one.clone()), Changed(two.clone())], vec![Found(two.clone())]),
            (vec![Found(one.clone()), Gone(one.clone())], vec![]),
            (vec![Changed(one.clone()), Gone(one.clone())], vec![Gone(one.clone())]),
            (vec![Gone(one.clone()), Found(two.clone())], vec![Changed(two.clone())]),
        ] {
            assert_eq!(told(&news), is_told);
        }
    }

    #[test]
    fn others_keep_their_order() {
        let news = [named("B", 1), named("A", 1), named("C", 1)].map(Found);
        assert_eq!(told(&news), news);
    }
}
