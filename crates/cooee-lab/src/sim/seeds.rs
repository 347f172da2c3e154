use std::ops::Range;

/// The environment variable that names the one seed to run with.
pub const SEED_VARIABLE: &str = "COOEE_SIM_SEED";

/// Runs with each of `seeds`, or with that of [`SEED_VARIABLE`] alone if it is set. Gives what the
/// runs gave. When a run panics, its seed is printed.
///
/// # Panics
/// When the variable is set to something else than a number.
pub fn for_each_seed<T>(seeds: Range<u64>, run: impl FnMut(u64) -> T) -> Vec<T> {
    let chosen = std::env::var(SEED_VARIABLE)
        .ok()
        .map(|seed| seed.parse().expect("COOEE_SIM_SEED is a number from 0 to 2^64 - 1"));
    let mut run = run;
    let mut once = |seed| {
        let _name_it = NameWhenPanicking(seed);
        run(seed)
    };
    match chosen {
        Some(seed) => vec![once(seed)],
        None => seeds.map(once).collect(),
    }
}

struct NameWhenPanicking(u64);

impl Drop for NameWhenPanicking {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to run this alone: {SEED_VARIABLE}={}", self.0);
        }
    }
}
