//! The file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cooee::limits;

use super::book::Book;
use super::lock::{PATIENCE, lock};

pub(super) struct Store {
    path: PathBuf,
    /// How long to wait for other processes.
    patience: Duration,
}

/// Why the file cannot be used.
#[derive(Debug)]
pub(super) enum Unusable {
    /// The system does not let us read it.
    Unread(io::Error),
    /// It is not what this version writes; what is wrong, as the predicate of a sentence.
    Wrong(String),
}

impl Store {
    /// How many unusable files are kept.
    const ASIDE_MAX: usize = 9;

    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, patience: PATIENCE }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says; nothing if it does not exist.
    pub(super) fn read(&self) -> Result<Book, Unusable> {
        let file = match open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Book::default()),
            // Part of the path is a file, which shows again when it is written.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Ok(Book::default());
            }
            Err(error) => return Err(Unusable::Unread(error)),
        };
        let mut text = Vec::new();
        let most = limits::MEMORY_BYTES as u64 + 1;
        file.take(most).read_to_end(&mut text).map_err(Unusable::Unread)?;
        if text.len() > limits::MEMORY_BYTES {
            let most = limits::MEMORY_BYTES;
            return Err(Unusable::Wrong(format!("is larger than {most} bytes")));
        }
        parse(&text).map_err(Unusable::Wrong)
    }

    /// Does `work`, which reads and writes the file, while no other process does that.
    ///
    /// # Errors
    /// Those of `work`, or that the file cannot be locked.
    pub(super) fn alone<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        create_directory(path.parent().unwrap_or(Path::new(".")))?;
        let _lock = lock(&path.with_extension("json.lock"), self.patience)?;
        work()
    }

    /// Replaces it whole, so that a process that reads it meanwhile sees the old text or the new one.
    /// A symbolic link stays, and the file that it leads to is replaced.
    pub(super) fn write(&self, book: &Book) -> io::Result<()> {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        create_directory(path.parent().unwrap_or(Path::new(".")))?;
        let temporary = path.with_extension(format!("json.{}", std::process::id()));
        // Left by a process of the same number that was killed.
        let _ = fs::remove_file(&temporary);
        let written = create(&temporary)
            .and_then(|mut file| {
                file.write_all(&book.to_json())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&temporary, &path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Renames it, to a name that no file has. Returns that, or `None` if another process has put a
    /// usable file in its place meanwhile.
    pub(super) fn set_aside(&self) -> io::Result<Option<PathBuf>> {
        let names = (1..=Self::ASIDE_MAX).map(|n| match n {
            1 => self.path.with_extension("json.corrupt"),
            n => self.path.with_extension(format!("json.corrupt.{n}")),
        });
        let mut free = names.filter(|name| fs::symlink_metadata(name).is_err());
        let aside = free.next().ok_or_else(|| {
            io::Error::other(format!("{} such files are there already", Self::ASIDE_MAX))
        })?;
        if self.read().is_ok() {
            return Ok(None);
        }
        fs::rename(&self.path, &aside)?;
        Ok(Some(aside))
    }
}

fn parse(text: &[u8]) -> Result<Book, String> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u32,
    }
    let wrong = |error: serde_json::Error| format!("is not understood ({error})");
    let Versioned { version } = serde_json::from_slice(text).map_err(wrong)?;
    if version != Book::VERSION {
        return Err(format!("has version {version}, which another version of cooee wrote"));
    }
    serde_json::from_slice(text).map_err(wrong)
}

/// Opens a regular file to read; to open a pipe would wait for a writer.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("is no regular file")) }
}

/// With the mode that the XDG base directory specification wants of its directories.
fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Which servers somebody uses is their own affair.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::book::Heard;
    use crate::settings::Wire;

    #[test]
    fn what_is_written_is_read_and_nobody_else_may() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().join("cooee/servers.json"));
        assert_eq!(store.read().unwrap(), Book::default());
        store.write(&Book::default()).unwrap();
        assert_eq!(store.read().unwrap(), Book::default());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(store.path()), 0o600);
            assert_eq!(mode(store.path().parent().unwrap()), 0o700);
        }
        let files = fs::read_dir(store.path().parent().unwrap()).unwrap();
        assert_eq!(files.count(), 1, "no temporary file is left");
    }

    #[test]
    fn what_is_not_understood_is_kept_aside_each_time() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().join("servers.json"));
        let large = vec![b' '; limits::MEMORY_BYTES + 1];
        let newer = br#"{"version": 2, "places": []}"#;
        for wrong in [&b"not json"[..], b"", b"{\"version\": 1, \"networks\": 1}", newer, &large] {
            fs::write(store.path(), wrong).unwrap();
            let why = store.read().unwrap_err();
            assert!(matches!(why, Unusable::Wrong(_)), "{why:?}");
            let aside = store.set_aside().unwrap().unwrap();
            assert_eq!(fs::read(aside).unwrap(), wrong);
            assert!(!store.path().exists());
        }
        for _ in 5..Store::ASIDE_MAX {
            fs::write(store.path(), "x").unwrap();
            store.set_aside().unwrap();
        }
        fs::write(store.path(), "x").unwrap();
        store.set_aside().unwrap_err();
        assert!(store.path().exists(), "it stays where it is");
    }
    #[test]
    fn a_usable_file_is_never_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().join("servers.json"));
        fs::write(store.path(), "not json").unwrap();
        store.read().unwrap_err();
        // Another process comes first.
        store.write(&Book::default()).unwrap();
        assert_eq!(store.set_aside().unwrap(), None);
        assert_eq!(store.read().unwrap(), Book::default());
    }

    #[test]
    fn what_several_write_at_one_moment_is_all_kept() {
        const WRITERS: u32 = 16;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("cooee/servers.json");
        let wire = Wire::default();
        let begin = std::sync::Barrier::new(WRITERS as usize);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                // Each waits for all others, which a loaded machine may hold up.
                let patience = Duration::from_secs(60);
                let store = Store { patience, ..Store::new(path.clone()) };
                let (wire, begin) = (&wire, &begin);
                scope.spawn(move || {
                    let answered = vec![format!("10.0.1.{writer}:9999").parse().unwrap()];
                    let heard = Heard { answered, ..Heard::default() };
                    begin.wait();
                    let written = store.alone(|| {
                        let mut book =
                            store.read().map_err(|why| io::Error::other(format!("{why:?}")))?;
                        book.correct("10.0.1.0/24", wire, &heard, 1);
                        store.write(&book)
                    });
                    written.unwrap();
                });
            }
        });
        let book = Store::new(path).read().unwrap();
        assert_eq!(book.addresses("10.0.1.0/24", &wire, 1).len(), WRITERS as usize);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for_and_a_link_stays() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(matches!(Store::new(pipe).read(), Err(Unusable::Unread(_))));

        let (file, link) = (directory.path().join("file"), directory.path().join("servers.json"));
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        Store::new(link.clone()).write(&Book::default()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(Store::new(file).read().unwrap(), Book::default());
    }
}
