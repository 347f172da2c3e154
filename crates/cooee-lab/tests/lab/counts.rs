//! What a server says that it did, in the line that it leaves.

/// How many datagrams it answered.
pub(crate) fn answered(stderr: &str) -> u64 {
    after(stderr, "answered")
}

/// How many it refused.
pub(crate) fn refused(stderr: &str) -> u64 {
    after(stderr, "refused")
}

/// How many the kernel dropped.
pub(crate) fn dropped(stderr: &str) -> u64 {
    before(stderr, &["dropped"])
}

/// How many answers it did not get out.
pub(crate) fn unsent(stderr: &str) -> u64 {
    before(stderr, &["not", "sent"])
}

/// How often it could not receive.
pub(crate) fn unreceived(stderr: &str) -> u64 {
    before(stderr, &["not", "received"])
}

/// How many it refused for `reason`.
pub(crate) fn refused_for(stderr: &str, reason: &str) -> u64 {
    before(stderr, &[reason])
}

fn words(stderr: &str) -> Vec<&str> {
    let line = stderr.lines().rev().find(|line| line.starts_with("answered "));
    let line = line.unwrap_or_else(|| panic!("no counts: {stderr}"));
    line.split([' ', ',', '(', ')']).filter(|word| !word.is_empty()).collect()
}

fn after(stderr: &str, word: &str) -> u64 {
    let words = words(stderr);
    let at = words.iter().position(|it| *it == word).unwrap();
    number(words[at + 1])
}

fn before(stderr: &str, what: &[&str]) -> u64 {
    let words = words(stderr);
    let at = words.windows(what.len()).position(|some| some == what);
    at.map_or(0, |at| number(words[at - 1]))
}

fn number(word: &str) -> u64 {
    word.parse().unwrap()
}
