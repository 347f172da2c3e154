//! The Python module `cooee._core`: converts, releases the interpreter, and maps errors.
//!
//! What is decided is decided in the crate `cooee`. What is easier said in Python (exceptions,
//! asyncio) is in `python/cooee`.

mod announced;
mod browser;
mod command;
mod defaults;
mod detached;
mod discovery;
mod error;
mod findings;
mod found;
mod interfaces;
mod live;
mod log;
mod offers;
mod own_listeners;
mod record;
mod responder;
mod result;
mod servers;
mod settings;
mod tuple;
mod value;

use pyo3::pymodule;

/// The engine of `cooee`; import that instead.
#[pymodule(gil_used = true)]
mod _core {
    #[pymodule_export]
    use crate::browser::{Browser, Presence};
    #[pymodule_export]
    use crate::command::_command;
    #[pymodule_export]
    use crate::defaults::{_built_discovery, _built_responder};
    #[pymodule_export]
    use crate::discovery::{discover, discover_one, parse_answer, stream};
    #[pymodule_export]
    use crate::findings::{_Evidence, Finding};
    #[pymodule_export]
    use crate::found::{Checked, Outcome, Rejected, Remembered, Server, Swept};
    #[pymodule_export]
    use crate::interfaces::{interfaces, segmented_network};
    #[pymodule_export]
    use crate::live::{_restart_after_fork, _stop_all};
    #[pymodule_export]
    use crate::offers::{Offer, PortOffers, offers_on};
    #[pymodule_export]
    use crate::own_listeners::{OwnListener, own_listeners};
    #[pymodule_export]
    use crate::responder::Responder;
    #[pymodule_export]
    use crate::result::{Event, Interface, Owner, SegmentedNetwork, Stats};
    #[pymodule_export]
    use crate::servers::Servers;

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        use pyo3::types::PyModuleMethods;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
