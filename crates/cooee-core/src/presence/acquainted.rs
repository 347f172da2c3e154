//! Which neighbours were there before, so that those that turn up are called.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::limits;

/// An address, and the index of the interface on whose link it is.
type Neighbour = (IpAddr, u32);

/// The neighbours that a watch has seen, and in how many rounds they were new.
#[derive(Debug, Default)]
pub(super) struct Acquainted(BTreeMap<Neighbour, u8>);

impl Acquainted {
    /// The rounds in which a neighbour counts as new: one call may be lost.
    const NEW_FOR: u8 = 2;

    /// Those that are no news.
    pub(super) fn all(&self) -> Vec<Neighbour> {
        self.0.keys().copied().filter(|it| self.is_old(it)).collect()
    }

    fn is_old(&self, neighbour: &Neighbour) -> bool {
        match self.0.get(neighbour) {
            Some(&rounds) => rounds >= Self::NEW_FOR,
            // What there is no room for is not called again and again.
            None => self.0.len() >= limits::NEIGHBOURS_REMEMBERED,
        }
    }

    /// Those that are news, which they are a second time at the most.
    pub(super) fn meet(&mut self, resolved: &[Neighbour]) -> Vec<Neighbour> {
        let mut news = Vec::new();
        for neighbour in resolved {
            if !self.is_old(neighbour) {
                *self.0.entry(*neighbour).or_default() += 1;
                news.push(*neighbour);
            }
        }
        news
    }

    /// Takes those that are resolved now for old acquaintances.
    pub(super) fn know(&mut self, resolved: &[Neighbour]) {
        for neighbour in resolved {
            if !self.is_old(neighbour) {
                self.0.insert(*neighbour, Self::NEW_FOR);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_is_news_twice_and_one_from_the_beginning_never() {
        let (old, new) = ((IpAddr::from([10, 0, 0, 1]), 2), (IpAddr::from([10, 0, 0, 2]), 2));
        let mut acquainted = Acquainted::default();
        acquainted.know(&[old]);
        assert_eq!(acquainted.meet(&[old, new]), [new]);
        assert_eq!(acquainted.all(), [old]);
        assert_eq!(acquainted.meet(&[old, new]), [new]);
        assert_eq!(acquainted.meet(&[old, new]), []);
    }

    #[test]
    fn a_flood_of_neighbours_is_not_remembered() {
        let each = |n: u32| (IpAddr::from(n.to_be_bytes()), 2);
        let flood: Vec<_> = (0..2 * limits::NEIGHBOURS_REMEMBERED as u32).map(each).collect();
        let mut acquainted = Acquainted::default();
        assert_eq!(acquainted.meet(&flood).len(), limits::NEIGHBOURS_REMEMBERED);
        assert_eq!(acquainted.0.len(), limits::NEIGHBOURS_REMEMBERED);
    }
}
