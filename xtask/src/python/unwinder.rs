//! What a wheel for glibc unwinds its stack with.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use super::platform::Platform;
use super::tools::Tools;

/// What a wheel may call of the library, by the version that gcc gave it first.
const FUNCTIONS: [(&str, &[&str]); 3] = [
    (
        "GCC_3.0",
        &[
            "_Unwind_DeleteException",
            "_Unwind_Find_FDE",
            "_Unwind_ForcedUnwind",
            "_Unwind_GetDataRelBase",
            "_Unwind_GetGR",
            "_Unwind_GetIP",
            "_Unwind_GetLanguageSpecificData",
            "_Unwind_GetRegionStart",
            "_Unwind_GetTextRelBase",
            "_Unwind_RaiseException",
            "_Unwind_Resume",
            "_Unwind_SetGR",
            "_Unwind_SetIP",
        ],
    ),
    (
        "GCC_3.3",
        &[
            "_Unwind_Backtrace",
            "_Unwind_FindEnclosingFunction",
            "_Unwind_GetCFA",
            "_Unwind_Resume_or_Rethrow",
        ],
    ),
    ("GCC_4.2.0", &["_Unwind_GetIPInfo"]),
];

/// Makes a library to link with in place of the system's `libgcc_s.so.1`, of whose functions it
/// has the names and versions.
///
/// Zig links an unwinder of its own, and `pthread_exit` of glibc unwinds with the system's, which
/// calls Rust's for each frame: with what it gets, the other unwinder crashes. A thread comes there
/// that asks for the interpreter while it is finalized, on Python older than 3.14.
pub(super) fn library(tools: &Tools, platform: Platform, directory: &Path) -> Result<PathBuf> {
    let directory = directory.join(platform.triple);
    std::fs::create_dir_all(&directory)?;
    let (source, script) = (directory.join("gcc_s.c"), directory.join("gcc_s.map"));
    std::fs::write(&source, functions())?;
    std::fs::write(&script, versions())?;
    let library = directory.join("libgcc_s.so.1");
    let mut zig = tools.module(["ziglang", "cc", "-target"]);
    zig.arg(platform.triple.replace("-unknown", ""));
    zig.args(["-shared", "-nostdlib", "-Wl,-soname,libgcc_s.so.1"]);
    zig.arg(format!("-Wl,--version-script={}", script.display()));
    zig.arg("-o").args([&library, &source]);
    let status = zig.stdin(Stdio::null()).status().context("cannot run zig")?;
    ensure!(status.success(), "zig made no {}: {status}", library.display());
    Ok(library)
}

fn functions() -> String {
    let names = FUNCTIONS.iter().flat_map(|(_, names)| *names);
    names.fold(String::new(), |mut source, name| {
        let _ = writeln!(source, "void {name}(void) {{}}");
        source
    })
}

fn versions() -> String {
    FUNCTIONS.iter().fold(String::new(), |mut script, (version, names)| {
        let _ = writeln!(script, "{version} {{ {}; }};", names.join("; "));
        script
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_has_one_version() {
        assert!(versions().contains("GCC_4.2.0 { _Unwind_GetIPInfo; };\n"));
        assert_eq!(functions().lines().count(), 18);
        for line in functions().lines() {
            let name = line.strip_prefix("void ").and_then(|line| line.split('(').next());
            let name = name.expect("a function");
            assert_eq!(versions().matches(&format!(" {name};")).count(), 1, "{name}");
        }
    }
}
