use std::time::Instant;

use crate::finding::report;

/// One call of the library, as the README has it.
pub(crate) fn first() {
    let began = Instant::now();
    let server = cooee::discover_one().unwrap();
    report(began.elapsed(), server.iter().len());
}
