//! Renders the recorded figures again, without measuring: `cargo xtask bench --render`.

use anyhow::Result;
use cooee_bench::record::Record;

fn main() -> Result<()> {
    Record::read()?.render()
}
