mod answers;
mod complete;
mod crowd;
mod first;
mod footprint;
mod loss;
mod names;
mod start_up;
mod upkeep;

use cooee_bench::report::Table;

use crate::turns::Effort;

/// Figures that are measured together.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Returns the tables by name, in their order.
    pub(crate) measure: fn(Effort) -> Vec<(&'static str, Table)>,
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario { name: "first-server", what: "time to the first server", measure: first::measure },
    Scenario { name: "complete-list", what: "time to a complete list", measure: complete::measure },
    Scenario { name: "crowd", what: "servers found of a crowd", measure: crowd::measure },
    Scenario { name: "loss", what: "servers found on lossy links", measure: loss::measure },
    Scenario { name: "names", what: "time to 500 announced services", measure: names::measure },
    Scenario { name: "answers", what: "answers per second and core", measure: answers::measure },
    Scenario { name: "footprint", what: "memory and idle wake-ups", measure: footprint::measure },
    Scenario {
        name: "start-up",
        what: "time from start to first answer",
        measure: start_up::measure,
    },
    Scenario { name: "upkeep", what: "floods, changes and shutdown", measure: upkeep::measure },
];
