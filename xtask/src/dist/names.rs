//! The names of the files of a release.

use super::release::Release;
use super::sums;
use super::target::TARGETS;

/// The ends of the names of wheels, which all begin alike.
const WHEELS: [&str; 7] = [
    "macosx_10_12_x86_64.whl",
    "macosx_11_0_arm64.whl",
    "manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
    "manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    "musllinux_1_2_aarch64.whl",
    "musllinux_1_2_x86_64.whl",
    "win_amd64.whl",
];

/// All of them, sorted.
pub(super) fn all() -> Vec<String> {
    let version = Release::VERSION;
    let mut names = vec![sums::NAME.to_owned(), sbom(), format!("cooee-{version}.tar.gz")];
    names.extend(WHEELS.map(|end| format!("cooee-{version}-cp39-abi3-{end}")));
    for target in TARGETS {
        names.push(target.archive(version));
        if let Some(architecture) = target.packages {
            names.extend([architecture.deb(version), architecture.rpm(version)]);
        }
    }
    names.sort();
    names
}

pub(super) fn sbom() -> String {
    format!("cooee-{}.cdx.json", Release::VERSION)
}

/// What `found` lacks of `expected` or has besides.
pub(super) fn objections(expected: &[String], found: &[String]) -> Vec<String> {
    let lacking = expected.iter().filter(|name| !found.contains(name));
    let more = found.iter().filter(|name| !expected.contains(name));
    let lacking = lacking.map(|name| format!("there is no {name}"));
    lacking.chain(more.map(|name| format!("{name} should not be there"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_files_have_one_name() {
        let mut names = all();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(names.iter().all(|name| !name.contains('/')), "{names:?}");
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_is_named() {
        let names = |names: [&str; 2]| names.map(str::to_owned);
        let found = objections(&names(["a", "b"]), &names(["b", "c"]));
        assert_eq!(found, ["there is no a", "c should not be there"]);
    }
}
