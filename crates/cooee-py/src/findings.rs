//! Why nobody was found, as Python gets to see it.

use pyo3::prelude::*;

use crate::record::record;

record! {
    /// Something that keeps servers from being found; docs/doctor.md lists the codes.
    Finding {
        /// What kind of finding it is, such as `own-firewall`.
        code: String,
        /// What was seen.
        seen: String,
        /// What that means.
        means: String,
        /// What to do about it.
        r#do: String,
    }
}

impl From<&cooee::finding::Finding> for Finding {
    fn from(finding: &cooee::finding::Finding) -> Self {
        Self {
            code: finding.code().to_string(),
            seen: finding.seen().to_owned(),
            means: finding.means().to_owned(),
            r#do: finding.remedy().to_owned(),
        }
    }
}

/// What a discovery found, to ask for its findings later.
#[pyclass(frozen, module = "cooee._core")]
pub(crate) struct _Evidence(pub(crate) cooee::Found);

#[pymethods]
impl _Evidence {
    /// Looks around on this host.
    fn findings(&self, py: Python<'_>) -> Vec<Finding> {
        let findings = py.detach(|| self.0.findings());
        findings.iter().map(Finding::from).collect()
    }
}
