use minicbor::{Decode, Encode};

/// What every datagram of the exchange begins with: no text does, and so no probe or answer.
const MAGIC: [u8; 8] = *b"\0cooee-x";

/// The length of a call, which no answer exceeds: an answer draws no more than was sent.
const CALL_LENGTH: usize = 64;

/// How a datagram is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum Way {
    /// To one address.
    #[n(0)]
    Unicast,
    /// To everybody on the link.
    #[n(1)]
    Broadcast,
}

/// Asks for one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct TestCall {
    /// Chosen by chance; the same for all calls of one examination.
    #[n(0)]
    pub nonce: u64,
    /// How the call is sent.
    #[n(1)]
    pub sent_by: Way,
    /// How it is to be answered.
    #[n(2)]
    pub answer_by: Way,
}

/// Answers one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct TestAnswer {
    /// That of the call.
    #[n(0)]
    pub nonce: u64,
    /// How the call was sent.
    #[n(1)]
    pub call: Way,
    /// How this answer is sent.
    #[n(2)]
    pub sent_by: Way,
    /// Whether a call with this nonce has been heard by broadcast.
    #[n(3)]
    pub heard_broadcast: bool,
    /// Whether a server runs there, which answers probes. `cooee doctor --listen` is none.
    #[n(4)]
    pub is_server: bool,
}

#[derive(Encode, Decode)]
enum Written {
    #[n(0)]
    Call(#[n(0)] TestCall),
    #[n(1)]
    Answer(#[n(0)] TestAnswer),
}

/// Whether a datagram is of the exchange, whatever is in it.
pub(crate) fn is_exchange(datagram: &[u8]) -> bool {
    datagram.starts_with(&MAGIC)
}

impl TestCall {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = encode(&Written::Call(*self));
        bytes.resize(CALL_LENGTH, 0);
        bytes
    }

    /// Reads a call; `None` for anything else.
    pub fn decode(datagram: &[u8]) -> Option<Self> {
        match decode(datagram, CALL_LENGTH)? {
            (Written::Call(call), padding) => padding.iter().all(|&byte| byte == 0).then_some(call),
            (Written::Answer(_), _) => None,
        }
    }
}

impl TestAnswer {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(&Written::Answer(*self))
    }

    /// Reads an answer; `None` for anything else.
    pub fn decode(datagram: &[u8]) -> Option<Self> {
        match decode(datagram, datagram.len())? {
            (Written::Answer(answer), []) => Some(answer),
            _ => None,
        }
    }
}

fn encode(written: &Written) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    // Writing to memory does not fail.
    let _ = minicbor::encode(written, &mut bytes);
    bytes
}

/// The message, and what follows it.
fn decode(datagram: &[u8], length: usize) -> Option<(Written, &[u8])> {
    let body = datagram.strip_prefix(&MAGIC).filter(|_| datagram.len() == length)?;
    let mut decoder = minicbor::Decoder::new(body);
    let written = decoder.decode().ok()?;
    Some((written, body.get(decoder.position()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: TestCall =
        TestCall { nonce: u64::MAX, sent_by: Way::Broadcast, answer_by: Way::Unicast };

    fn answer() -> TestAnswer {
        TestAnswer {
            nonce: u64::MAX,
            call: Way::Broadcast,
            sent_by: Way::Broadcast,
            heard_broadcast: true,
            is_server: true,
        }
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let (call, answer) = (CALL.encode(), answer());
        assert_eq!(TestCall::decode(&call), Some(CALL));
        assert_eq!(TestAnswer::decode(&answer.encode()), Some(answer));
        assert_eq!((TestCall::decode(&answer.encode()), TestAnswer::decode(&call)), (None, None));
        for length in 0..call.len() {
            assert_eq!(TestCall::decode(&call[..length]), None, "{length}");
        }
        for at in 0..call.len() {
            let mut wrong = call.clone();
            wrong[at] ^= 0xff;
            assert_ne!(TestCall::decode(&wrong), Some(CALL), "{at}");
        }
    }

    #[test]
    fn no_answer_is_longer_than_a_call() {
        assert!(answer().encode().len() < CALL.encode().len());
    }

    #[test]
    fn the_bytes_are_those_that_are_documented() {
        let call = TestCall { nonce: 7, sent_by: Way::Unicast, answer_by: Way::Broadcast };
        assert_eq!(call.encode()[..15], *b"\0cooee-x\x82\x00\x81\x83\x07\x00\x01");
        let answer = TestAnswer { nonce: 7, heard_broadcast: false, ..answer() };
        assert_eq!(answer.encode(), b"\0cooee-x\x82\x01\x81\x85\x07\x01\x01\xf4\xf5");
    }
}
