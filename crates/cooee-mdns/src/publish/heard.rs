//! What became of a link.

/// What became of a link since it was last looked at.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// The instances that another host has, each as the library has renamed it.
    pub(super) instances: Vec<(String, String)>,
    /// The labels of hosts that another has, in the same way.
    pub(super) hosts: Vec<(String, String)>,
    /// Nothing could be announced in a long time.
    pub(super) is_overdue: bool,
}

impl Heard {
    /// What the library has found free for this instance, if another host has its name.
    pub(super) fn free_instance(&self, taken: &str) -> Option<&str> {
        free_for(&self.instances, taken)
    }

    /// The same for a host.
    pub(super) fn free_host(&self, taken: &str) -> Option<&str> {
        free_for(&self.hosts, taken)
    }
}

/// The last in the library's counting: it finds one for each record.
fn free_for<'a>(found: &'a [(String, String)], taken: &str) -> Option<&'a str> {
    let free = found.iter().filter(|(of, _)| of == taken).map(|(_, free)| free.as_str());
    free.max_by_key(|free| (free.len(), *free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_names_that_are_free_the_last_is_taken() {
        let found = |free: &str| ("Workshop".to_owned(), free.to_owned());
        let instances = vec![found("Workshop (9)"), found("Workshop (10)"), found("Workshop (2)")];
        let heard = Heard { instances, ..Heard::default() };
        assert_eq!(heard.free_instance("Workshop"), Some("Workshop (10)"));
        assert_eq!(heard.free_instance("Office"), None);
        assert_eq!(heard.free_host("Workshop"), None);
    }
}
