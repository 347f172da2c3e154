//! Questions to the kernel about links, addresses, neighbours, routes and TCP listeners.
//!
//! What a reply says is read attribute by attribute, and only what is wanted of it: one attribute
//! that a newer kernel writes otherwise does not cost the whole entry.

mod listening;
mod message;
mod route_entry;

use std::io;
use std::time::{Duration, Instant};

use netlink_packet_core::{
    Emitable, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer,
    NetlinkHeader, parse_i32,
};
use netlink_sys::protocols::{NETLINK_ROUTE, NETLINK_SOCK_DIAG};
use netlink_sys::{Socket, SocketAddr};
use rustix::net::sockopt::{Timeout, set_socket_timeout};

pub(crate) use listening::Listening;
use message::Question;
pub(crate) use message::{Address, Link, Neighbour, NeighbourTable, Route};
pub(crate) use route_entry::RouteEntry;

/// A socket to ask the kernel with. The kernel has the reply ready when the question is sent, so
/// the deadline is for systems that only look like Linux.
#[derive(Debug)]
pub(crate) struct Netlink {
    socket: Socket,
    topic: Topic,
    buffer: Box<[u8]>,
    sequence: u32,
}

/// What a socket can be asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Topic {
    /// Links, addresses, neighbours, routes (rtnetlink(7)).
    Routes,
    /// Sockets (sock_diag(7)).
    Sockets,
}

/// Whether what a dump listed changed while it was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consistency {
    Consistent,
    Changed,
}

impl Consistency {
    /// Of two dumps that belong together.
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Consistent { other } else { self }
    }
}

impl std::os::fd::AsFd for Netlink {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Netlink {
    /// The kernel writes no more than this at once (`NETLINK_DUMP_MAX`, and less where the reader
    /// has less room).
    const ROOM: usize = 32 << 10;

    const DEADLINE: Duration = Duration::from_secs(1);

    pub(crate) fn open(topic: Topic) -> io::Result<Self> {
        let mut socket = Socket::new(match topic {
            Topic::Routes => NETLINK_ROUTE,
            Topic::Sockets => NETLINK_SOCK_DIAG,
        })?;
        socket.bind(&SocketAddr::new(0, 0))?;
        set_socket_timeout(&socket, Timeout::Recv, Some(Self::DEADLINE))?;
        set_socket_timeout(&socket, Timeout::Send, Some(Self::DEADLINE))?;
        Ok(Self { socket, topic, buffer: vec![0; Self::ROOM].into(), sequence: 0 })
    }

    /// Asks for one entry, and hands on the body of the reply.
    ///
    /// # Errors
    /// What the kernel says, such as `ENOENT` for no such entry; `TimedOut` when it says nothing;
    /// `InvalidData` when it is not understood.
    pub(crate) fn get<T>(
        &mut self,
        question: &Question,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> io::Result<T> {
        let mut entry = None;
        self.ask(question, NLM_F_REQUEST, |body| entry = read(body))?;
        entry.ok_or_else(malformed)
    }

    /// Asks for all entries of a table, and hands on the body of each.
    ///
    /// # Errors
    /// As [`get`](Self::get). What was handed on before is good.
    pub(crate) fn dump(
        &mut self,
        question: &Question,
        each: impl FnMut(&[u8]),
    ) -> io::Result<Consistency> {
        self.ask(question, NLM_F_REQUEST | NLM_F_DUMP, each)
    }

    fn ask(
        &mut self,
        question: &Question,
        flags: u16,
        each: impl FnMut(&[u8]),
    ) -> io::Result<Consistency> {
        let answered = self.converse(question, flags, each);
        let given_up = [io::ErrorKind::InvalidData, io::ErrorKind::TimedOut];
        if answered.as_ref().is_err_and(|error| given_up.contains(&error.kind())) {
            // The kernel goes on with its reply, and refuses the next question until it is read.
            *self = Self::open(self.topic)?;
        }
        answered
    }

    fn converse(
        &mut self,
        question: &Question,
        flags: u16,
        mut each: impl FnMut(&[u8]),
    ) -> io::Result<Consistency> {
        self.sequence = self.sequence.wrapping_add(1);
        self.send(question, flags)?;
        let is_dump = flags & NLM_F_DUMP == NLM_F_DUMP;
        let end = Instant::now() + Self::DEADLINE;
        let mut consistency = Consistency::Consistent;
        while Instant::now() < end {
            let (length, sender) = match self.receive() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                received => received?,
            };
            for message in messages(self.buffer.get(..length).ok_or_else(malformed)?) {
                let message = message?;
                // Of a question that was given up, or from somebody else.
                if message.sequence_number() != self.sequence || sender.port_number() != 0 {
                    continue;
                }
                if message.flags() & NLM_F_DUMP_INTR != 0 {
                    consistency = Consistency::Changed;
                }
                match message.message_type() {
                    NLMSG_ERROR | NLMSG_DONE => return outcome(&message).map(|()| consistency),
                    _ => each(message.payload()),
                }
                if !is_dump {
                    return Ok(consistency);
                }
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    fn send(&self, question: &Question, flags: u16) -> io::Result<()> {
        let mut header = NetlinkHeader::default();
        let length = header.buffer_len() + question.body.len();
        header.length = u32::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
        header.message_type = question.kind;
        (header.flags, header.sequence_number) = (flags, self.sequence);
        let mut bytes = vec![0; header.buffer_len()];
        header.emit(&mut bytes);
        bytes.extend(&question.body);
        self.socket.send_to(&bytes, &SocketAddr::new(0, 0), 0).map(drop)
    }

    fn receive(&mut self) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(&mut &mut *self.buffer, 0).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}

/// The messages in what was received at once.
fn messages(received: &[u8]) -> impl Iterator<Item = io::Result<NetlinkBuffer<&[u8]>>> {
    const ALIGNMENT: usize = 4;
    let mut rest = received;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Ok(message) = NetlinkBuffer::new_checked(rest) else {
            rest = &[];
            return Some(Err(malformed()));
        };
        let length = (message.length() as usize).next_multiple_of(ALIGNMENT);
        rest = rest.get(length..).unwrap_or_default();
        Some(Ok(message))
    })
}

/// How it ended, which both of the messages that end a reply say in their first word.
fn outcome(message: &NetlinkBuffer<&[u8]>) -> io::Result<()> {
    let code = message.payload().get(..size_of::<i32>()).map_or(Ok(0), parse_i32);
    match code.map_err(|_| malformed())? {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code.saturating_neg())),
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the kernel's reply is malformed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_received_nothing_panics_and_reading_ends() {
        let mut byte = 0_u8;
        for length in 0..200 {
            for _ in 0..50 {
                let bytes: Vec<u8> = std::iter::repeat_with(|| {
                    byte = byte.wrapping_mul(37).wrapping_add(11);
                    byte % 24
                })
                .take(length)
                .collect();
                let mut count = 0;
                for message in messages(&bytes) {
                    count += 1;
                    let Ok(message) = message else { continue };
                    let _ = outcome(&message);
                    let body = message.payload();
                    let _ = (Link::read(body), Address::read(body), Neighbour::read(body));
                    let _ = (NeighbourTable::read(body), Listening::read(body), Route::read(body));
                    let _ = RouteEntry::read(body);
                }
                assert!(count <= length.div_ceil(16) + 1, "{count} messages in {length} bytes");
            }
        }
    }

    #[test]
    fn a_question_that_nobody_can_answer_is_an_error() {
        let mut netlink = Netlink::open(Topic::Routes).expect("netlink is there");
        let error =
            netlink.get(&Neighbour::question([192, 0, 2, 1].into(), u32::MAX >> 1), |_| Some(()));
        let error = error.expect_err("no such interface");
        assert_eq!(error.raw_os_error(), Some(libc::ENODEV), "{error}");
    }
}
