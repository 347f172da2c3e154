use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{DEADLINE, path, program};

/// Descriptor 3 is the socket, and the process is the one that it was passed to.
const PASS: &str = r#"exec 3<&0 0</dev/null; LISTEN_PID=$$ exec "$@""#;

/// The command with these words, with a socket passed to it.
pub(super) fn passing(socket: impl Into<OwnedFd>, words: &[&str]) -> Command {
    let mut command = program("sh");
    command.args(["-c", PASS, "sh", &path()]).args(words);
    command.env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", "cooee.socket");
    command.stdin(Stdio::from(socket.into()));
    command
}

/// Where services tell how they are.
pub(super) struct Manager {
    socket: UnixDatagram,
    name: OsString,
    /// Where the socket is, if it is somewhere.
    _directory: Option<TempDir>,
}

impl Manager {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        Self { socket, name: path.into(), _directory: Some(directory) }
    }

    pub(super) fn without_a_file() -> Self {
        let name = format!("cooee-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        Self { socket, name: format!("@{name}").into(), _directory: None }
    }

    pub(super) fn watch<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("NOTIFY_SOCKET", &self.name)
    }

    /// What a busy manager has not read yet.
    pub(super) const FILLER: &str = "BARRIER=1\n";

    /// Fills its queue, whatever may be on its way from one socket. With how many messages.
    pub(super) fn fill(&self) -> usize {
        let from_one = |_| {
            let other = UnixDatagram::unbound().unwrap();
            other.set_nonblocking(true).unwrap();
            let name = &self.name;
            (0..).take_while(|_| other.send_to(Self::FILLER.as_bytes(), name).is_ok()).count()
        };
        (0..).map(from_one).take_while(|&sent| sent > 0).sum()
    }

    /// The next thing that it is told within this time.
    pub(super) fn told_within(&self, time: Duration) -> Option<String> {
        let mut message = [0; 4096];
        self.socket.set_read_timeout(Some(time)).unwrap();
        match self.socket.recv(&mut message) {
            Ok(length) => Some(String::from_utf8(message[..length].to_vec()).unwrap()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) fn told(&self) -> String {
        self.told_within(DEADLINE).expect("it tells something")
    }
}
