//! Whether two runs, in two places, make the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use xshell::cmd;

use super::making::{self, Toolbox};
use super::sums;
use crate::report::Report;
use crate::workspace::Workspace;

/// Ends of the names of files that two runs make differently, each with the reason.
const KNOWN: [(&str, &str); 0] = [];

/// Makes the release, and makes it again of a copy of the sources; both with these tools.
pub(super) fn run(workspace: &Workspace, toolbox: Toolbox, only: &[String], report: &mut Report) {
    let mut copy = None;
    report.judge("copy of the sources", || {
        copy = Some(copied(workspace)?);
        Ok(())
    });
    let Some(root) = copy else { return };
    making::run(workspace, &toolbox, only, report);
    let target = root.join("target");
    let again = Workspace::at(&root, target.clone());
    report.judge("second run", || {
        ensure!(again.is_ok(), "cannot go into {root:?}");
        Ok(())
    });
    let Ok(again) = again else { return };
    making::run(&again, &toolbox.in_copy(&root), only, report);
    report.judge("two runs", || compare(&workspace.target().join("dist"), &target.join("dist")));
}

/// A clone elsewhere, with a longer path.
fn copied(workspace: &Workspace) -> Result<PathBuf> {
    let shell = workspace.shell();
    let changes = cmd!(shell, "git status --porcelain").quiet().read()?;
    ensure!(changes.is_empty(), "commit first: a copy would lack what is not committed\n{changes}");
    let root = workspace.target().join("dist-again").join("a-copy-of-the-sources");
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("cannot remove {root:?}"))?;
    }
    cmd!(shell, "git clone --quiet . {root}").quiet().run()?;
    Ok(root)
}

fn compare(first: &Path, second: &Path) -> Result<()> {
    let (first, second) = (sums::of(first)?, sums::of(second)?);
    let (known, unknown) = differences(&first, &second, &KNOWN);
    for line in &known {
        println!("{line}");
    }
    println!("{} of {} files are the same bytes", same(&first, &second), first.len());
    if !unknown.is_empty() {
        bail!("{}", unknown.join("\n"));
    }
    Ok(())
}

fn same(first: &BTreeMap<String, String>, second: &BTreeMap<String, String>) -> usize {
    first.iter().filter(|(name, sum)| second.get(*name) == Some(sum)).count()
}

/// What differs, with the reason where it is known, and without.
fn differences(
    first: &BTreeMap<String, String>,
    second: &BTreeMap<String, String>,
    known: &[(&str, &str)],
) -> (Vec<String>, Vec<String>) {
    let (mut explained, mut unexplained) = (Vec::new(), Vec::new());
    for (name, sum) in first {
        let reason = known.iter().find(|(end, _)| name.ends_with(end)).map(|(_, reason)| reason);
        match (second.get(name), reason) {
            (None, _) => unexplained.push(format!("{name} was made once only")),
            (Some(other), _) if other == sum => {}
            (Some(_), Some(reason)) => explained.push(format!("{name} differs: {reason}")),
            (Some(_), None) => unexplained.push(format!("{name} differs")),
        }
    }
    let more = second.keys().filter(|name| !first.contains_key(*name));
    unexplained.extend(more.map(|name| format!("{name} was made once only")));
    (explained, unexplained)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_a_known_reason_or_is_a_failure() {
        let sums = |pairs: [(&str, &str); 3]| {
            BTreeMap::from(pairs.map(|(name, sum)| (name.to_owned(), sum.to_owned())))
        };
        let first = sums([("a.rpm", "1"), ("b.zip", "1"), ("c", "1")]);
        let second = sums([("a.rpm", "2"), ("b.zip", "2"), ("d", "1")]);
        let (known, unknown) = differences(&first, &second, &[(".rpm", "of a clock")]);
        assert_eq!(known, ["a.rpm differs: of a clock"]);
        let expected = ["b.zip differs", "c was made once only", "d was made once only"];
        assert_eq!(unknown, expected);
        assert_eq!(same(&first, &first), 3);
    }
}
