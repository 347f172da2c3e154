//! Which file uses items of which.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::source::{Id, Source};

/// From the file that uses to the one that defines, with a path that says so.
pub(crate) type Arrows = BTreeMap<(Id, Id), String>;

pub(crate) fn arrows(source: &Source) -> Arrows {
    let mut arrows = Arrows::new();
    for (id, module) in source.modules.iter().enumerate() {
        let mut used: Vec<Vec<String>> = Vec::new();
        for code in &module.code {
            paths(code.clone(), &[], &mut used);
        }
        let imported = module.imports.iter().filter(|import| !import.is_passed_on);
        used.extend(imported.map(|import| import.path.clone()));
        for path in used {
            for target in resolve(source, id, &path, 0) {
                let Place::Item(target) = target else { continue };
                let arrow = (source.file_of(id), source.file_of(target));
                if arrow.0 != arrow.1 {
                    arrows.entry(arrow).or_insert_with(|| path.join("::"));
                }
            }
        }
    }
    arrows
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A module itself, which alone is no use of anything in it.
    Module(Id),
    /// Something that the module defines.
    Item(Id),
}

/// Guards against imports that go in a circle, as globs of a parent and its child do.
const DEEPEST: usize = 12;

fn resolve(source: &Source, from: Id, path: &[String], depth: usize) -> Vec<Place> {
    let Some((first, rest)) = path.split_first() else { return Vec::new() };
    let mut root = from;
    while let (true, Some(parent)) = (first == "crate", source.modules[root].parent) {
        root = parent;
    }
    match first.as_str() {
        "crate" => walk(source, root, rest, depth),
        "self" => walk(source, from, rest, depth),
        "super" => {
            let Some(parent) = source.modules[from].parent else { return Vec::new() };
            if rest.first().is_some_and(|next| next == "super") {
                resolve(source, parent, rest, depth)
            } else {
                walk(source, parent, rest, depth)
            }
        }
        _ => step(source, from, first, rest, depth).unwrap_or_default(),
    }
}

/// Where `path` leads within the module `at`. A name that is not found there is a macro's.
fn walk(source: &Source, at: Id, path: &[String], depth: usize) -> Vec<Place> {
    match path.split_first() {
        None => vec![Place::Module(at)],
        Some((first, rest)) => {
            step(source, at, first, rest, depth).unwrap_or_else(|| vec![Place::Item(at)])
        }
    }
}

fn step(source: &Source, at: Id, name: &str, rest: &[String], depth: usize) -> Option<Vec<Place>> {
    let module = &source.modules[at];
    if depth > DEEPEST {
        return None;
    }
    if module.defined.contains(name) {
        return Some(vec![Place::Item(at)]);
    }
    if let Some(children) = module.children.get(name) {
        return Some(children.iter().flat_map(|&id| walk(source, id, rest, depth)).collect());
    }
    let named = module.imports.iter().filter(|import| import.name == name);
    let mut found = Vec::new();
    for import in named {
        let path: Vec<_> = import.path.iter().chain(rest).cloned().collect();
        // `use name::Name` of another crate names no module of this one.
        if import.path.first().is_some_and(|first| first != name || import.path.len() > 1) {
            found.extend(resolve(source, at, &path, depth + 1));
        }
    }
    if !found.is_empty() || module.imports.iter().any(|import| import.name == name) {
        return Some(found);
    }
    // Those of other crates bring in nothing of ours.
    let is_ours = |first: &String| {
        ["crate", "self", "super"].contains(&first.as_str()) || module.children.contains_key(first)
    };
    let globs = module
        .imports
        .iter()
        .filter(|import| import.name == "*" && import.path.first().is_some_and(is_ours));
    let found: Vec<_> = globs
        .flat_map(|glob| resolve(source, at, &glob.path, depth + 1))
        .filter_map(|place| match place {
            Place::Module(id) => step(source, id, name, rest, depth + 1),
            Place::Item(_) => None,
        })
        .flatten()
        .collect();
    (!found.is_empty()).then_some(found)
}

/// Collects every path in `code`, those in arguments of macros too.
///
/// A name alone may be a variable or a field. It counts when it begins as types and constants do,
/// or is called.
fn paths(code: TokenStream, prefix: &[String], into: &mut Vec<Vec<String>>) {
    let tokens: Vec<_> = code.into_iter().collect();
    let is = |at: usize, mark: char| matches!(tokens.get(at), Some(TokenTree::Punct(found)) if found.as_char() == mark);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let first = match token {
            TokenTree::Group(group) => {
                paths(group.stream(), &[], into);
                continue;
            }
            TokenTree::Ident(first) => first,
            _ => continue,
        };
        let is_member = at >= 2 && is(at - 2, '.') && !(at >= 3 && is(at - 3, '.'));
        if is_member {
            continue;
        }
        let mut path = prefix.to_vec();
        path.push(first.to_string());
        while is(at, ':') && is(at + 1, ':') {
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(next)) => path.push(next.to_string()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    paths(group.stream(), &path, into);
                }
                _ => break,
            }
            at += 3;
        }
        let is_called = is(at, '!')
            || matches!(tokens.get(at), Some(TokenTree::Group(arguments))
                if arguments.delimiter() == Delimiter::Parenthesis);
        if path.len() > 1 || is_called || path[0].starts_with(char::is_uppercase) {
            into.push(path);
        }
    }
}
