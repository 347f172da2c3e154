//! What the engine makes of a datagram.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use tracing::{debug, trace};

use super::attendance::Calls;
use super::occasion::{Occasion, RungId};
use super::outcome::Ended;
use super::record::{Answer, Judged};
use super::refusals::AnswerRefusal;
use super::rung::Rung;
use super::servers::Heard;
use super::{DiscoveryEngine, DiscoveryEvent};
use crate::address::may_be_a_host;
use crate::wire::{Codec, Family, Reply, ReplyError};
use crate::{Datagram, Wait};

impl DiscoveryEngine {
    /// Takes one datagram: an answer, or one to be refused and counted.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &Datagram<'_>) {
        if self.ended.is_some() {
            return;
        }
        let source = datagram.source;
        match self.take(now, datagram) {
            Ok(Heard::First(delay)) => {
                self.tally.answers += 1;
                debug!(%source, ?delay, "a server answered");
                self.settle.note_news(now, delay);
            }
            Ok(Heard::Again | Heard::Elsewhere) => {
                trace!(%source, "a server answered again");
                self.tally.answers += 1;
            }
            Err(why) => self.refuse(datagram, why),
        }
        if self.is_satisfied() {
            self.end(Ended::First, now);
        }
    }

    /// Whether one server was wanted, and there is one to tell of.
    pub(super) fn is_satisfied(&self) -> bool {
        self.config.wait == Wait::First && self.servers.has_news()
    }

    fn refuse(&mut self, datagram: &Datagram<'_>, why: AnswerRefusal) {
        let Datagram { source, interface, payload, .. } = *datagram;
        trace!(%source, %why, "not an answer");
        self.tally.refusals.count(why);
        // Our own probes come back to us by broadcast.
        let is_echo = why == AnswerRefusal::Malformed(ReplyError::Query)
            && self.own.has(source.ip(), interface);
        let rejected = (!is_echo).then(|| self.tally.rejected.note(source, why, payload)).flatten();
        if let Some(rejected) = rejected {
            debug!(%source, %why, excerpt = rejected.excerpt, "refused a datagram");
            if rejected.is_almost_an_answer() {
                self.events.push_back(DiscoveryEvent::Rejected(rejected.clone()));
            }
        }
    }

    fn take(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<Heard, AnswerRefusal> {
        let source = datagram.source;
        let spoken = self.config.speaks(Family::from(source));
        if source.port() == 0 || !may_be_a_host(source.ip()) || !spoken {
            return Err(AnswerRefusal::Source);
        }
        let (codec, reply) = self.decode(datagram.payload).map_err(AnswerRefusal::Malformed)?;
        if reply.address.is_ipv6() && !self.config.speaks(Family::V6) {
            return Err(AnswerRefusal::Malformed(ReplyError::Address));
        }
        let answer = Answer {
            judged: Judged::new(reply.address, source.ip(), |ip| {
                self.own.has(ip, datagram.interface)
            }),
            beside: self.own.likeliest(datagram.interface, reply.others.as_slice(), |address| {
                self.has_called(address)
            }),
            port: reply.port.unwrap_or(codec.default_service_port()),
            source,
            interface: datagram.interface,
            protocol: codec.protocol(),
            raw: datagram.payload,
        };
        let (rung, round) = self.called(source);
        let occasion = Occasion { rung, round, now, waited: datagram.waited };
        let calls = Calls { rungs: &self.rungs, own: &self.own, source };
        let heard = self.servers.hear(&answer, occasion, &calls)?;
        for rung in &mut self.rungs {
            // Plans know whom they heard; hosts may be named later.
            if heard != Heard::Again {
                rung.plan.hear(source);
            }
            rung.expected.hear(source);
        }
        Ok(heard)
    }

    /// The reply in the first protocol in which it is one; else why it is none, in the protocol in
    /// which it almost is.
    fn decode(&self, payload: &[u8]) -> Result<(&Codec, Reply), ReplyError> {
        let mut why = ReplyError::Foreign;
        for codec in self.probes.codecs() {
            match codec.decode_reply(payload) {
                Ok(reply) => return Ok((codec, reply)),
                Err(error) if why == ReplyError::Foreign => why = error,
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// Whether a rung has called the address itself.
    fn has_called(&self, address: IpAddr) -> bool {
        let source = SocketAddr::new(address, self.config.port);
        let mut direct = self.rungs.iter().filter(|rung| !rung.plan.is_broadcast());
        direct.any(|rung| rung.plan.round_of(source).is_some())
    }

    /// The rung that called `source`, and its round.
    fn called(&self, source: SocketAddr) -> (RungId, u32) {
        let called = |rung: &Rung| Some((rung.id, rung.plan.round_of(source)?));
        self.rungs.iter().find_map(called).unwrap_or((RungId::NONE, 0))
    }
}
