//! Every input of the corpus, and neighbours of them, through every target.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use cooee_fuzz::{TARGETS, Target};
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap()
}

fn directory(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let mut inputs: Vec<_> = fs::read_dir(directory(target))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

fn replay(name: &str) {
    let target = target(name);
    let inputs = corpus(target);
    assert!(inputs.len() > 20, "a corpus of {}", inputs.len());
    for (path, input) in inputs {
        assert!(catch_unwind(|| (target.run)(&input)).is_ok(), "{path}");
    }
}

/// Runs inputs that are made of the corpus, the same in every run.
fn mutate(name: &str, inputs: u64) {
    let target = target(name);
    let corpus: Vec<_> = corpus(target).into_iter().map(|(_, input)| input).collect();
    for seed in 0..inputs {
        let mut rng = Pcg64::seed_from_u64(seed);
        let mut input = corpus.choose(&mut rng).unwrap().clone();
        for _ in 0..rng.random_range(1..=4) {
            change(&mut input, &corpus, &mut rng);
        }
        let survived = catch_unwind(|| (target.run)(&input)).is_ok();
        assert!(survived, "seed {seed}: {:?}", input.escape_ascii().to_string());
    }
}

fn change(input: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut impl Rng) {
    let at = rng.random_range(0..=input.len());
    let end = (at + rng.random_range(1..=8)).min(input.len());
    match rng.random_range(0..5) {
        0 => input.insert(at, rng.random()),
        1 => drop(input.drain(at..end)),
        2 => input[at..end].iter_mut().for_each(|byte| *byte ^= 1 << rng.random_range(0..8)),
        3 => drop(input.splice(at..at, input[at..end].to_vec())),
        _ => {
            let other = corpus.choose(rng).unwrap();
            input.truncate(at);
            input.extend(&other[rng.random_range(0..=other.len())..]);
        }
    }
}

macro_rules! targets {
    ($($target:ident $inputs:literal),* $(,)?) => {
        $(mod $target {
            #[test]
            fn corpus() {
                crate::replay(stringify!($target));
            }

            #[test]
            fn neighbours() {
                crate::mutate(stringify!($target), $inputs);
            }
        })*

        #[test]
        fn every_target_is_here() {
            let here = [$(stringify!($target)),*];
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), here);
            let directories = fs::read_dir(directory(&TARGETS[0]).parent().unwrap()).unwrap();
            assert_eq!(directories.count(), here.len());
        }
    };
}

targets! {
    announced 100_000,
    answer 200_000,
    config 5_000,
    discovery 20_000,
    exchange 100_000,
    families 20_000,
    offer 100_000,
    over_v6 50_000,
    probe 200_000,
    responder 20_000,
    watch 10_000,
}
