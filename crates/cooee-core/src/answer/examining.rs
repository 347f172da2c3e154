//! The test exchange, for a responder that allows it.

use std::time::Instant;

use super::{ProbeRefusal, ResponderEngine};
use crate::Datagram;
use crate::examine::{Examiner, ExchangeRefusal};
use crate::interface::Interface;

impl ResponderEngine {
    /// From now on answers test calls too, on a host with these interfaces. By default they are
    /// refused as [`ProbeRefusal::ExchangeOff`].
    pub fn allow_examination(&mut self, interfaces: &[Interface]) {
        self.examiner = Some(Examiner::new(interfaces));
    }

    pub(super) fn examine(
        &mut self,
        now: Instant,
        datagram: &Datagram<'_>,
    ) -> Result<(), ProbeRefusal> {
        let examiner = self.examiner.as_mut().ok_or(ProbeRefusal::ExchangeOff)?;
        let transmit = examiner.handle_datagram(now, datagram)?;
        self.counters.answered += 1;
        self.counters.answers += 1;
        self.transmits.push_back(transmit);
        Ok(())
    }
}

impl From<ExchangeRefusal> for ProbeRefusal {
    fn from(of: ExchangeRefusal) -> Self {
        match of {
            ExchangeRefusal::Malformed => Self::ExchangeMalformed,
            ExchangeRefusal::NotAllowed => Self::ExchangeNotAllowed,
            ExchangeRefusal::TooOften => Self::ExchangeTooOften,
        }
    }
}
