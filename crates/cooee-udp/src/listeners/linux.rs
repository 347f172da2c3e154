use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use cooee_core::ListeningSocket;

use crate::netlink::{Listening, Netlink, Topic};

#[derive(Debug)]
pub(super) struct Listeners {
    netlink: Netlink,
}

impl Listeners {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { netlink: Netlink::open(Topic::Sockets)? })
    }

    pub(super) fn on_port(&mut self, port: u16) -> io::Result<Vec<ListeningSocket>> {
        let mut sockets = Vec::new();
        let mut each = |body: &[u8]| {
            let listening = Listening::read(body).filter(|listening| listening.port == port);
            sockets.extend(
                listening
                    .map(|Listening { address, only_v6, .. }| ListeningSocket { address, only_v6 }),
            );
        };
        self.netlink.dump(&Listening::question_v4(port), &mut each)?;
        match self.netlink.dump(&Listening::question_v6(port), each) {
            // A kernel without IPv6.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {}
            told => drop(told?),
        }
        Ok(sockets)
    }
}

impl AsFd for Listeners {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}
