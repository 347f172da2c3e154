//! Keeping other processes from the file while it is changed.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How long to wait for others. Each writes for some milliseconds, and one that was suspended
/// meanwhile must not hold up the end of a command.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// Other processes wait while this is there. It ends with the process.
#[derive(Debug)]
pub(super) struct Lock {
    _held: Option<sys::Held>,
}

/// Waits for so long until no other process holds the lock, which is a file at `path` that stays.
///
/// # Errors
/// As the system says; `TimedOut` when another process does not let go of it.
pub(super) fn lock(path: &Path, patience: Duration) -> io::Result<Lock> {
    let end = Instant::now() + patience;
    loop {
        match sys::try_lock(path) {
            Ok(held) => return Ok(Lock { _held: Some(held) }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            // Some network file systems cannot lock. To forget everything would be worse than to
            // lose what two discoveries write at one moment.
            Err(error) if is_unsupported(&error) => return Ok(Lock { _held: None }),
            Err(error) => return Err(error),
        }
        if Instant::now() >= end {
            let why = "another process has it locked";
            return Err(io::Error::new(io::ErrorKind::TimedOut, why));
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(unix)]
fn is_unsupported(error: &io::Error) -> bool {
    let unsupported = [libc::ENOLCK, libc::ENOTSUP, libc::EOPNOTSUPP, libc::ENOSYS];
    error.raw_os_error().is_some_and(|number| unsupported.contains(&number))
}

#[cfg(not(unix))]
fn is_unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

#[cfg(unix)]
mod sys {
    use std::os::unix::fs::OpenOptionsExt;

    use nix::fcntl::{Flock, FlockArg};

    use super::*;

    pub(super) type Held = Flock<File>;

    pub(super) fn try_lock(path: &Path) -> io::Result<Held> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false).mode(0o600);
        let file = options.custom_flags(libc::O_NONBLOCK).open(path)?;
        Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| error.into())
    }
}

#[cfg(windows)]
mod sys {
    use std::os::windows::fs::OpenOptionsExt;

    use super::*;

    pub(super) type Held = File;

    /// Who has opened a file without sharing it has it alone.
    pub(super) fn try_lock(path: &Path) -> io::Result<Held> {
        const ERROR_SHARING_VIOLATION: i32 = 32;
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false).share_mode(0);
        options.open(path).map_err(|error| match error.raw_os_error() {
            Some(ERROR_SHARING_VIOLATION) => io::ErrorKind::WouldBlock.into(),
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_the_next_when_it_ends() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let first = lock(&path, PATIENCE).unwrap();
        assert_eq!(sys::try_lock(&path).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        let refused = lock(&path, Duration::ZERO).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        drop(first);
        lock(&path, PATIENCE).unwrap();
        let nowhere = directory.path().join("nowhere/lock");
        assert_eq!(lock(&nowhere, PATIENCE).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
