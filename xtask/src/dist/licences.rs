//! The licences of the crates that the command is made of, as one text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};

use super::crates::{self, Crates};

/// What is linked besides crates.
const RUNTIMES: &str = include_str!("runtimes.txt");

/// Fails for a crate that does not say its licence.
pub(super) fn third_party(crates: &Crates) -> Result<String> {
    let mut list = Vec::new();
    for (named, package) in crates.foreign() {
        let Some(licence) = crates::licence(package) else {
            bail!("{} {} does not say under which licence it is", named.name, named.version);
        };
        let mut texts = Vec::new();
        for file in crates::licence_files(package)? {
            let text = fs::read(&file).with_context(|| format!("cannot read {file:?}"))?;
            texts.push(tidied(&String::from_utf8_lossy(&text)));
        }
        let from = package.repository.clone().unwrap_or_default();
        list.push(Entry {
            title: format!("{} {}", named.name, named.version),
            licence,
            from,
            texts,
        });
    }
    Ok(rendered(&list))
}

struct Entry {
    title: String,
    licence: String,
    from: String,
    texts: Vec<String>,
}

/// Each text once: most crates have the same.
fn rendered(list: &[Entry]) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut texts = Vec::new();
    let mut page = String::from("Cooee is made of these crates besides its own:\n\n");
    for entry in list {
        let mut cited = Vec::new();
        for text in &entry.texts {
            let number = *numbers.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len()
            });
            cited.push(format!("[{number}]"));
        }
        let Entry { title, licence, from, .. } = entry;
        // To write to a string does not fail.
        let _ = writeln!(page, "{title}: {licence} {}\n    {from}", cited.join(" "));
    }
    page.push('\n');
    page.push_str(RUNTIMES);
    for (number, text) in (1..).zip(texts) {
        let _ = write!(page, "\n{}\n[{number}]\n\n{text}\n", "-".repeat(80));
    }
    page
}

/// Without differences that no reader sees.
fn tidied(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_two_crates_have_is_printed_once() {
        let entry = |title: &str, texts: &[&str]| Entry {
            title: title.to_owned(),
            licence: "MIT".to_owned(),
            from: "https://example.org".to_owned(),
            texts: texts.iter().map(|text| tidied(text)).collect(),
        };
        let list = [entry("a 1", &["first\r\n"]), entry("b 2", &["second", "first  \n\n"])];
        let page = rendered(&list);
        assert_eq!(page.matches("first").count(), 1);
        assert!(page.contains("a 1: MIT [1]\n"), "{page}");
        assert!(page.contains("b 2: MIT [2] [1]\n"), "{page}");
    }
}
