//! One suite, run against the blocking and the tokio driver: they behave the same.
#![allow(clippy::unwrap_used, missing_docs)]

mod blocking;
mod checks;
mod given;
#[cfg(target_os = "linux")]
mod offers;
mod presence;
mod pulse;
mod storms;
mod suite;
#[cfg(feature = "tokio")]
mod tokio;

use std::net::SocketAddr;

use cooee::{
    DiscoverError, Discovery, Found, Presence, Responder, Server, StartError, State, Stats,
};

/// A way to run the library.
trait Driver {
    type Running: Running;

    fn new() -> Self;
    fn start(&self, responder: Responder) -> Result<Self::Running, StartError>;
    fn run(&self, discovery: &Discovery) -> Result<Found, DiscoverError>;
    fn first(&self, discovery: &Discovery) -> Result<Option<Server>, DiscoverError>;
    /// The first `count` servers as they arrive, after which the rest is dropped.
    fn take(&self, discovery: &Discovery, count: usize) -> Result<Vec<Server>, DiscoverError>;
    /// Every server as it arrives, with something done about each.
    fn each(&self, discovery: &Discovery, act: impl FnMut(&Server)) -> Result<(), DiscoverError>;
    /// What happens to servers, until `act` says no.
    fn watch(
        &self,
        discovery: &Discovery,
        act: impl FnMut(&Presence) -> bool,
    ) -> Result<(), DiscoverError>;
    fn stop(&self, running: Self::Running) -> Stats;
}

trait Running {
    fn stats(&self) -> Stats;
    fn state(&self) -> State;
    fn local_addr(&self) -> Option<SocketAddr>;
}

/// Makes every test of the suite a test of one driver.
macro_rules! run_suite {
    ($driver:ty: $($file:ident: $($test:ident),* $(,)?);* $(;)?) => {
        $($(#[test] fn $test() { crate::$file::$test::<$driver>(); })*)*
    };
    ($driver:ty) => {
        crate::run_suite! { $driver: suite:
            a_client_finds_a_server,
            the_first_answer_is_enough,
            servers_arrive_as_they_answer,
            who_answers_while_the_program_is_busy_past_the_end_is_given,
            nobody_there_takes_the_whole_timeout,
            noise_does_not_move_the_deadline,
            a_taken_port_names_its_owner,
            who_stands_by_takes_over,
            who_stands_by_can_be_stopped,
            what_is_refused_is_counted,
            what_is_answered_is_told,
            a_stopped_responder_frees_its_port,
            what_cannot_work_is_refused,
            a_host_that_refuses_is_resolved_at_once,
            a_service_names_its_own_address,
            custom_texts_are_used,
            a_service_on_loopback_is_answered_for_on_loopback,
            a_panicking_observer_is_survived;
            checks:
            a_server_that_listens_is_live_and_one_that_does_not_is_marked,
            a_server_is_yielded_when_it_was_checked,
            the_first_server_that_accepts_a_connection_is_enough,
            no_server_is_first_where_none_accepts_connections,
            the_address_that_accepts_a_connection_is_the_one_to_use;
            given:
            a_given_socket_is_answered_on,
            a_given_socket_needs_no_guard,
            a_given_socket_that_does_not_fit_is_refused;
            presence:
            a_server_is_seen_to_come_and_go;
            pulse:
            the_pulse_beats_while_it_answers,
            the_pulse_stays_away_when_the_responder_hangs,
            the_pulse_beats_while_it_stands_by;
            storms:
            clients_that_asked_and_left_keep_nobody_waiting,
            hosts_that_refuse_do_not_delay_a_discovery,
        }
    };
}
pub(crate) use run_suite;

/// The same for what only Linux can do: answering for processes that stand by.
#[cfg(target_os = "linux")]
macro_rules! run_offers {
    ($driver:ty) => {
        crate::run_suite! { $driver:
            offers:
            who_stands_by_is_answered_for,
            one_service_is_answered_for_once,
            a_service_that_stops_is_not_answered_for,
            a_service_that_does_not_listen_is_not_named,
            who_offers_is_told_that_nothing_listens
        }
    };
}
#[cfg(target_os = "linux")]
pub(crate) use run_offers;
