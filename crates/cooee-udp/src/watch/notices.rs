//! What a routing socket (`route(4)` of BSD) tells.

/// Each notice begins so, whatever it is about: its length, the version, the type.
const HEADER: usize = 4;

/// Whether one of the notices is of one of the `types`. What cannot be read may be one.
pub(super) fn announce(mut notices: &[u8], version: u8, types: &[u8]) -> bool {
    while !notices.is_empty() {
        let [first, second, of_version, of_type, ..] = *notices else { return true };
        let length = usize::from(u16::from_ne_bytes([first, second]));
        if of_version != version || length < HEADER || types.contains(&of_type) {
            return true;
        }
        // The last may have been cut off: a buffer need not have room for all of it.
        notices = notices.get(length..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: u8 = 5;
    const ROUTE_ADDED: u8 = 0x1;
    const ADDRESS_ADDED: u8 = 0xc;
    const ADDRESS_GONE: u8 = 0xd;

    fn notice(length: u16, of_type: u8) -> Vec<u8> {
        let mut notice = length.to_ne_bytes().to_vec();
        notice.extend([VERSION, of_type]);
        notice.resize(length.max(4).into(), 0xaa);
        notice
    }

    fn announces(notices: &[Vec<u8>]) -> bool {
        announce(&notices.concat(), VERSION, &[ADDRESS_ADDED, ADDRESS_GONE])
    }

    #[test]
    fn addresses_that_come_and_go_are_announced_and_routes_are_not() {
        assert!(announces(&[notice(20, ADDRESS_ADDED)]));
        assert!(announces(&[notice(20, ADDRESS_GONE)]));
        assert!(!announces(&[notice(92, ROUTE_ADDED)]));
        assert!(!announces(&[]));
    }

    #[test]
    fn every_notice_of_several_counts() {
        assert!(announces(&[notice(92, ROUTE_ADDED), notice(20, ADDRESS_ADDED)]));
        assert!(!announces(&[notice(92, ROUTE_ADDED), notice(92, ROUTE_ADDED)]));
    }

    #[test]
    fn the_beginning_of_a_notice_is_enough() {
        let cut = |of_type| vec![notice(92, of_type)[..16].to_vec()];
        assert!(announces(&cut(ADDRESS_ADDED)));
        assert!(!announces(&cut(ROUTE_ADDED)));
    }

    #[test]
    fn what_cannot_be_read_may_be_a_change() {
        assert!(announces(&[notice(92, ROUTE_ADDED)[..3].to_vec()]));
        assert!(announces(&[notice(0, ROUTE_ADDED)]));
        assert!(announces(&[notice(3, ROUTE_ADDED)]));
        assert!(announce(&notice(92, ROUTE_ADDED), VERSION + 1, &[ADDRESS_ADDED]));
    }
}
