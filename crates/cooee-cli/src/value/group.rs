use super::kind::Kind;

/// A group of users, by its name or number.
pub(crate) fn group() -> Kind<u32> {
    let read = |text: &str| text.parse().ok().or_else(|| number_of(text));
    Kind::new("a group of this system, by name or number", read, u32::to_string)
}

#[cfg(unix)]
fn number_of(name: &str) -> Option<u32> {
    let group = nix::unistd::Group::from_name(name).ok().flatten();
    group.map(|group| group.gid.as_raw())
}

#[cfg(not(unix))]
fn number_of(_: &str) -> Option<u32> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_a_name_or_a_number() {
        assert_eq!(group().read("root"), Ok(0));
        assert_eq!(group().read("33"), Ok(33));
        let expected = "expected a group of this system, by name or number";
        assert_eq!(group().read("no-such-group"), Err(expected.into()));
    }
}
