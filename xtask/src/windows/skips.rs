//! The tests that cannot pass under wine 8, and what it lacks that Windows has.

/// One test, by its full name in its program.
pub(super) struct Skip {
    pub(super) test: &'static str,
    pub(super) why: &'static str,
}

/// What to do about each.
pub(super) const FIX: &str = "run it on Windows";

const ANY_ADDRESS: &str = "wine binds to addresses that are not the host's";
const SOURCE: &str = "wine sends from an address of its own choice (no IP_PKTINFO in WSASendMsg)";
const NO_CONSOLE: &str = "wine has no console whose processes can be sent Ctrl-Break";
const ENDPOINT: &str = "wine has one row, of IPv6, for a socket that takes IPv4 too";

pub(super) const SKIPS: [Skip; 9] = [
    Skip { test: "a_port_has_one_owner_and_the_error_names_it", why: ANY_ADDRESS },
    Skip { test: "blocking::what_cannot_work_is_refused", why: ANY_ADDRESS },
    Skip { test: "serve::an_address_that_is_not_this_hosts_is_refused", why: ANY_ADDRESS },
    Skip { test: "tokio::what_cannot_work_is_refused", why: ANY_ADDRESS },
    Skip { test: "datagrams_arrive_with_source_destination_and_interface", why: SOURCE },
    Skip { test: "listeners::tests::a_listener_for_both_families_takes_both", why: ENDPOINT },
    // Over IPv4 and over IPv6.
    Skip { test: "a_refused_datagram_is_reported_and_the_rest_goes_out", why: SOURCE },
    Skip { test: "ctrl_break_ends_a_server_in_good_order", why: NO_CONSOLE },
    Skip { test: "ctrl_break_ends_a_search_with_what_it_has_found", why: NO_CONSOLE },
];
