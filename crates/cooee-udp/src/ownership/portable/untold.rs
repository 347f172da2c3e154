//! Systems that do not tell who has a port.

use std::net::SocketAddrV4;

use crate::ownership::bound::Bound;
use crate::ownership::owner::Owner;

pub(in crate::ownership) fn bound(_: SocketAddrV4) -> Vec<Bound> {
    Vec::new()
}

pub(in crate::ownership) fn all_bound(_: SocketAddrV4) -> Option<Vec<Bound>> {
    None
}

pub(in crate::ownership) fn holders(_: &[Bound], _: usize) -> Vec<Owner> {
    Vec::new()
}

pub(in crate::ownership) fn holder(_: &[Bound]) -> Option<Owner> {
    None
}

pub(in crate::ownership) fn holds(_: &Owner, _: &[Bound]) -> bool {
    false
}
