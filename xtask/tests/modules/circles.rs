//! Circles among the parts of each module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::arrows::arrows;
use crate::source::{Id, Source};

/// Files that use each other in a circle, directly or by way of others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    /// The files of the parts, each of which stands for the modules below it too.
    pub(crate) files: BTreeSet<PathBuf>,
    /// An arrow between each two of the parts that have one.
    pub(crate) arrows: Vec<String>,
}

/// The circles in `source`: see the rule in `main.rs`.
pub(crate) fn circles(source: &Source) -> Vec<Circle> {
    let mut levels: BTreeMap<Id, BTreeMap<(Id, Id), String>> = BTreeMap::new();
    for ((from, to), path) in arrows(source) {
        let (level, parts) = meeting(source, from, to);
        let name = |id: Id| source.modules[id].file.display();
        let arrow = format!("{} uses {} ({path})", name(from), name(to));
        levels.entry(level).or_default().entry(parts).or_insert(arrow);
    }
    levels.values().flat_map(|arrows| of_level(source, arrows)).collect()
}

/// The nearest module above both, and which of its parts they are in. A module that is above the
/// other is a part of itself: its own file.
fn meeting(source: &Source, from: Id, to: Id) -> (Id, (Id, Id)) {
    let (from, to) = (way(source, from), way(source, to));
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let level = from[shared - 1];
    let part = |way: &[Id]| *way.get(shared).unwrap_or(&level);
    (level, (part(&from), part(&to)))
}

/// The modules from the root to `id`, with those that are files.
fn way(source: &Source, id: Id) -> Vec<Id> {
    let mut way = vec![id];
    let mut at = id;
    while let Some(parent) = source.modules[at].parent {
        at = source.file_of(parent);
        way.push(at);
    }
    way.reverse();
    way
}

fn of_level(source: &Source, arrows: &BTreeMap<(Id, Id), String>) -> Vec<Circle> {
    let parts: BTreeSet<Id> = arrows.keys().flat_map(|&(from, to)| [from, to]).collect();
    let reached: BTreeMap<Id, BTreeSet<Id>> =
        parts.iter().map(|&part| (part, reached_from(part, arrows))).collect();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for &part in &parts {
        let circle: BTreeSet<Id> =
            reached[&part].iter().copied().filter(|other| reached[other].contains(&part)).collect();
        if circle.is_empty() || !seen.insert(circle.clone()) {
            continue;
        }
        let within = |(from, to): &(Id, Id)| circle.contains(from) && circle.contains(to);
        circles.push(Circle {
            files: circle.iter().map(|&id| source.modules[id].file.clone()).collect(),
            arrows: arrows
                .iter()
                .filter(|(ends, _)| within(ends))
                .map(|(_, a)| a.clone())
                .collect(),
        });
    }
    circles
}

fn reached_from(start: Id, arrows: &BTreeMap<(Id, Id), String>) -> BTreeSet<Id> {
    let mut reached = BTreeSet::new();
    let mut next = vec![start];
    while let Some(from) = next.pop() {
        next.extend(
            arrows
                .keys()
                .filter(|arrow| arrow.0 == from)
                .map(|arrow| arrow.1)
                .filter(|&to| reached.insert(to)),
        );
    }
    reached
}
