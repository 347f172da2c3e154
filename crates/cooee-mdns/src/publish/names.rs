//! The names that can be announced, and those that are left when others have ours (RFC 6762 section 9).

use cooee_core::limits;

/// The name to announce for one that was asked for: `v1-0` for `v1.0`, `Dr Who` for `Dr. Who`.
///
/// A dot before a space or at the end is left out. Any other dot, and each backslash, becomes a hyphen.
/// The library announces a name with either of them escaped, and compares that with names which it hears
/// unescaped: it would neither answer for such a name, nor defend it, nor notice that another host has it.
pub(super) fn announceable(name: &str) -> String {
    let mut announced = String::with_capacity(name.len());
    let mut rest = name.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '.' if rest.peek().is_none_or(|next| *next == ' ') => {}
            '.' | '\\' => announced.push('-'),
            _ => announced.push(character),
        }
    }
    if announced.is_empty() { "-".into() } else { announced }
}

/// The next name of an instance: `Workshop (2)` after `Workshop`, `Workshop (3)` after that.
pub(super) fn next_instance(name: &str) -> String {
    let counted = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
    match counted.and_then(|(base, number)| Some((base, number.parse::<u32>().ok()?))) {
        Some((base, number)) => with_suffix(base, &format!(" ({})", number.saturating_add(1))),
        None => with_suffix(name, " (2)"),
    }
}

/// The next label of a host: `workshop-2` after `workshop`, `workshop-3` after that.
pub(super) fn next_host(label: &str) -> String {
    let counted = label.rsplit_once('-');
    match counted.and_then(|(base, number)| Some((base, number.parse::<u32>().ok()?))) {
        Some((base, number)) => with_suffix(base, &format!("-{}", number.saturating_add(1))),
        None => with_suffix(label, "-2"),
    }
}

/// The name that was found to be free after this one, if it is another that fits into a label; else the `next`.
pub(super) fn free_after(name: &str, found: &str, next: fn(&str) -> String) -> String {
    let is_usable = (1..=limits::NAME_MAX).contains(&found.len()) && found != name;
    if is_usable { found.into() } else { next(name) }
}

/// Shortens the name, so that both fit into a label.
fn with_suffix(name: &str, suffix: &str) -> String {
    let mut length = name.len().min(limits::NAME_MAX - suffix.len());
    while !name.is_char_boundary(length) {
        length -= 1;
    }
    format!("{}{suffix}", &name[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted() {
        for (name, next) in [
            ("Workshop", "Workshop (2)"),
            ("Workshop (2)", "Workshop (3)"),
            ("Workshop (x)", "Workshop (x) (2)"),
            ("(2)", "(2) (2)"),
            ("v1-0", "v1-0 (2)"),
        ] {
            assert_eq!(next_instance(name), next);
        }
        for (label, next) in [("workshop", "workshop-2"), ("workshop-9", "workshop-10")] {
            assert_eq!(next_host(label), next);
        }
    }

    #[test]
    fn a_full_label_is_shortened_between_characters() {
        let next = next_instance(&"ä".repeat(31));
        assert_eq!(next, format!("{} (2)", "ä".repeat(29)));
        assert_eq!(next_host(&"x".repeat(63)).len(), 63);
    }
}
