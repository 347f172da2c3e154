//! Runs the corpus and tells how much of each decoder it reaches.
//!
//! Takes the directory of the corpora. Prints for each file how many of the lines that something
//! branches to were reached, and which were not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};
use std::{env, fs, slice};

use cooee_fuzz::TARGETS;

/// What decodes bytes that others have sent or written.
const DECODERS: &[&str] = &[
    "crates/cooee-core/src/wire/",
    "crates/cooee-core/src/answer/",
    "crates/cooee-core/src/offer/",
    "crates/cooee-core/src/call/",
    "crates/cooee-cli/src/settings/document.rs",
    "crates/cooee-cli/src/settings/file.rs",
    "crates/cooee-cli/src/value/",
];

/// The edges of this program: how often each was taken, and where it is.
struct Edges {
    counters: &'static [AtomicU8],
    places: &'static [[usize; 2]],
}

static COUNTERS: OnceLock<&'static [AtomicU8]> = OnceLock::new();
static PLACES: OnceLock<&'static [[usize; 2]]> = OnceLock::new();

/// Called by the instrumented code before `main`.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sanitizer_cov_8bit_counters_init(start: *const u8, stop: *const u8) {
    // SAFETY: LLVM passes the bounds of an array that is never freed and that is written to.
    COUNTERS.get_or_init(|| unsafe {
        slice::from_raw_parts(start.cast(), stop.offset_from_unsigned(start))
    });
}

/// Called by the instrumented code before `main`.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sanitizer_cov_pcs_init(start: *const [usize; 2], stop: *const [usize; 2]) {
    // SAFETY: as above; each entry is an address and flags.
    PLACES
        .get_or_init(|| unsafe { slice::from_raw_parts(start, stop.offset_from_unsigned(start)) });
}

/// Called by the instrumented code where it calls through a pointer, which is no edge.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_trace_pc_indir(_callee: usize) {}

impl Edges {
    fn of_this_program() -> Self {
        let counters =
            COUNTERS.get().expect("a build with -sanitizer-coverage-inline-8bit-counters");
        let places = PLACES.get().expect("a build with -sanitizer-coverage-pc-table");
        assert_eq!(counters.len(), places.len());
        Self { counters, places }
    }

    /// Notes which edges were taken since the last time. A counter wraps around, so that it says
    /// nothing of many inputs.
    fn note(&self, taken: &mut [bool]) {
        for (counter, taken) in self.counters.iter().zip(taken) {
            *taken |= counter.swap(0, Ordering::Relaxed) > 0;
        }
    }
}

/// The lines of a file that something branches to.
#[derive(Default)]
struct Lines {
    all: BTreeSet<u32>,
    reached: BTreeSet<u32>,
}

fn main() {
    let corpus = env::args_os().nth(1).expect("the directory of the corpora");
    let edges = Edges::of_this_program();
    let mut taken = vec![false; edges.counters.len()];
    for target in TARGETS {
        let inputs = fs::read_dir(Path::new(&corpus).join(target.name)).expect("a corpus");
        for input in inputs {
            let input = fs::read(input.expect("an input").path()).expect("an input");
            (target.run)(&input);
            edges.note(&mut taken);
        }
    }
    for (file, lines) in by_file(&edges, &taken) {
        let (reached, all) = (lines.reached.len(), lines.all.len());
        print!("{file}: {} % ({reached} of {all} lines)", 100 * reached / all);
        let missed: Vec<_> =
            lines.all.difference(&lines.reached).map(ToString::to_string).collect();
        let what = if missed.is_empty() { "" } else { ", not " };
        println!("{what}{}", missed.join(", "));
    }
}

fn by_file(edges: &Edges, taken: &[bool]) -> BTreeMap<String, Lines> {
    let mut files = BTreeMap::<_, Lines>::new();
    for (&[address, _], &taken) in edges.places.iter().zip(taken) {
        let Some((file, line)) = place(address) else { continue };
        let lines = files.entry(file).or_default();
        lines.all.insert(line);
        if taken {
            lines.reached.insert(line);
        }
    }
    files
}

/// The file and line of an edge in one of the decoders, in whatever function it was inlined.
fn place(address: usize) -> Option<(String, u32)> {
    let mut place = None;
    // The address is that of the first instruction after the edge.
    backtrace::resolve((address + 1) as *mut _, |symbol| {
        let (Some(path), Some(line)) = (symbol.filename(), symbol.lineno()) else { return };
        let path = path.to_string_lossy();
        let decoder = DECODERS.iter().find_map(|decoder| path.find(decoder));
        if let (Some(at), None) = (decoder, &place) {
            place = Some((path[at..].to_owned(), line));
        }
    });
    place
}
