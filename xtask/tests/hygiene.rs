//! The repository names nothing that exists on one machine only.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

// Put together, so that this file does not name them.
const DIRECTORIES: [&str; 5] = [
    concat!("/", "work", "/"),
    concat!("/", "root", "/"),
    concat!("/", "home", "/"),
    concat!("/", "Users", "/"),
    concat!("/", "tmp/wt"),
];

/// Settings that lead to another registry than the public one, and what such a one is often called.
const MIRRORS: [&str; 17] = [
    concat!("index", "-url"),
    concat!("INDEX", "_URL"),
    concat!("UV_", "INDEX"),
    concat!("UV_DEFAULT", "_INDEX"),
    concat!("trusted", "-host"),
    concat!("arti", "factory"),
    concat!("nexus", "."),
    concat!("dev", "pi."),
    concat!("[regis", "tries"),
    concat!("registry", " = \""),
    concat!("registry", "=\""),
    concat!("registry", "=http"),
    concat!("CARGO_REGIS", "TRIES"),
    concat!("CARGO_SO", "URCE_"),
    concat!("NPM_CONFIG_REGI", "STRY"),
    concat!("replace", "-with"),
    concat!("spar", "se+"),
];

/// How the name of a registry's host begins.
const REGISTRIES: [&str; 7] = ["crates", "index", "mirror", "npm", "packages", "pypi", "registry"];
/// Those that everybody reaches.
const PUBLIC: [&str; 5] =
    ["crates.io", "files.pythonhosted.org", "index.crates.io", "pypi.org", "registry.npmjs.org"];
/// What lock files name beside them: where an author asks for money.
const NO_SOURCES: [&str; 3] = ["github.com", "feross.org", "www.patreon.com"];

/// What a line names that exists on one machine, or in one network, only.
fn objections<'a>(file: &str, text: &'a str) -> Vec<&'a str> {
    let directories = DIRECTORIES.into_iter().filter(|directory| names(text, directory));
    let mirrors = MIRRORS.into_iter().filter(|mirror| text.contains(mirror));
    let hosts = hosts(text).filter(|host| !is_fine(file, host));
    directories.chain(mirrors).chain(hosts).chain(foreign_source(file, text)).collect()
}

/// Whether the text names an absolute path: in a longer path or a URL it means another thing.
fn names(text: &str, directory: &str) -> bool {
    text.match_indices(directory).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~/}*".contains(c))
    })
}

/// The hosts of the URLs in a text, without user and port.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    text.split("://").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"._-@:".contains(c));
        let authority = &rest[..end.unwrap_or(rest.len())];
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        host.split_once(':').map_or(host, |(host, _)| host)
    })
}

fn is_fine(file: &str, host: &str) -> bool {
    let is_public = PUBLIC.contains(&host);
    if is_lock_file(file) {
        return is_public || NO_SOURCES.contains(&host);
    }
    let is_registry = REGISTRIES.iter().any(|name| host.starts_with(name) && host.contains('.'));
    is_public || !is_registry
}

/// Where a lock file takes a package from, if not from the public registry.
fn foreign_source<'a>(file: &str, text: &'a str) -> Option<&'a str> {
    let source = text.trim().strip_prefix("source = ").filter(|_| is_lock_file(file))?;
    (source != "\"registry+https://github.com/rust-lang/crates.io-index\"").then_some(source)
}

fn is_lock_file(file: &str) -> bool {
    file.ends_with("Cargo.lock") || file.ends_with("package-lock.json")
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
            let objections = objections(name, line).into_iter();
            found.extend(objections.map(|what| format!("{name}:{number} names {what}")));
        }
    }
    assert!(read > 0, "git lists no file");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn absolute_paths_and_mirrors_are_found() {
    for directory in DIRECTORIES {
        for text in
            [format!("{directory}x"), format!("see \"{directory}x\""), format!("P={directory}")]
        {
            assert_eq!(objections("a.md", &text), [directory]);
        }
    }
    for mirror in MIRRORS {
        assert!(objections("a.toml", &format!("{mirror}x")).contains(&mirror));
    }
}

#[test]
fn hosts_of_registries_are_found() {
    for host in ["pypi.example.com", "mirrors.example.org", "registry-1.example.net"] {
        let text = format!("see http{}user:secret@{host}:8443/simple", "://");
        assert_eq!(objections("a.md", &text), [host]);
    }
    let lock = "        \"resolved\": \"https://example.org/npm/node-24.tgz\",";
    assert_eq!(objections("xtask/package-lock.json", lock), ["example.org"]);
    assert_eq!(objections("a.md", lock), [""; 0]);
    let git = "source = \"git+https://github.com/someone/quinn\"";
    assert_eq!(objections("Cargo.lock", git).len(), 1);
}

#[test]
fn urls_longer_paths_and_lock_files_are_fine() {
    let [directory, ..] = DIRECTORIES;
    for text in [
        format!("https://example.org{directory}x"),
        format!("$HOME{directory}x and target{directory}"),
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"".to_owned(),
        "\"resolved\": \"https://registry.npmjs.org/nan/-/nan-2.tgz\"".to_owned(),
        "let registry = Registry::default();".to_owned(),
    ] {
        assert_eq!(objections("Cargo.toml", &text), [""; 0], "{text}");
    }
    let source = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    assert_eq!(objections("fuzz/Cargo.lock", source), [""; 0]);
}
