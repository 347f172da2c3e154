//! Compares the interfaces that were named with those that exist.

use cooee::DiscoverError;
use cooee::interface::{Interface, Selection};

use crate::console::Console;
use crate::exit::Failure;

/// Warns of excluded names that no interface has: one of them may be misspelt.
pub(super) fn warn_of_unknown(selection: &Selection, interfaces: &[Interface], console: Console) {
    for name in selection.exclude.iter().filter(|name| !exists(interfaces, name)) {
        console.warn(format_args!(
            "there is no interface {name:?} to exclude; there are {}",
            known(interfaces).join(", ")
        ));
    }
}

/// Refuses included names that no interface has, as a discovery does.
pub(super) fn refuse_unknown(
    selection: &Selection,
    interfaces: &[Interface],
) -> Result<(), Failure> {
    match selection.include.iter().find(|name| !exists(interfaces, name)) {
        None => Ok(()),
        Some(name) => {
            let known = known(interfaces);
            let error = DiscoverError::NoSuchInterface { name: name.clone(), known };
            Err(Failure::settings(error.to_string()))
        }
    }
}

fn exists(interfaces: &[Interface], name: &str) -> bool {
    interfaces.iter().any(|interface| interface.name == name)
}

fn known(interfaces: &[Interface]) -> Vec<String> {
    interfaces.iter().map(|interface| interface.name.clone()).collect()
}
