//! Links between documents lead somewhere: to a file, and to a heading if they name one.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The text without its blocks and spans of code, in which nothing is a link.
fn prose(text: &str) -> String {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// Where the repository is to be read. What is shown elsewhere, such as by a package index, links to
/// it there.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Where the links and pictures of a document lead, but for those to other sites. What is linked to
/// where the repository is to be read begins with a slash.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.filter_map(|(target, _)| within(target.trim())).collect()
}

fn within(target: &str) -> Option<String> {
    if !target.contains("://") {
        return Some(target.to_owned());
    }
    let rest = target.strip_prefix(REPOSITORY)?;
    if let Some(path) = rest.strip_prefix("/blob/main/") {
        return Some(format!("/{path}"));
    }
    rest.starts_with('#').then(|| format!("/README.md{rest}"))
}

/// The anchors of a document's headings, as they are made from the text: lower case, blanks as
/// hyphens, no punctuation.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// What is wrong with a link in the document `from`.
fn objection(from: &Path, link: &str, read: &dyn Fn(&Path) -> Option<String>) -> Option<String> {
    let (file, anchor) = link.split_once('#').map_or((link, None), |(f, a)| (f, Some(a)));
    let target = match file.strip_prefix('/') {
        Some(file) => PathBuf::from(file),
        None if file.is_empty() => from.to_owned(),
        None => from.parent()?.join(file),
    };
    let Some(text) = read(&target) else {
        return Some(format!("{}: there is no {file}", from.display()));
    };
    let leads = anchor.is_none_or(|anchor| anchors(&text).contains(anchor));
    (!leads).then(|| format!("{}: no heading has the anchor {link}", from.display()))
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed.split_terminator('\0').map(PathBuf::from).collect()
}

#[test]
fn every_link_in_a_document_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = |path: &Path| match fs::read_to_string(root.join(path)) {
        Ok(text) => Some(text),
        // A directory can be linked to as well.
        Err(_) => root.join(path).is_dir().then(String::new),
    };
    let mut checked = 0;
    let mut objections = Vec::new();
    for document in documents(root) {
        // Deleted, but not yet committed.
        let Some(text) = read(&document) else { continue };
        for link in links(&text) {
            checked += 1;
            objections.extend(objection(&document, &link, &read));
        }
    }
    assert!(checked > 20, "only {checked} links were found");
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn links_in_code_and_to_other_sites_are_left_alone() {
    let text = "[a](A.md) `[b](B.md)` [c](https://example.org/C.md) ![d](d.svg)\n\
                ```\n[e](E.md)\n```\n[f](#here)";
    assert_eq!(links(text), ["A.md", "d.svg", "#here"]);
}

#[test]
fn links_to_where_the_repository_is_to_be_read_are_links_within_it() {
    let text = format!(
        "[a]({REPOSITORY}/blob/main/docs/a.md#b) [c]({REPOSITORY}#try-it) [d]({REPOSITORY}/issues)"
    );
    assert_eq!(links(&text), ["/docs/a.md#b", "/README.md#try-it"]);
}

#[test]
fn what_a_package_index_shows_links_to_nothing_relative() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let links = links(&fs::read_to_string(root.join("python/README.md")).unwrap());
    assert!(links.len() > 2);
    assert!(links.iter().all(|link| link.starts_with('/')), "{links:?}");
}

#[test]
fn a_link_to_nothing_is_found() {
    let read = |path: &Path| {
        let text = "# Where it *is*, and why\n";
        (path == Path::new("docs/there.md")).then(|| text.to_owned())
    };
    let from = Path::new("docs/there.md");
    let anchor = "#where-it-is-and-why";
    for link in ["there.md", "there.md#where-it-is-and-why", anchor, "/docs/there.md"] {
        assert_eq!(objection(from, link, &read), None, "{link}");
    }
    for link in ["gone.md", "../there.md", "#gone", "there.md#gone", "/there.md"] {
        assert!(objection(from, link, &read).is_some(), "{link}");
    }
}
