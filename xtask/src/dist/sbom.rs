//! What the release is made of, as CycloneDX 1.6 writes it.

use cargo_metadata::Package;
use serde_json::{Value, json};

use super::archive;
use super::crates::{self, Crates};
use super::graph::{Crate, Graph};

const VERSION: &str = "1.6";

/// Of `root`, a crate in `graph`, at the time `epoch`. It has no serial number, which would have to be
/// another each time.
pub(super) fn document(root: &Crate, graph: &Graph, crates: &Crates, epoch: u64) -> Value {
    let of_root = crates.iter().find(|(named, _)| *named == root);
    let components = crates.iter().filter(|(named, _)| *named != root);
    let components: Vec<_> = components
        .map(|(named, package)| component("library", named, package, crates.checksum(named)))
        .collect();
    let dependencies: Vec<_> = graph
        .edges
        .iter()
        .map(|(named, on)| {
            let on: Vec<_> = on.iter().map(reference).collect();
            json!({ "ref": reference(named), "dependsOn": on })
        })
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": VERSION,
        "version": 1,
        "metadata": {
            "timestamp": archive::rfc3339(epoch),
            "component":
                of_root.map(|(named, package)| component("application", named, package, None)),
        },
        "components": components,
        "dependencies": dependencies,
    })
}

fn component(kind: &str, named: &Crate, package: &Package, checksum: Option<&str>) -> Value {
    let mut component = json!({
        "type": kind,
        "bom-ref": reference(named),
        "name": named.name,
        "version": named.version,
        "purl": reference(named),
    });
    let mut add = |key: &str, value: Option<Value>| {
        if let (Some(value), Some(fields)) = (value, component.as_object_mut()) {
            fields.insert(key.to_owned(), value);
        }
    };
    let licences = crates::licence(package).map(|expression| json!([{ "expression": expression }]));
    add("licenses", licences);
    add("description", package.description.as_ref().map(|text| json!(text.trim())));
    add("hashes", checksum.map(|sum| json!([{ "alg": "SHA-256", "content": sum }])));
    let vcs = package.repository.as_ref();
    add("externalReferences", vcs.map(|url| json!([{ "type": "vcs", "url": url }])));
    component
}

/// The package URL of a crate.
fn reference(named: &Crate) -> String {
    // A plus sign in a version means a space to who decodes the URL.
    format!("pkg:cargo/{}@{}", named.name, named.version.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_is_named_by_its_package_url() {
        let named = Crate { name: "a".to_owned(), version: "1.0.0+b".to_owned() };
        assert_eq!(reference(&named), "pkg:cargo/a@1.0.0%2Bb");
    }
}
