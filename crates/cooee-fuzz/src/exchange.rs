//! The test exchange of a doctor: what is read is written and read again as the same, and an
//! examiner answers within its bounds.
//!
//! An input is one datagram, and then what arrives at an examiner.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::{Datagram, Examiner, SocketId, TestAnswer, TestCall, Way, limits};

use crate::network::{self, Address, Family, Present};

/// Takes one input.
///
/// # Panics
/// When a datagram is read wrongly, or an examiner answers what it must not.
pub fn run(input: &[u8]) {
    read(input);
    // Inputs that nobody understands are no failure.
    let _ = examine(&mut Unstructured::new(input));
}

fn read(input: &[u8]) {
    let (call, answer) = (TestCall::decode(input), TestAnswer::decode(input));
    assert!(call.is_none() || answer.is_none(), "both a call and an answer");
    if let Some(call) = call {
        assert_eq!(TestCall::decode(&call.encode()), Some(call));
        assert_eq!(call.encode().len(), input.len());
    }
    if let Some(answer) = answer {
        assert_eq!(TestAnswer::decode(&answer.encode()), Some(answer));
    }
}

#[derive(Debug, Arbitrary)]
enum Payload<'a> {
    Call { nonce: u8, sent_by_broadcast: bool, answer_by_broadcast: bool },
    Bytes(&'a [u8]),
}

impl Payload<'_> {
    fn bytes(&self) -> Vec<u8> {
        let way = |broadcast| if broadcast { Way::Broadcast } else { Way::Unicast };
        match *self {
            Self::Bytes(bytes) => bytes.to_vec(),
            Self::Call { nonce, sent_by_broadcast, answer_by_broadcast } => TestCall {
                nonce: nonce.into(),
                sent_by: way(sent_by_broadcast),
                answer_by: way(answer_by_broadcast),
            }
            .encode(),
        }
    }
}

#[derive(Debug, Arbitrary)]
enum Operation<'a> {
    Arrival {
        source: (Address, Family),
        port: u16,
        destination: Option<(Address, Family)>,
        interface: Option<u8>,
        payload: Payload<'a>,
    },
    /// The same call from so many ports.
    Again(Address, u8),
    WaitMs(u16),
    Interfaces(Present),
}

/// An examiner, and what it has answered.
struct Examined {
    examiner: Examiner,
    now: Instant,
    answered: BTreeMap<IpAddr, Vec<Instant>>,
}

fn examine(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let present: Present = input.arbitrary()?;
    let interfaces = present.interfaces();
    let examiner = if input.arbitrary()? {
        Examiner::new(&interfaces)
    } else {
        Examiner::without_server(&interfaces)
    };
    let mut it = Examined { examiner, now: network::start(), answered: BTreeMap::new() };
    while !input.is_empty() {
        match input.arbitrary()? {
            Operation::Arrival {
                source: (address, family),
                port,
                destination,
                interface,
                payload,
            } => {
                let source = SocketAddr::new(address.of(family), port);
                let payload = payload.bytes();
                it.take(&Datagram {
                    socket: if source.is_ipv4() { SocketId::V4 } else { SocketId::V6 },
                    destination: destination.map(|(address, family)| address.of(family)),
                    interface: interface.map(|index| u32::from(index % 7)),
                    ..Datagram::new(source, &payload)
                });
            }
            Operation::Again(Address(ip), times) => {
                let call = TestCall { nonce: 1, sent_by: Way::Unicast, answer_by: Way::Unicast };
                for port in 1..=u16::from(times) {
                    it.take(&Datagram::new(SocketAddr::from((ip, port)), &call.encode()));
                }
            }
            Operation::WaitMs(ms) => it.now += Duration::from_millis(ms.into()),
            Operation::Interfaces(present) => {
                it.examiner.handle_interfaces(&present.interfaces());
            }
        }
    }
    Ok(())
}

impl Examined {
    fn take(&mut self, datagram: &Datagram<'_>) {
        let Ok(sent) = self.examiner.handle_datagram(self.now, datagram) else { return };
        let call = TestCall::decode(datagram.payload).expect("only a call is answered");
        let answer = TestAnswer::decode(&sent.payload).expect("by an answer");
        assert_eq!((answer.nonce, answer.call), (call.nonce, call.sent_by));
        assert!(sent.payload.len() <= datagram.payload.len(), "more than was sent");
        assert!(answer.heard_broadcast || call.sent_by != Way::Broadcast);
        let (from, to) = (datagram.source, sent.destination);
        assert!(from.port() != 0 && to.port() == from.port());
        assert_eq!(answer.sent_by, call.answer_by);
        assert!(to == from || call.answer_by == Way::Broadcast, "to another");
        let answered = self.answered.entry(from.ip()).or_default();
        let recent = |at: &Instant| self.now - *at < Duration::from_secs(60);
        answered.retain(recent);
        answered.push(self.now);
        // A minute begins with the first call of it, and so two of them may meet.
        assert!(answered.len() <= 2 * limits::EXCHANGES_A_MINUTE as usize);
        self.answered.retain(|_, answered| answered.iter().any(recent));
        assert!(self.answered.len() <= 2 * limits::EXAMINED_AT_A_TIME);
    }
}
