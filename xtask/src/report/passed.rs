//! What passed before, by what it read.

use std::fs;
use std::path::PathBuf;

use crate::inputs::Inputs;
use crate::libtest::Tally;
use crate::missing::Missing;

/// Where it is noted which parts passed, in a file for each.
pub(super) struct Passed {
    directory: PathBuf,
}

/// What came of a part that passed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) tally: Tally,
    /// What was skipped, by name.
    pub(super) exceptions: Vec<Missing>,
}

impl Passed {
    pub(super) fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// What came of the part when it last passed, if that was with these inputs.
    pub(super) fn recall(&self, part: &str, inputs: &Inputs) -> Option<Outcome> {
        let text = fs::read_to_string(self.file(part)).ok()?;
        let (key, outcome) = text.split_once('\n')?;
        (key == inputs.key()?).then(|| Outcome::parse(outcome))?
    }

    /// Notes it. Where that fails, the part is done again.
    pub(super) fn note(&self, part: &str, inputs: &Inputs, outcome: &Outcome) {
        let Some(key) = inputs.key() else { return };
        let _ = fs::create_dir_all(&self.directory);
        let _ = fs::write(self.file(part), format!("{key}\n{}", outcome.text()));
    }

    fn file(&self, part: &str) -> PathBuf {
        let name = part.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        self.directory.join(name)
    }
}

impl Outcome {
    fn text(&self) -> String {
        let mut text = format!("{} {}\n", self.tally.passed, self.tally.skipped);
        for Missing { what, why, fix } in &self.exceptions {
            text += &format!("{what}\t{why}\t{fix}\n");
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (passed, skipped) = lines.next()?.split_once(' ')?;
        let tally =
            Tally { passed: passed.parse().ok()?, failed: 0, skipped: skipped.parse().ok()? };
        let exception = |line: &str| {
            let mut fields = line.split('\t');
            Some(Missing::new(fields.next()?, fields.next()?, fields.next()?))
        };
        Some(Self { tally, exceptions: lines.map(exception).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_read_as_it_was_written() {
        let exceptions = vec![Missing::new("a::b", "no console", "run it elsewhere")];
        let tally = Tally { passed: 7, failed: 0, skipped: 1 };
        let outcome = Outcome { tally, exceptions };
        assert_eq!(Outcome::parse(&outcome.text()), Some(outcome));
        for text in ["", "7", "x 1", "7 1\nhalf\ta line"] {
            assert_eq!(Outcome::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_the_same_inputs_are_recalled() {
        let directory = tempfile::tempdir().expect("a directory");
        let passed = Passed::in_directory(directory.path().join("passed"));
        let (one, other) = (Inputs::new().text("one"), Inputs::new().text("other"));
        assert_eq!(passed.recall("a part", &one), None);

        let tally = Tally { passed: 3, failed: 0, skipped: 0 };
        passed.note("a part", &one, &Outcome { tally, exceptions: vec![] });
        let recalled = passed.recall("a part", &one).expect("it was noted");
        assert_eq!(recalled.tally, tally);
        assert_eq!(passed.recall("a part", &other), None);
        assert_eq!(passed.recall("another part", &one), None);
    }

    #[test]
    fn unreadable_inputs_are_no_inputs() {
        let directory = tempfile::tempdir().expect("a directory");
        let passed = Passed::in_directory(directory.path().to_owned());
        let inputs = Inputs::new().files(directory.path(), &["absent"]);
        passed.note("a part", &inputs, &Outcome { tally: Tally::default(), exceptions: vec![] });
        assert_eq!(passed.recall("a part", &inputs), None);
    }
}
