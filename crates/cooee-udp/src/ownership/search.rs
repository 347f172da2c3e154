//! Who keeps a port from being bound.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};

use super::bound::Bound;
use super::owner::Owner;
use super::sys::{self, ProcessEnd, Vigil};

/// Who has a port, if we may see that process; of several, the `guardian`: a service manager keeps
/// the sockets that it has passed on.
pub(super) fn owner_of(address: SocketAddrV4, guardian: Option<&Owner>) -> Option<Owner> {
    let bound = sys::bound(address);
    match guardian.filter(|guardian| sys::holds(guardian, &bound)) {
        Some(guardian) => Some(guardian.clone()),
        None => search(&bound).or_else(|| owner_of_rival(address, &bound)?.owner()),
    }
}

fn search(bound: &[Bound]) -> Option<Owner> {
    if bound.is_empty() { None } else { sys::holder(bound) }
}

/// A vigil behind one of us that has the port by another address, which excludes ours.
pub(super) fn owner_of_rival(address: SocketAddrV4, bound: &[Bound]) -> Option<Vigil> {
    rivals(address, bound).into_iter().find_map(Vigil::behind_owner)
}

/// The addresses of the same port that exclude ours: the unspecified one and a specific one each
/// other, two specific ones not.
fn rivals(address: SocketAddrV4, bound: &[Bound]) -> Vec<SocketAddrV4> {
    /// A host may have a program on each of very many addresses.
    const MOST: usize = 32;
    let at = |ip| SocketAddrV4::new(ip, address.port());
    if !address.ip().is_unspecified() {
        return vec![at(Ipv4Addr::UNSPECIFIED)];
    }
    let specific = bound.iter().filter_map(|socket| match socket.ip {
        IpAddr::V4(ip) if !ip.is_unspecified() => Some(at(ip)),
        _ => None,
    });
    specific.take(MOST).collect()
}

/// A search for the owner of a port that remembers what it found, since it reads the descriptors
/// of every process.
#[derive(Debug, Default)]
pub(super) struct Search {
    made_for: Option<Vec<Bound>>,
    found: Option<(Owner, Option<ProcessEnd>)>,
}

impl Search {
    /// Whether there is a reason to look that cannot wait.
    pub(super) fn is_due(&self) -> bool {
        self.made_for.is_none() || self.end().is_some_and(ProcessEnd::has_come)
    }

    /// Searches, unless the sockets are those that the last search was made for, and whom it found
    /// still lives.
    pub(super) fn look(&mut self, bound: Vec<Bound>) {
        self.look_with(bound, search);
    }

    fn look_with(&mut self, bound: Vec<Bound>, search: impl FnOnce(&[Bound]) -> Option<Owner>) {
        let is_same = self.made_for.as_ref() == Some(&bound);
        if is_same && !self.end().is_some_and(ProcessEnd::has_come) {
            return;
        }
        self.found = search(&bound).map(|owner| {
            let end = ProcessEnd::of(owner.pid);
            (owner, end)
        });
        self.made_for = Some(bound);
    }

    /// Whom the last search found.
    pub(super) fn owner(&self) -> Option<&Owner> {
        self.found.as_ref().map(|(owner, _)| owner)
    }

    /// Tells of the end of that process, where the system does.
    pub(super) fn end(&self) -> Option<&ProcessEnd> {
        self.found.as_ref()?.1.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sockets(inodes: &[u64]) -> Vec<Bound> {
        let ip = Ipv4Addr::UNSPECIFIED.into();
        inodes.iter().map(|&inode| Bound { ip, inode }).collect()
    }

    #[test]
    fn an_owner_that_cannot_be_seen_is_searched_for_once_for_each_socket() {
        let (mut search, mut searches) = (Search::default(), 0);
        let mut look = |search: &mut Search, inodes: &[u64]| {
            search.look_with(sockets(inodes), |_| {
                searches += 1;
                None
            });
            searches
        };
        assert!(search.is_due());
        assert_eq!(look(&mut search, &[7]), 1);
        assert_eq!(look(&mut search, &[7]), 1, "the same socket");
        assert!(!search.is_due());
        assert_eq!(look(&mut search, &[8]), 2, "another one");
        assert_eq!(look(&mut search, &[]), 3);
        assert_eq!(look(&mut search, &[8]), 4);
        assert_eq!(search.owner(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_socket_that_outlives_the_process_which_was_found_is_searched_for_again() {
        let mut found = std::process::Command::new("sleep").arg("60").spawn().expect("it runs");
        let owner = |pid| Owner { pid, name: None };
        let (mut search, pid) = (Search::default(), found.id());
        search.look_with(sockets(&[7]), |_| Some(owner(pid)));
        assert!(!search.is_due());
        search.look_with(sockets(&[7]), |_| panic!("it lives"));

        found.kill().expect("it is ours");
        found.wait().expect("it is ours");
        assert!(search.is_due());
        search.look_with(sockets(&[7]), |_| Some(owner(std::process::id())));
        assert_eq!(search.owner(), Some(&owner(std::process::id())));
    }
}
