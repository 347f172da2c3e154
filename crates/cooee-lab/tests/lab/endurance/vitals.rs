//! What a process has and uses, as the kernel accounts it.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::Process;

use crate::programs::DEADLINE;

/// What must stay constant whatever happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holdings {
    pub(super) threads: usize,
    pub(super) descriptors: usize,
}

/// What the process has when it is not reading the rules of a firewall, which takes a thread and
/// programs for a moment.
pub(super) fn holdings(pid: u32) -> Holdings {
    let began = Instant::now();
    let mut before = None;
    loop {
        let now = count(pid);
        // A thread has its name a moment after it has begun.
        if before == Some(now) && !is_reading_the_firewall(pid) {
            return now;
        }
        assert!(began.elapsed() < DEADLINE, "{now:?}, and the firewall is still read");
        before = Some(now);
        thread::sleep(Duration::from_millis(10));
    }
}

fn count(pid: u32) -> Holdings {
    let process = process(pid);
    Holdings { threads: process.tasks().unwrap().count(), descriptors: process.fd_count().unwrap() }
}

fn is_reading_the_firewall(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    // A thread may end while it is looked at.
    let name = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("comm"));
    threads.filter_map(|thread| name(thread).ok()).any(|name| name.trim_end() == "firewall")
}

/// What the process has open, for people.
pub(super) fn open(pid: u32) -> Vec<String> {
    let descriptors = process(pid).fd().unwrap().flatten();
    descriptors.map(|descriptor| format!("{} {:?}", descriptor.fd, descriptor.target)).collect()
}

/// The number that the next file will have that the process opens.
pub(super) fn lowest_free_descriptor(pid: u32) -> usize {
    let taken = |number: &usize| fs::symlink_metadata(format!("/proc/{pid}/fd/{number}")).is_ok();
    (0..).find(|number| !taken(number)).unwrap()
}

/// The memory that is the process's alone, and no file's.
pub(super) fn anonymous_kib(pid: u32) -> u64 {
    let rollup = process(pid).smaps_rollup().unwrap().memory_map_rollup;
    rollup.0.iter().map(|map| map.extension.map["Anonymous"]).sum::<u64>() / 1024
}

/// The resident memory now, and at its highest.
pub(crate) fn resident_kib(pid: u32) -> (u64, u64) {
    let status = process(pid).status().unwrap();
    (status.vmrss.unwrap(), status.vmhwm.unwrap())
}

/// The time that the process's threads ran.
pub(super) fn cpu_time(pid: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let nanos = threads.map(|thread| {
        let schedstat = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
        schedstat.split(' ').next().unwrap().parse::<u64>().unwrap()
    });
    Duration::from_nanos(nanos.sum())
}

/// The share of one processor that the process had while `work` went on.
pub(super) fn cpu_share(pid: u32, work: impl FnOnce()) -> f64 {
    let (began, before) = (Instant::now(), cpu_time(pid));
    work();
    (cpu_time(pid) - before).as_secs_f64() / began.elapsed().as_secs_f64()
}

/// How many datagrams the kernel has dropped at the sockets on UDP port `port`, in the
/// process's network namespace.
pub(super) fn kernel_drops(pid: u32, port: u16) -> u64 {
    let table = fs::read_to_string(format!("/proc/{pid}/net/udp")).unwrap();
    let port = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row[1].ends_with(&port)).map(|row| row[12].parse::<u64>().unwrap()).sum()
}

fn process(pid: u32) -> Process {
    Process::new(pid.cast_signed()).unwrap()
}
