//! A server without IPv4 that the group does not reach: it has to be called by its address.

use std::time::Instant;

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::Search;

use crate::programs::{DEADLINE, cooee};

/// A client and such a server, and the directory in which the client remembers.
pub(super) struct Site {
    pub(super) client: Host,
    pub(super) server: Host,
    _segment: Segment,
    pub(super) state: tempfile::TempDir,
}

/// The address of the server on its link.
pub(super) const SERVER: &str = "fe80::7";
/// Its address where the segment has a prefix.
pub(super) const SERVER_OF_PREFIX: &str = "fd00:1::7";

pub(super) fn site(prefix: Option<&str>) -> Site {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (client, server) = (lab.host("client").unwrap(), lab.host("server").unwrap());
    for (host, id) in [(&client, 3), (&server, 7)] {
        let name = host.plug(&segment).unwrap();
        host.ip(&["-6", "addr", "flush", "dev", &name]).unwrap();
        host.add_address(&name, &format!("fe80::{id}/64")).unwrap();
        if let Some(prefix) = prefix {
            host.add_address(&name, &format!("{prefix}::{id}/64")).unwrap();
        }
    }
    // As if the switch had lost the membership.
    let deaf = "table ip6 deaf {\n chain input {\n type filter hook input priority 0;\n\
                ip6 daddr ff12::/16 drop\n }\n }\n";
    server.nft(deaf).unwrap();
    Site { client, server, _segment: segment, state: tempfile::tempdir().unwrap() }
}

impl Site {
    pub(super) fn find(&self, arguments: &[&str]) -> Search {
        self.find_by(&[], arguments)
    }

    /// Runs `cooee find` by way of other programs, such as `unshare`.
    pub(super) fn find_by(&self, by: &[&str], arguments: &[&str]) -> Search {
        let began = Instant::now();
        let state = format!("XDG_STATE_HOME={}", self.state.path().display());
        let program = cooee();
        let find = [program.to_str().unwrap(), "find", "--format", "json", "-v"];
        let words = [&[state.as_str()], by, &find, arguments].concat();
        let child = self.client.spawn("env", words).unwrap();
        Search::of(child.finish(DEADLINE).unwrap(), began)
    }
}
