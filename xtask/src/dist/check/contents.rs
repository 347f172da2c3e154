//! Whether the archives hold what they must.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use zip::ZipArchive;

use super::paths;
use crate::dist::names;
use crate::dist::release::Release;
use crate::dist::target::{System, Target};

/// No command may be larger.
const LARGEST: usize = 4 << 20;

/// What is in every archive beside the command.
const FILES: [&str; 9] = [
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "THIRD-PARTY.txt",
    "completions/_cooee",
    "completions/_cooee.ps1",
    "completions/cooee.bash",
    "completions/cooee.fish",
];
const PAGES: [&str; 8] = [
    "cooee.1",
    "cooee-completions.1",
    "cooee-demo.1",
    "cooee-doctor.1",
    "cooee-find.1",
    "cooee-interfaces.1",
    "cooee-man.1",
    "cooee-serve.1",
];
const UNITS: [&str; 2] = ["systemd/cooee.service", "systemd/cooee.socket"];

/// Whether the archive for `target` in `directory` holds all that it must and nothing else, and a
/// command for that system of a size that is allowed. Unpacks the command into `unpacked`.
pub(super) fn check(directory: &Path, target: &Target, root: &Path, unpacked: &Path) -> Result<()> {
    let path = directory.join(target.archive(Release::VERSION));
    let entries = match target.system {
        System::Windows => zip(&path),
        System::Linux | System::MacOs => tar(&path),
    };
    let entries = entries.with_context(|| format!("cannot read {path:?}"))?;
    let found: Vec<_> = entries.iter().map(|(name, _)| name.clone()).collect();
    let mut objections = names::objections(&expected(target), &found);
    let name = format!("{}/{}", target.directory(Release::VERSION), target.program());
    if let Some((_, program)) = entries.iter().find(|(entry, _)| *entry == name) {
        println!("{}: {} bytes", target.triple, program.len());
        objections.extend(self::objections(target, program));
        objections.extend(paths::objections(root, program));
        fs::create_dir_all(unpacked)?;
        write(&unpacked.join(target.program()), program)?;
    }
    for (name, _) in entries.iter().filter(|(_, content)| content.is_empty()) {
        objections.push(format!("{name} is empty"));
    }
    if !objections.is_empty() {
        bail!("{}: {}", path.display(), objections.join("; "));
    }
    Ok(())
}

fn expected(target: &Target) -> Vec<String> {
    let mut files: Vec<String> = FILES.map(str::to_owned).into();
    files.push(target.program().to_owned());
    files.extend(PAGES.map(|page| format!("man/man1/{page}")));
    if target.system == System::Linux {
        files.extend(UNITS.map(str::to_owned));
    }
    let directory = target.directory(Release::VERSION);
    files.into_iter().map(|file| format!("{directory}/{file}")).collect()
}

fn objections(target: &Target, program: &[u8]) -> Vec<String> {
    let mut objections = Vec::new();
    if program.len() > LARGEST {
        objections.push(format!("the command has {} bytes, over {LARGEST}", program.len()));
    }
    if !is_for(target, program) {
        objections.push(format!("the command is none for {}", target.triple));
    }
    objections
}

/// Whether the file has the format and the machine of the system.
fn is_for(target: &Target, program: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = program.get(at..)?.first_chunk()?;
        Some(u16::from_le_bytes(*bytes))
    };
    let arm = target.triple.starts_with("aarch64");
    match target.system {
        System::Linux => {
            program.starts_with(b"\x7fELF") && number(18) == Some(if arm { 0xb7 } else { 0x3e })
        }
        // The magic number of 64 bits, and the type of processor with the bit for 64.
        System::MacOs => program.starts_with(&[0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1]),
        System::Windows => {
            let header = number(0x3c).map(usize::from);
            program.starts_with(b"MZ") && header.and_then(|at| number(at + 4)) == Some(0x8664)
        }
    }
}

type Entries = Vec<(String, Vec<u8>)>;

fn tar(path: &Path) -> Result<Entries> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path)?));
    let mut entries = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        entries.push((name, content));
    }
    Ok(entries)
}

fn zip(path: &Path) -> Result<Entries> {
    let mut archive = ZipArchive::new(File::open(path)?)?;
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        entries.push((entry.name()?.into_owned(), content));
    }
    Ok(entries)
}

fn write(path: &Path, program: &[u8]) -> Result<()> {
    fs::write(path, program)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::target::TARGETS;

    #[test]
    fn a_program_is_for_one_system() {
        let mut elf = b"\x7fELF".to_vec();
        elf.resize(64, 0);
        elf[18] = 0x3e;
        let verdicts = TARGETS.map(|target| is_for(&target, &elf));
        assert_eq!(verdicts, [true, false, false, false]);
        let mut windows = b"MZ".to_vec();
        windows.resize(256, 0);
        windows[0x3c] = 128;
        windows[132..134].copy_from_slice(&[0x64, 0x86]);
        let verdicts = TARGETS.map(|target| is_for(&target, &windows));
        assert_eq!(verdicts, [false, false, false, true]);
        assert!(TARGETS.iter().all(|target| !is_for(target, b"")));
    }

    #[test]
    fn a_large_command_is_refused() {
        let large = vec![0; LARGEST + 1];
        assert_eq!(objections(&TARGETS[0], &large).len(), 2);
    }
}
