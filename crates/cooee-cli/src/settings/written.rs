use super::setting::{Edit, Section, Setting};

/// What one source (the file, the environment or the command line) says of a section.
pub(crate) struct Written<S>(Vec<Edit<S>>);

impl<S> Default for Written<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Section> Written<S> {
    /// Takes the values of a setting.
    pub(crate) fn add(&mut self, setting: &Setting<S>, texts: &[String]) -> Result<(), String> {
        self.0.push(setting.read(texts)?);
        Ok(())
    }
}

/// The section that these sources make, each of which outdoes those before it.
pub(crate) fn resolve<S: Section>(sources: impl IntoIterator<Item = Written<S>>) -> S {
    let mut section = S::default();
    for edit in sources.into_iter().flat_map(|source| source.0) {
        edit(&mut section);
    }
    section
}
