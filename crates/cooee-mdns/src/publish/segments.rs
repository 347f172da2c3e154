//! Interfaces of this host that are on one segment, though no address tells.

use super::links::{LinkAddresses, is_unplaced, is_where_it_was};
use cooee_core::limits;

/// Pairs of interfaces that are taken to be on one segment.
///
/// Their daemons hear each other, and each takes the other's addresses for those of another host that has
/// the name. What a daemon has heard is not told; so a conflict is first taken for one with ourselves,
/// and each of the two names the addresses of both. If that does not end it, another host has the name.
#[derive(Debug, Default)]
pub(super) struct Segments {
    joined: Vec<Joined>,
    /// Those that were taken to be on one segment in vain, for the name as it is.
    apart: Vec<[u32; 2]>,
    /// Those for names before, the latest last: they come last to be tried again.
    tried: Vec<[u32; 2]>,
}

#[derive(Debug)]
struct Joined {
    links: [u32; 2],
    /// Both have announced the name since.
    is_certain: bool,
}

impl Segments {
    /// How often a link may be wrong about itself before it takes another name.
    const GUESSES: usize = 3;

    /// The link with all that may be named there.
    pub(super) fn whole(&self, link: &LinkAddresses, links: &[LinkAddresses]) -> LinkAddresses {
        let mut whole = link.clone();
        let segment = self.segment(link.index);
        for other in links.iter().filter(|other| segment.contains(&other.index)) {
            for address in &other.addresses {
                if !whole.addresses.contains(address) {
                    whole.addresses.push(*address);
                }
            }
        }
        whole.addresses.truncate(limits::PUBLISHED_ADDRESSES_MAX);
        whole
    }

    /// This link and all that are joined with it, also by way of others: were one of them to name fewer
    /// addresses than the rest, they would contradict each other for ever.
    fn segment(&self, index: u32) -> Vec<u32> {
        let mut segment = vec![index];
        let mut at = 0;
        while let Some(of) = segment.get(at).copied() {
            for pair in self.joined.iter().filter(|pair| pair.links.contains(&of)) {
                for other in pair.links {
                    if !segment.contains(&other) {
                        segment.push(other);
                    }
                }
            }
            at += 1;
        }
        segment
    }

    /// Whether the conflicts on these links may be with ourselves, and each of the links has changed.
    pub(super) fn guess(&mut self, conflicts: &[u32], links: &[LinkAddresses]) -> bool {
        let is_wrong = |pair: &mut Joined| {
            !pair.is_certain && conflicts.iter().any(|index| pair.links.contains(index))
        };
        self.apart.extend(self.joined.extract_if(.., is_wrong).map(|pair| pair.links));
        for index in conflicts {
            if !self.is_guessed(*index)
                && let Some(other) = self.candidate(*index, conflicts, links)
            {
                self.joined.push(Joined { links: [*index, other], is_certain: false });
            }
        }
        conflicts.iter().any(|index| self.is_guessed(*index))
    }

    fn is_guessed(&self, index: u32) -> bool {
        self.joined.iter().any(|pair| !pair.is_certain && pair.links.contains(&index))
    }

    /// Which link may be on one segment with this one: rather one that was not tried before, and one that
    /// has a conflict too.
    fn candidate(&self, index: u32, conflicts: &[u32], links: &[LinkAddresses]) -> Option<u32> {
        let wrong = self.apart.iter().filter(|pair| pair.contains(&index)).count();
        let link = links.iter().find(|link| link.index == index && wrong < Self::GUESSES)?;
        let is_known = |other: u32| {
            let mut pairs = self.joined.iter().map(|pair| &pair.links).chain(&self.apart);
            pairs.any(|pair| pair.contains(&index) && pair.contains(&other))
        };
        let may_be = |other: &&LinkAddresses| {
            let is_other = other.index != index && !is_known(other.index);
            is_other && (is_unplaced(link) || is_unplaced(other))
        };
        let order = |other: &u32| {
            let is_pair = |pair: &[u32; 2]| pair.contains(&index) && pair.contains(other);
            (self.tried.iter().position(is_pair), !conflicts.contains(other))
        };
        links.iter().filter(may_be).map(|other| other.index).min_by_key(order)
    }

    /// Takes those for certain whose links have both announced.
    pub(super) fn confirm(&mut self, is_announced: impl Fn(u32) -> bool) {
        for pair in &mut self.joined {
            pair.is_certain |= pair.links.iter().all(|index| is_announced(*index));
        }
    }

    /// Another name begins anew: what was in vain for the last one may have been another host's doing. But
    /// the next guesses are others, as long as there are any.
    pub(super) fn handle_rename(&mut self) {
        self.tried
            .retain(|pair| !self.apart.iter().any(|[a, b]| pair.contains(a) && pair.contains(b)));
        self.tried.append(&mut self.apart);
    }

    /// Keeps what is certain of the links that are left where they were. Returns those that were on one
    /// segment with others and have moved: whether they still are is not known.
    pub(super) fn handle_links(
        &mut self,
        before: &[LinkAddresses],
        links: &[LinkAddresses],
    ) -> Vec<u32> {
        self.joined.retain(|pair| pair.is_certain);
        self.apart.clear();
        self.tried.clear();
        let of =
            |all: &[LinkAddresses], index| all.iter().find(|link| link.index == index).cloned();
        let is_left = |index: &u32| match (of(before, *index), of(links, *index)) {
            (Some(before), Some(now)) => is_where_it_was(&before, &now),
            _ => false,
        };
        let mut moved: Vec<u32> = self.joined.iter().flat_map(|pair| pair.links).collect();
        moved.sort_unstable();
        moved.dedup();
        moved.retain(|index| !is_left(index));
        moved.iter().for_each(|index| self.part(*index));
        moved.retain(|index| of(links, *index).is_some());
        moved
    }

    /// Takes a link out of its segment; the rest stay joined.
    fn part(&mut self, index: u32) {
        let pairs = self.joined.extract_if(.., |pair| pair.links.contains(&index));
        let others = pairs.flat_map(|pair| pair.links).filter(|other| *other != index);
        let others: Vec<u32> = others.collect();
        let joined = |two: &[u32]| Joined { links: [two[0], two[1]], is_certain: true };
        self.joined.extend(others.windows(2).map(joined));
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn link(index: u32, addresses: &[&str]) -> LinkAddresses {
        let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
        LinkAddresses { index, name: format!("eth{index}"), addresses }
    }

    fn named(segments: &Segments, index: usize, links: &[LinkAddresses]) -> String {
        let whole = segments.whole(&links[index], links);
        whole.addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn two_that_contradict_each_other_name_the_addresses_of_both() {
        let links = [link(0, &["fe80::1"]), link(1, &["fe80::2"])];
        let mut segments = Segments::default();
        assert_eq!(named(&segments, 0, &links), "fe80::1");
        assert!(segments.guess(&[0, 1], &links));
        assert_eq!(named(&segments, 0, &links), "fe80::1 fe80::2");
        assert_eq!(named(&segments, 1, &links), "fe80::2 fe80::1");
        segments.confirm(|_| true);
        // From now on a conflict is another host's.
        assert!(!segments.guess(&[0], &links));
        assert_eq!(named(&segments, 0, &links), "fe80::1 fe80::2");
        assert!(segments.handle_links(&links, &links[..1]).is_empty());
        assert_eq!(named(&segments, 0, &links), "fe80::1");
    }

    #[test]
    fn a_link_that_moves_is_not_known_to_be_on_the_segment() {
        let unplaced = [link(0, &["fe80::1"]), link(1, &["fe80::2"])];
        let with_one = |addresses: &[&str]| [link(0, &["fe80::1"]), link(1, addresses)];
        let placed = with_one(&["10.0.1.1", "fe80::2"]);
        for (before, after, moves) in [
            (&unplaced, with_one(&["fe80::2", "169.254.0.1"]), false),
            (&unplaced, with_one(&["fe80::3"]), true),
            (&unplaced, with_one(&["10.0.1.1", "fe80::2"]), true),
            (&placed, with_one(&["10.0.1.1", "2001:db8::1", "fe80::2"]), false),
            (&placed, with_one(&["10.0.2.1", "fe80::2"]), true),
            (&placed, with_one(&["fe80::2"]), true),
        ] {
            let mut segments = Segments::default();
            assert!(segments.guess(&[0, 1], before));
            segments.confirm(|_| true);
            let moved = segments.handle_links(before, &after);
            assert_eq!(moved == [1], moves, "{after:?}");
            assert_eq!(named(&segments, 0, &after) == "fe80::1", moves, "{after:?}");
        }
    }

    #[test]
    fn the_rest_of_a_segment_stays_joined_without_a_link() {
        let links = [link(0, &["fe80::1"]), link(1, &["fe80::2"]), link(2, &["fe80::3"])];
        let mut segments = Segments::default();
        assert!(segments.guess(&[0, 1, 2], &links));
        segments.confirm(|_| true);
        assert!(segments.handle_links(&links, &links[1..]).is_empty());
        assert_eq!(named(&segments, 1, &links), "fe80::2 fe80::3");
    }

    #[test]
    fn three_on_one_segment_name_the_addresses_of_all() {
        let links = [link(0, &["fe80::1"]), link(1, &["fe80::2"]), link(2, &["fe80::3"])];
        let mut segments = Segments::default();
        assert!(segments.guess(&[0, 1, 2], &links));
        assert_eq!(named(&segments, 0, &links), "fe80::1 fe80::2 fe80::3");
        assert_eq!(named(&segments, 1, &links), "fe80::2 fe80::1 fe80::3");
        assert_eq!(named(&segments, 2, &links), "fe80::3 fe80::1 fe80::2");
    }

    #[test]
    fn two_that_have_a_conflict_are_taken_for_a_pair_first() {
        let links = [link(0, &["fe80::1"]), link(1, &["fe80::2"]), link(2, &["fe80::3"])];
        let mut segments = Segments::default();
        assert!(segments.guess(&[1, 2], &links));
        assert_eq!(named(&segments, 1, &links), "fe80::2 fe80::3");
        assert_eq!(named(&segments, 0, &links), "fe80::1");
    }

    #[test]
    fn another_name_goes_on_with_the_guesses_that_are_left() {
        let addresses: Vec<String> = (0..6).map(|n| format!("fe80::{n}")).collect();
        let links: Vec<_> = (0..6).map(|n| link(n, &[&addresses[n as usize]])).collect();
        let mut segments = Segments::default();
        let mut guessed = Vec::new();
        for _ in 0..3 {
            while segments.guess(&[0], &links) {
                guessed.push(named(&segments, 0, &links).split_off("fe80:: fe80::".len()));
            }
            segments.handle_rename();
        }
        assert_eq!(guessed, ["1", "2", "3", "4", "5", "1", "2", "3", "4"]);
    }

    #[test]
    fn a_conflict_that_stays_is_another_hosts() {
        let links = [link(0, &["fe80::1"]), link(1, &["fe80::2"]), link(2, &["fe80::3"])];
        let mut segments = Segments::default();
        assert!(segments.guess(&[0], &links));
        segments.confirm(|index| index != 0);
        assert!(segments.guess(&[0], &links));
        assert_eq!(named(&segments, 0, &links), "fe80::1 fe80::3");
        assert!(!segments.guess(&[0], &links));
        assert_eq!(named(&segments, 0, &links), "fe80::1");
        segments.handle_rename();
        assert!(segments.guess(&[0], &links));
    }

    #[test]
    fn a_host_of_many_links_does_not_guess_for_ever() {
        let addresses: Vec<String> = (0..9).map(|n| format!("fe80::{n}")).collect();
        let links: Vec<_> = (0..9).map(|n| link(n, &[&addresses[n as usize]])).collect();
        let mut segments = Segments::default();
        let guesses = (0..9).take_while(|_| segments.guess(&[0], &links)).count();
        assert_eq!(guesses, Segments::GUESSES);
    }

    #[test]
    fn networks_that_differ_are_different_segments() {
        let links = [link(0, &["10.0.0.1", "fe80::1"]), link(1, &["10.0.1.1", "fe80::2"])];
        assert!(!Segments::default().guess(&[0, 1], &links));
    }
}
