//! The files of a release, one kind after the other.

use std::env::consts::ARCH;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::archive;
use super::crates::Crates;
use super::documents::Documents;
use super::graph::{Crate, Graph};
use super::licences;
use super::names;
use super::packages::{self, Packagers};
use super::programs;
use super::release::Release;
use super::sbom;
use super::sums;
use super::target::{Architecture, System, TARGETS, Target};
use crate::missing::Missing;
use crate::python::{self, Tools};
use crate::report::Report;
use crate::setup::venv::Lacking;
use crate::workspace::Workspace;

/// The crate with the command, and the one with the extension of the wheels.
const CRATES: [&str; 2] = ["cooee-cli", "cooee-py"];

/// What is needed beside the sources.
pub(super) struct Toolbox {
    tools: Tools,
    packagers: Packagers,
}

impl Toolbox {
    /// Installs under the target directory what is not there yet, or reports why it cannot.
    pub(super) fn install(workspace: &Workspace, report: &mut Report) -> Option<Self> {
        let tools = Tools::for_building(workspace, Path::new(python::DEFAULT));
        let tools = tools.map_err(|Lacking { why, fix }| {
            report.skip(1, [Missing::new("release", why, fix)]);
        });
        let directory = workspace.target().join("tools");
        let packagers = Packagers::install(workspace, &directory, report)?;
        Some(Self { tools: tools.ok()?, packagers })
    }

    /// The same tools for another copy of the sources.
    pub(super) fn in_copy(self, root: &Path) -> Self {
        Self { tools: self.tools.in_copy(root.to_owned()), ..self }
    }
}

/// Makes all files anew in the directory of the release, or those for the systems `only`.
pub(super) fn run(workspace: &Workspace, toolbox: &Toolbox, only: &[String], report: &mut Report) {
    let mut release = None;
    report.judge("directory of the release", || {
        release = Some(emptied(Release::of(workspace, only)?)?);
        Ok(())
    });
    let Some(release) = release else { return };
    let targets = programs::build(workspace, &toolbox.tools, &release, report);
    let mut documents = None;
    report.judge("manual pages and completions", || {
        documents = Some(document(workspace, &release, &targets)?);
        Ok(())
    });
    if let Some(documents) = documents {
        for target in &targets {
            publish(workspace, toolbox, &release, target, &documents, report);
        }
    }
    programs::build_wheels(workspace, &toolbox.tools, &release, report);
    report.judge("SBOM", || write_sbom(workspace, &release));
    report.judge("checksums", || sums::write(&release.out));
}

/// There may be no older files.
fn emptied(release: Release) -> Result<Release> {
    let out = &release.out;
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("cannot empty {out:?}"))?;
    }
    fs::create_dir_all(out).with_context(|| format!("cannot make {out:?}"))?;
    Ok(release)
}

/// Has the command that runs here describe itself.
fn document(workspace: &Workspace, release: &Release, targets: &[Target]) -> Result<Documents> {
    let runs = |target: &&Target| target.system == System::Linux && target.triple.starts_with(ARCH);
    let own = targets.iter().find(runs);
    let own = own.context("no command was built that runs here and writes its manual pages; see above, or add --target x86_64-unknown-linux-musl")?;
    let root = workspace.shell().current_dir();
    Documents::make(&root, &release.command(own), &release.build.join("man"))
}

/// Writes the archive for `target`, and its packages.
fn publish(
    workspace: &Workspace,
    toolbox: &Toolbox,
    release: &Release,
    target: &Target,
    documents: &Documents,
    report: &mut Report,
) {
    let mut built = None;
    report.judge(&format!("archive for {}", target.triple), || {
        let found = Built::read(workspace, release, target)?;
        let bytes = found.archive(release, target, documents)?;
        fs::write(release.out.join(target.archive(Release::VERSION)), bytes)?;
        built = Some(found);
        Ok(())
    });
    let (Some(built), Some(architecture)) = (built, &target.packages) else { return };
    let stage = release.build.join("packages").join(target.triple);
    let mut staged = false;
    report.judge(&format!("files of the packages for {}", architecture.debian), || {
        let files = packages::installed(documents, built.program, &built.licences)?;
        packages::stage(&stage, &workspace.shell().current_dir(), &files)?;
        staged = true;
        Ok(())
    });
    if staged {
        package(toolbox, release, target, architecture, &stage, report);
    }
}

fn package(
    toolbox: &Toolbox,
    release: &Release,
    target: &Target,
    architecture: &Architecture,
    stage: &Path,
    report: &mut Report,
) {
    let names = [architecture.deb(Release::VERSION), architecture.rpm(Release::VERSION)];
    let [deb, rpm] = names.each_ref().map(|name| release.out.join(name));
    let commands = [
        toolbox.packagers.deb(stage, &deb, target),
        toolbox.packagers.rpm(stage, &rpm, architecture),
    ];
    for (name, mut command) in names.iter().zip(commands) {
        release.date(&mut command);
        report.check(name, &mut command);
    }
}

/// The command for one system, and the licences of what is in it.
struct Built {
    program: Vec<u8>,
    licences: String,
}

impl Built {
    fn read(workspace: &Workspace, release: &Release, target: &Target) -> Result<Self> {
        let mut graph = Graph::default();
        graph.add(workspace, CRATES[0], target.triple)?;
        let licences = licences::third_party(&Crates::read(workspace, &graph)?)?;
        let path = release.command(target);
        let program = fs::read(&path).with_context(|| format!("cannot read {path:?}"))?;
        Ok(Self { program, licences })
    }

    fn archive(
        &self,
        release: &Release,
        target: &Target,
        documents: &Documents,
    ) -> Result<Vec<u8>> {
        let files = documents.archived(target, self.program.clone(), &self.licences);
        let directory = target.directory(Release::VERSION);
        match target.system {
            System::Windows => archive::zip(&directory, &files, release.epoch),
            System::Linux | System::MacOs => archive::tar_gz(&directory, &files, release.epoch),
        }
    }
}

/// Of everything that is linked into a command or a wheel for any of the systems.
fn write_sbom(workspace: &Workspace, release: &Release) -> Result<()> {
    let mut graph = Graph::default();
    for package in CRATES {
        for target in TARGETS {
            graph.add(workspace, package, target.triple)?;
        }
    }
    let crates = Crates::read(workspace, &graph)?;
    let root = Crate { name: CRATES[0].to_owned(), version: Release::VERSION.to_owned() };
    let document = sbom::document(&root, &graph, &crates, release.epoch);
    let text = serde_json::to_string_pretty(&document)? + "\n";
    fs::write(release.out.join(names::sbom()), text)?;
    Ok(())
}
