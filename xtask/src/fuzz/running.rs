use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

use anyhow::{Context, Result};

use super::corpora::Corpora;
use super::program::Programs;

/// What libFuzzer says when it has found something.
const FINDINGS: [&str; 4] = ["panicked at", "ERROR: ", "SUMMARY: ", "Test unit written to "];

/// The fuzzer of one target.
pub(super) struct Running {
    target: String,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Running {
    /// One input may take this long, in seconds: a thousand times what the slowest does.
    const HANGS_AFTER: u32 = 10;
    /// MiB of memory for a fuzzer, most of which is its own.
    const MEMORY: u32 = 1024;
    const LONGEST_INPUT: u32 = 4096;

    pub(super) fn start(
        programs: &Programs<'_>,
        corpora: &Corpora,
        target: &str,
        minutes: u32,
    ) -> Result<Self> {
        let found = corpora.found(target);
        fs::create_dir_all(&found).context("cannot make a directory for what is found")?;
        let crashes = programs.target_dir().join("crashes");
        fs::create_dir_all(&crashes).context("cannot make a directory for crashes")?;
        let log = programs.target_dir().join(format!("{target}.log"));
        let said = File::create(&log).context("cannot write a log")?;
        let mut fuzzer = programs.fuzzer(target);
        fuzzer
            .arg(format!("-max_total_time={}", 60 * minutes))
            .arg(format!("-timeout={}", Self::HANGS_AFTER))
            .arg(format!("-rss_limit_mb={}", Self::MEMORY))
            .arg(format!("-max_len={}", Self::LONGEST_INPUT))
            .arg(format!("-artifact_prefix={}/{target}-", crashes.display()))
            .arg("-print_final_stats=1")
            .args([found, corpora.kept(target)])
            .stdout(Stdio::null())
            .stderr(said);
        let child = fuzzer.spawn().with_context(|| format!("cannot run the fuzzer {target}"))?;
        Ok(Self { target: target.to_owned(), child, log, ended: None })
    }

    pub(super) fn target(&self) -> &str {
        &self.target
    }

    pub(super) fn is_running(&mut self) -> bool {
        if self.ended.is_some() {
            return false;
        }
        match self.child.try_wait() {
            Ok(ended) => {
                self.ended = ended;
                ended.is_none()
            }
            // Without a status it does not count as having ended well.
            Err(_) => false,
        }
    }

    /// The last that libFuzzer said of how far it is.
    pub(super) fn progress(&self) -> Result<String> {
        let is_status = |line: &&str| {
            line.strip_prefix('#')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let said = self.said()?;
        let last = said.lines().rfind(is_status).unwrap_or("begins");
        Ok(format!("{}: {}", self.target, last.replace('\t', " ")))
    }

    /// Tells how it ended, and whether that was well.
    pub(super) fn tell(&self, corpus: &Path) -> Result<bool> {
        let (said, target) = (self.said()?, &self.target);
        let stat = |name: &str| {
            let is_it = |line: &&str| line.starts_with(&format!("stat::{name}:"));
            said.lines().find(is_it).and_then(|line| line.split_whitespace().nth(1)).unwrap_or("?")
        };
        let (inputs, memory) = (stat("number_of_executed_units"), stat("peak_rss_mb"));
        let well = self.ended.is_some_and(|status| status.success());
        let verdict = if well { "no crash, no hang" } else { "FAILED" };
        println!("{target}: {verdict}; {inputs} inputs, at most {memory} MiB");
        println!("    {}", self.progress()?);
        if !well {
            let is_finding = |line: &&str| FINDINGS.iter().any(|finding| line.contains(finding));
            said.lines().filter(is_finding).for_each(|line| println!("    {line}"));
            println!("    all that it said: {}", self.log.display());
            println!(
                "    to replay it: copy the unit to {}, and run cargo test -p cooee-fuzz",
                corpus.display()
            );
        }
        Ok(well)
    }

    fn said(&self) -> Result<String> {
        let bytes = fs::read(&self.log).context("cannot read a log")?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_running() {
            // It may have ended by itself just now.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
