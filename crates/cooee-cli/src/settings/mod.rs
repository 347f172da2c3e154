//! What can be set: each setting is declared once, with its name, bounds, default and help. Its
//! option, its `COOEE_*` variable and its key in the file follow from the declaration.

mod document;
mod file;
mod find;
mod log;
mod serve;
mod setting;
mod sources;
mod stock;
mod ways;
mod wire;
mod written;

use std::path::Path;

pub(crate) use file::File;
pub use find::Find;
pub(crate) use log::Log;
pub use serve::Serve;
pub(crate) use setting::{Section, Setting, Shape};
pub(crate) use sources::Sources;
pub use wire::Wire;
pub(crate) use written::{Written, resolve};

pub(crate) use stock::read as read_stock;

/// What the command does if nothing but a configuration file says what to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What `cooee serve` does.
    pub serve: Serve,
    /// What `cooee find` does.
    pub find: Find,
}

impl Settings {
    /// Reads `text`, the contents of the file `path`.
    ///
    /// # Errors
    /// What is wrong and where, for people: `PATH:LINE:COLUMN is wrong`, and the reason on the
    /// lines below.
    pub fn read(path: &Path, text: &str) -> Result<Self, String> {
        let file = File::parse(path, text).map_err(|failure| failure.to_string())?;
        let wire: Wire = resolve([file.wire]);
        let mut settings = Self { serve: resolve([file.serve]), find: resolve([file.find]) };
        settings.serve.wire = wire.clone();
        settings.find.wire = wire;
        Ok(settings)
    }
}
