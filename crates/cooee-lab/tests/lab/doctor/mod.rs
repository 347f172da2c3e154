//! `cooee doctor` on networks with a fault, and without.

mod broken;
mod exchange;
mod healthy;

use cooee_lab::netns::Host;
use cooee_lab::scene::programs::{DEADLINE, cooee};
use serde_json::Value;

/// What a `cooee doctor --format json` found, and how it ended.
#[derive(Debug)]
struct Examination {
    status: i32,
    findings: Vec<Value>,
    said: String,
}

impl Examination {
    fn run(host: &Host, arguments: &[&str]) -> Self {
        let arguments = [&["doctor", "--format", "json"], arguments].concat();
        let child = host.spawn(cooee(), arguments).unwrap();
        let finished = child.finish(DEADLINE).unwrap();
        let report: Value = serde_json::from_str(&finished.stdout)
            .unwrap_or_else(|error| panic!("{error}: {finished:?}"));
        let findings = report["findings"].as_array().expect("a list").clone();
        Self { status: finished.status.code().unwrap(), findings, said: finished.stderr }
    }

    /// The code of the first finding, which says what was seen, what it means and what to do.
    fn first(&self) -> &str {
        assert_eq!(self.status, 1, "{self:?}");
        for part in ["seen", "means", "do"] {
            let text = self.findings[0][part].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{part}: {self:?}");
        }
        self.findings[0]["code"].as_str().expect("a code")
    }
}
