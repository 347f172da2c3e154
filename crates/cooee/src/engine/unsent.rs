//! Datagrams that the system refused to send.

use std::io;
use std::net::IpAddr;
use std::time::Instant;

use cooee_core::{Unsent, limits};
use cooee_udp::{SendFailure, may_be_withheld};

use super::log_limit::LogLimit;

pub(super) fn why_unsent(error: &io::Error) -> Unsent {
    /// `ENOBUFS` of Linux, the BSDs and macOS, and `WSAENOBUFS`.
    const NO_BUFFERS: [i32; 3] = [105, 55, 10_055];
    let is_full = error.raw_os_error().is_some_and(|number| NO_BUFFERS.contains(&number));
    if is_full || error.kind() == io::ErrorKind::WouldBlock {
        Unsent::NoRoom
    } else {
        Unsent::Refused
    }
}

/// What the log adds to the system's own words.
pub(super) fn hint(error: &io::Error) -> &'static str {
    if may_be_withheld(error) {
        "; macOS may not let this program reach the local network: see System Settings > Privacy & \
         Security > Local Network"
    } else {
        ""
    }
}

/// Logs an answer that was not sent, unless there are too many.
pub(super) fn log_answer(log: &mut LogLimit, now: Instant, failure: &SendFailure<'_>) {
    if let Some(held_back) = log.admit(now) {
        let (asker, error) = (failure.transmit.destination, &failure.error);
        tracing::warn!(%asker, %error, held_back, "an answer was not sent{}", hint(error));
    }
}

/// The addresses to which the system may keep this program from sending, some of them.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    addresses: Vec<IpAddr>,
}

impl Withheld {
    /// Says whether the failure was of that kind, and of an address that is new.
    pub(super) fn note(&mut self, failure: &SendFailure<'_>) -> bool {
        may_be_withheld(&failure.error) && self.add(failure.transmit.destination.ip())
    }

    pub(super) fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    fn add(&mut self, address: IpAddr) -> bool {
        let is_new =
            self.addresses.len() < limits::REJECTED_MAX && !self.addresses.contains(&address);
        if is_new {
            self.addresses.push(address);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_news_once_and_their_number_is_bounded() {
        let mut withheld = Withheld::default();
        let address = |last: usize| IpAddr::from([10, 0, 0, u8::try_from(last).expect("small")]);
        assert!(withheld.add(address(1)));
        assert!(!withheld.add(address(1)));
        assert!((2..200).filter(|&last| withheld.add(address(last))).count() < 100);
        assert_eq!(withheld.addresses().len(), limits::REJECTED_MAX);
    }
}
