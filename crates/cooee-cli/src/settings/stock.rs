use std::env::{self, VarError};

use super::setting::{Section, Shape, items};
use super::sources::Sources;
use super::written::Written;
use crate::exit::Failure;

/// Reads the environment variables of `django-udp-discovery-client` 1.0.0.
///
/// `DISCOVERY_CLIENT_ENABLE_SUBNET_SCAN` is ignored; it has no effect there either.
pub(crate) fn read<S: Section>(sources: &mut Sources) -> Result<Written<S>, Failure> {
    let mut written = Written::default();
    for setting in S::settings() {
        let Some(name) = setting.stock else { continue };
        let wrong = |text: &dyn std::fmt::Debug, why: &str| {
            Failure::usage(format!("environment variable {name} has the value {text:?}: {why}"))
        };
        match env::var(name) {
            Ok(text) => {
                sources.add_variable(name);
                let texts = match setting.shape {
                    Shape::List => items(&text),
                    Shape::One | Shape::Repeated | Shape::Switch => vec![text.clone()],
                };
                written.add(&setting, &texts).map_err(|why| wrong(&text, &why))?;
            }
            Err(VarError::NotPresent) => {}
            Err(VarError::NotUnicode(text)) => return Err(wrong(&text, "it is not UTF-8")),
        }
    }
    Ok(written)
}
