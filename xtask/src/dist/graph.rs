use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;

/// A crate of one version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
}

/// What is linked, and what each crate of it depends on.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) edges: BTreeMap<Crate, BTreeSet<Crate>>,
}

impl Graph {
    /// Adds what `package` is made of for the system `triple`.
    ///
    /// Cargo's metadata would not do: it has the features that any member of the workspace needs.
    pub(super) fn add(&mut self, workspace: &Workspace, package: &str, triple: &str) -> Result<()> {
        let mut tree = workspace.cargo(["tree", "--quiet", "--locked", "--prefix", "depth"]);
        tree.args(["--edges", "normal,no-proc-macro", "--package", package, "--target", triple]);
        let output = tree.output().context("cannot run cargo tree")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "cargo tree failed: {errors}");
        self.read(&String::from_utf8_lossy(&output.stdout))
    }

    /// Reads lines such as `1anstream v1.0.0 (*)`, where the number is the depth.
    fn read(&mut self, tree: &str) -> Result<()> {
        let mut above: Vec<Crate> = Vec::new();
        for line in tree.lines().filter(|line| !line.is_empty()) {
            let (depth, found) =
                parse(line).with_context(|| format!("cargo tree says {line:?}"))?;
            above.truncate(depth);
            if let Some(parent) = above.last() {
                self.edges.entry(parent.clone()).or_default().insert(found.clone());
            }
            self.edges.entry(found.clone()).or_default();
            above.push(found);
        }
        Ok(())
    }
}

fn parse(line: &str) -> Option<(usize, Crate)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (depth, rest) = line.split_at(digits);
    let mut words = rest.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some((depth.parse().ok()?, Crate { name, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Crate {
        Crate { name: name.to_owned(), version: "1.0.0".to_owned() }
    }

    #[test]
    fn a_tree_is_read_by_depth() {
        let tree = "0a v1.0.0 (/somewhere)\n1b v1.0.0\n2c v1.0.0\n1d v1.0.0\n2c v1.0.0 (*)\n";
        let mut graph = Graph::default();
        graph.read(tree).expect("a tree");
        let expected = [("a", vec!["b", "d"]), ("b", vec!["c"]), ("c", vec![]), ("d", vec!["c"])];
        let expected =
            expected.map(|(name, on)| (named(name), on.into_iter().map(named).collect()));
        assert_eq!(graph.edges, BTreeMap::from(expected));
    }

    #[test]
    fn what_is_no_tree_is_an_error() {
        assert!(Graph::default().read("a v1.0.0").is_err());
        assert!(Graph::default().read("0a 1.0.0").is_err());
    }
}
