//! Archives that are the same bytes whenever and wherever they are written.

use std::io::{Cursor, Write};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use tar::{EntryType, Header};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A file as it is in an archive or a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// With `/` between its parts, and none in front.
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Program,
    Text,
}

impl File {
    pub(super) fn text(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), kind: Kind::Text, bytes: bytes.into() }
    }

    pub(super) fn mode(&self) -> u32 {
        match self.kind {
            Kind::Program => 0o755,
            Kind::Text => 0o644,
        }
    }
}

/// The files in a directory of this name, by path. `epoch` is what each was changed last, in seconds
/// since 1970.
pub(super) fn tar_gz(directory: &str, files: &[File], epoch: u64) -> Result<Vec<u8>> {
    let gz = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut tar = tar::Builder::new(gz);
    for file in sorted(files) {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(file.bytes.len() as u64);
        header.set_mode(file.mode());
        header.set_mtime(epoch);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, format!("{directory}/{}", file.path), &file.bytes[..])?;
    }
    Ok(tar.into_inner()?.finish()?)
}

/// As [`tar_gz`], as a zip archive.
pub(super) fn zip(directory: &str, files: &[File], epoch: u64) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let changed = date_time(epoch)?;
    for file in sorted(files) {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(changed)
            .unix_permissions(file.mode());
        zip.start_file(format!("{directory}/{}", file.path), options)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn sorted(files: &[File]) -> Vec<&File> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    sorted
}

/// The time as RFC 3339 writes it, in UTC.
pub(super) fn rfc3339(epoch: u64) -> String {
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(epoch)).to_string()
}

fn date_time(epoch: u64) -> Result<DateTime> {
    let text = rfc3339(epoch);
    let numbers: Vec<u16> =
        text.split(['-', 'T', ':', 'Z']).filter_map(|number| number.parse().ok()).collect();
    let [year, rest @ ..] = &numbers[..] else { anyhow::bail!("{text} is no time") };
    let rest: Vec<u8> = rest.iter().map(|&number| number as u8).collect();
    let [month, day, hour, minute, second] = rest[..] else { anyhow::bail!("{text} is no time") };
    DateTime::from_date_and_time(*year, month, day, hour, minute, second)
        .with_context(|| format!("a zip archive cannot say {text}"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const EPOCH: u64 = 1_700_000_000;

    fn files() -> Vec<File> {
        vec![
            File::text("b/text", "words"),
            File { path: "a".to_owned(), kind: Kind::Program, bytes: vec![0, 1] },
        ]
    }

    #[test]
    fn a_tar_is_sorted_and_bears_no_time_or_owner_of_its_own() {
        let bytes = tar_gz("d", &files(), EPOCH).expect("written");
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        let entries = tar.entries().expect("entries").map(|entry| {
            let mut entry = entry.expect("an entry");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("read");
            let path = entry.path().expect("a path").display().to_string();
            let header = entry.header();
            assert_eq!(header.mtime().expect("a time"), EPOCH);
            assert_eq!((header.uid().expect("a user"), header.gid().expect("a group")), (0, 0));
            (path, header.mode().expect("a mode"), content)
        });
        let expected = [
            ("d/a".to_owned(), 0o755, vec![0, 1]),
            ("d/b/text".to_owned(), 0o644, b"words".into()),
        ];
        assert_eq!(entries.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_zip_is_sorted_and_bears_the_time_given() {
        let bytes = zip("d", &files(), EPOCH).expect("written");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        let names = zip.file_names().map(|name| name.expect("a name").into_owned());
        assert_eq!(names.collect::<Vec<_>>(), ["d/a", "d/b/text"]);
        let program = zip.by_name("d/a").expect("it is there");
        let changed = program.last_modified().expect("a time");
        assert_eq!((changed.year(), changed.month(), changed.day()), (2023, 11, 14));
        assert_eq!((changed.hour(), changed.minute()), (22, 13));
        assert_eq!(program.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    }

    #[test]
    fn the_order_in_which_files_are_given_does_not_matter() {
        let mut reversed = files();
        reversed.reverse();
        for write in [tar_gz, zip] {
            let archive = write("d", &files(), EPOCH).expect("written");
            assert_eq!(archive, write("d", &reversed, EPOCH).expect("written"));
        }
    }
}
