use std::collections::BTreeSet;

/// What a program asked of the kernel.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) calls: BTreeSet<String>,
    /// The address families of its sockets.
    pub(super) families: BTreeSet<String>,
    /// Whether it asked for memory that can be written and executed.
    pub(super) makes_code: bool,
}

impl Trace {
    /// Reads what `strace -f` wrote, among other lines.
    pub(super) fn read(lines: &str) -> Self {
        let mut trace = Self::default();
        for (call, arguments) in lines.lines().filter_map(call) {
            trace.calls.insert(call.to_owned());
            match call {
                "socket" | "socketpair" => {
                    let family = arguments.split(',').next().unwrap_or_default();
                    trace.families.insert(family.to_owned());
                }
                "mmap" | "mprotect" => {
                    trace.makes_code |= arguments.contains("PROT_WRITE|PROT_EXEC");
                }
                _ => {}
            }
        }
        trace
    }
}

/// `1234  name(arguments…`
fn call(line: &str) -> Option<(&str, &str)> {
    let (pid, rest) = line.split_once(' ')?;
    let (name, arguments) = rest.trim_start().split_once('(')?;
    let is_call = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    (pid.parse::<u32>().is_ok() && is_call).then_some((name, arguments))
}
