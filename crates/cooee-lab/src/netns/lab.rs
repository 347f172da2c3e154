use std::fs;
use std::io;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use procfs::process::Process;

use super::namespace::{self, DIRECTORY, Namespace};
use super::{Host, LabError, Segment, Unavailable};

const PREFIX: &str = "cooee-";

const CAPABILITIES: [(&str, u32); 3] =
    [("CAP_NET_ADMIN", 12), ("CAP_NET_RAW", 13), ("CAP_SYS_ADMIN", 21)];

const PROGRAMS: [(&str, &str, &str); 2] =
    [("ip", "-Version", "iproute2"), ("nft", "--version", "nftables")];

static LABS: AtomicUsize = AtomicUsize::new(0);

/// Makes hosts and segments whose names are unique on the machine.
///
/// The lab itself holds nothing: each host and segment lives as long as its own handle.
#[derive(Debug)]
pub struct Lab {
    prefix: String,
}

impl Lab {
    /// Starts a lab, after removing what dead processes left of theirs.
    ///
    /// # Errors
    /// `Unavailable`: the machine cannot run a lab, now or later.
    pub fn new() -> Result<Self, LabError> {
        Self::availability()?;
        remove_stale();
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        Ok(Self { prefix: format!("{PREFIX}{}-{number}", process::id()) })
    }

    /// Says whether the machine can run a lab.
    ///
    /// # Errors
    /// The first thing that is missing.
    pub fn availability() -> Result<(), Unavailable> {
        let effective = Process::myself().and_then(|own| own.status()).map_or(0, |s| s.capeff);
        for (capability, bit) in CAPABILITIES {
            if effective & (1 << bit) == 0 {
                return Err(Unavailable::NoCapability { capability });
            }
        }
        for (program, version, package) in PROGRAMS {
            let started = Command::new(program).arg(version).stdout(Stdio::null()).status();
            if started.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
                return Err(Unavailable::NoProgram { program, package });
            }
        }
        Ok(())
    }

    /// Makes a segment: a bridge that floods what it does not know, and loses nothing.
    ///
    /// # Errors
    /// `Command`: a tool refused, for instance because the name is taken in this lab.
    pub fn segment(&self, name: &str) -> Result<Segment, LabError> {
        Segment::create(Namespace::create(format!("{}-segment-{name}", self.prefix))?)
    }

    /// Makes a host with nothing but a loopback interface.
    ///
    /// # Errors
    /// `Command`: a tool refused, for instance because the name is taken in this lab.
    pub fn host(&self, name: &str) -> Result<Host, LabError> {
        Host::create(Namespace::create(format!("{}-{name}", self.prefix))?)
    }

    /// Makes a host that is joined to each segment under its address, and forwards between
    /// them, but never a broadcast.
    ///
    /// # Errors
    /// `Command`: a tool refused an address or the name; `NotReady`: an interface stayed dead.
    pub fn router(&self, name: &str, sides: &[(&Segment, &str)]) -> Result<Host, LabError> {
        let router = self.host(name)?;
        router.forward()?;
        for (segment, address) in sides {
            router.join(segment, address)?;
        }
        Ok(router)
    }
}

fn remove_stale() {
    let Ok(entries) = fs::read_dir(DIRECTORY) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if let Some(name) = name.to_str().filter(|name| is_stale(name)) {
            namespace::remove(name);
        }
    }
}

fn is_stale(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .and_then(|rest| rest.split('-').next())
        .and_then(|pid| pid.parse().ok())
        .is_some_and(|pid: i32| Process::new(pid).is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_namespaces_of_dead_processes_are_stale() {
        assert!(!is_stale(&format!("cooee-{}-0-server", process::id())));
        assert!(is_stale(&format!("cooee-{}-0-server", i32::MAX)));
        assert!(!is_stale("cooee-mine"));
        assert!(!is_stale(&format!("other-{}-0-server", i32::MAX)));
    }
}
