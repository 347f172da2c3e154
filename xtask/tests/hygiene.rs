//! The repository names nothing that exists on one machine only.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

// Put together, so that this file does not name them.
const DIRECTORIES: [&str; 3] =
    [concat!("/", "work", "/"), concat!("/", "root", "/"), concat!("/", "home", "/")];

const MIRRORS: [&str; 6] = [
    concat!("index", "-url"),
    concat!("arti", "factory"),
    concat!("[regis", "tries"),
    concat!("registry", " = \""),
    concat!("registry", "=\""),
    concat!("replace", "-with"),
];

fn objections(text: &str) -> impl Iterator<Item = &'static str> {
    let directories = DIRECTORIES.into_iter().filter(|directory| names(text, directory));
    directories.chain(MIRRORS.into_iter().filter(|mirror| text.contains(mirror)))
}

/// Whether the text names an absolute path: in a longer path or a URL it means another thing.
fn names(text: &str, directory: &str) -> bool {
    text.match_indices(directory).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~/}*".contains(c))
    })
}

#[test]
fn no_file_names_this_machine_or_a_mirror() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut found = Vec::new();
    let mut read = 0;
    for name in listed.split_terminator('\0') {
        // Files that are no text, or deleted but not yet committed, have nothing to say.
        let Ok(text) = fs::read_to_string(root.join(name)) else { continue };
        read += 1;
        for (number, line) in (1..).zip(text.lines()) {
            found.extend(objections(line).map(|what| format!("{name}:{number} names {what}")));
        }
    }
    assert!(read > 0, "git lists no file");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn absolute_paths_and_mirrors_are_found() {
    let [directory, ..] = DIRECTORIES;
    for text in [format!("{directory}x"), format!("see \"{directory}x\""), format!("P={directory}")]
    {
        assert_eq!(objections(&text).collect::<Vec<_>>(), [directory]);
    }
    for mirror in MIRRORS {
        assert_eq!(objections(&format!("{mirror}x")).collect::<Vec<_>>(), [mirror]);
    }
}

#[test]
fn urls_longer_paths_and_lock_files_are_fine() {
    let [directory, ..] = DIRECTORIES;
    for text in [
        format!("https://example.org{directory}x"),
        format!("$HOME{directory}x and target{directory}"),
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"".to_owned(),
        "let registry = Registry::default();".to_owned(),
    ] {
        assert_eq!(objections(&text).count(), 0, "{text}");
    }
}
