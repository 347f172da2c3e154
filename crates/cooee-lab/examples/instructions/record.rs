use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benchmarks/instructions.json");

/// What may be more than recorded: compilers and C libraries differ by less.
const GROWTH_PERCENT: u64 = 5;

/// The counts to compare with, and whose code they are of.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Record {
    compiler: String,
    instructions: BTreeMap<String, u64>,
}

impl Record {
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(FILE).expect("made by `cargo xtask instructions --record`");
        serde_json::from_str(&text).expect("made by `cargo xtask instructions --record`")
    }

    pub(crate) fn write(counts: &[(&str, u64)]) {
        let instructions = counts.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        let record = Self { compiler: compiler(), instructions };
        let text = serde_json::to_string_pretty(&record).unwrap();
        println!("{text}");
        fs::write(FILE, text + "\n").unwrap();
    }

    /// Prints the counts beside those recorded, and says which have grown too much.
    pub(crate) fn compare(&self, counts: &[(&str, u64)]) -> Vec<String> {
        println!("| instructions | now | recorded |");
        println!("|---|--:|--:|");
        let mut grown = Vec::new();
        for &(name, now) in counts {
            let Some(&recorded) = self.instructions.get(name) else {
                grown
                    .push(format!("{name} has no record; run `cargo xtask instructions --record`"));
                continue;
            };
            println!("| {name} | {now} | {recorded} |");
            if now * 100 > recorded * (100 + GROWTH_PERCENT) {
                grown.push(format!(
                    "{name} takes {now} instructions, more than {GROWTH_PERCENT} % above the \
                     {recorded} recorded with {}; find out why, or run \
                     `cargo xtask instructions --record`",
                    self.compiler
                ));
            }
        }
        grown
    }
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("rustc runs");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
