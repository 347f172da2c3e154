//! What it is measured on, and when.

use std::fs;
use std::time::SystemTime;

/// Processor, cores, kernel, and how large a receive buffer it grants.
pub(crate) fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |line| line.trim_start_matches([' ', '\t', ':']));
    let cores = std::thread::available_parallelism().unwrap();
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let kernel = release.split('-').next().unwrap().trim();
    let buffer = fs::read_to_string("/proc/sys/net/core/rmem_max").unwrap();
    let buffer = buffer.trim().parse::<u64>().unwrap() / 1024;
    format!("{model}, {cores} cores, Linux {kernel}, rmem_max {buffer} KiB")
}

/// Today, as `2026-11-24`.
pub(crate) fn today() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now[..10].to_owned()
}
