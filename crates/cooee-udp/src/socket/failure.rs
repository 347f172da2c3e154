use std::io;

use cooee_core::Transmit;

/// A datagram that the system refused to send.
#[derive(Debug)]
pub struct SendFailure<'a> {
    /// Its position in the batch.
    pub index: usize,
    /// What was to be sent.
    pub transmit: &'a Transmit,
    /// Why it was not.
    pub error: io::Error,
}
