use std::path::Path;

use crate::args::{File, Find, Serve};

/// What the command does where nothing but a configuration file says what to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What `cooee serve` does.
    pub serve: Serve,
    /// What `cooee find` does.
    pub find: Find,
}

impl Settings {
    /// Reads `text`, which the file `path` holds.
    ///
    /// # Errors
    /// What is wrong with it and where, in words for people: `PATH:LINE:COLUMN is wrong`, and on
    /// the lines below why.
    pub fn read(path: &Path, text: &str) -> Result<Self, String> {
        let file = File::parse(path, text).map_err(|failure| failure.to_string())?;
        let wire = file.wire().resolve();
        Ok(Self { serve: file.serve.resolve(wire.clone()), find: file.find.resolve(wire) })
    }
}
