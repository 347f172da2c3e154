use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

/// A unit of `packaging/systemd`.
pub(super) struct Unit {
    path: PathBuf,
    pub(super) text: String,
}

/// What a program printed; it has to succeed.
pub(super) fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

impl Unit {
    pub(super) fn named(name: &str) -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/systemd");
        let path = PathBuf::from(root).join(name).canonicalize().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        Self { path, text }
    }

    pub(super) fn path(&self) -> &str {
        self.path.to_str().unwrap()
    }

    fn settings<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let lines = self.text.lines().filter_map(|line| line.split_once('='));
        lines.filter(move |(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The system calls that `SystemCallFilter=` leaves, on this machine's architecture.
    pub(super) fn permitted_calls(&self) -> BTreeSet<String> {
        let mut permitted = BTreeSet::new();
        for setting in self.settings("SystemCallFilter") {
            let (refuses, names) = match setting.strip_prefix('~') {
                Some(names) => (true, names),
                None => (false, setting),
            };
            for call in names.split_whitespace().flat_map(calls_of) {
                if refuses {
                    permitted.remove(&call)
                } else {
                    permitted.insert(call)
                };
            }
        }
        permitted
    }

    pub(super) fn permitted_families(&self) -> BTreeSet<String> {
        let names = self.settings("RestrictAddressFamilies").flat_map(str::split_whitespace);
        names.map(str::to_owned).collect()
    }
}

/// The system calls of a group, or the call of this name.
fn calls_of(name: &str) -> Vec<String> {
    if !name.starts_with('@') {
        return vec![name.to_owned()];
    }
    let listed = run("systemd-analyze", &["syscall-filter", "--no-pager", name]);
    let members = listed.lines().skip(1).map(str::trim).filter(|line| !line.starts_with('#'));
    members.flat_map(calls_of).collect()
}
