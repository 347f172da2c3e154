//! Where this program's files are: by the XDG Base Directory Specification, on Windows in the known
//! folders. Never at a place that depends on the current directory or drive, where others may
//! have put a file.

#[cfg(windows)]
mod trust;

use std::path::{Path, PathBuf};

/// The user's own configuration file, then the host's.
pub(crate) fn configuration() -> impl Iterator<Item = PathBuf> {
    let directories = [sys::own_configuration(), sys::configuration_of_host()];
    absolute(directories).map(|directory| directory.join("cooee").join("config.toml"))
}

/// Whether nobody but this user and administrators can have put a file of the
/// [configuration](configuration) where it is. On Windows any user may make files in the directory of
/// the host's, even in a folder of somebody else.
pub(crate) fn is_trusted(file: &Path) -> bool {
    sys::is_trusted(file)
}

/// Where to keep what is of use the next time.
pub(crate) fn state() -> Option<PathBuf> {
    absolute([sys::state()]).map(|directory| directory.join("cooee")).next()
}

/// On Windows `\etc` is not absolute: it is on the current drive.
fn absolute(
    directories: impl IntoIterator<Item = Option<PathBuf>>,
) -> impl Iterator<Item = PathBuf> {
    directories.into_iter().flatten().filter(|directory| directory.is_absolute())
}

pub(crate) use sys::{CONFIGURATION, STATE};

#[cfg(not(windows))]
mod sys {
    use std::path::{Path, PathBuf};

    use etcetera::BaseStrategy;
    use etcetera::base_strategy::Xdg;

    /// Where the configuration file is, in the words of a help text.
    pub(crate) const CONFIGURATION: &str =
        "cooee/config.toml in $XDG_CONFIG_HOME, else /etc/cooee/config.toml";
    /// The directory of [`state`](super::state), in the words of a help text.
    pub(crate) const STATE: &str = "$XDG_STATE_HOME";

    pub(super) fn own_configuration() -> Option<PathBuf> {
        Some(Xdg::new().ok()?.config_dir())
    }

    pub(super) fn configuration_of_host() -> Option<PathBuf> {
        Some(PathBuf::from("/etc"))
    }

    pub(super) fn is_trusted(_: &Path) -> bool {
        true
    }

    pub(super) fn state() -> Option<PathBuf> {
        Xdg::new().ok()?.state_dir()
    }
}

#[cfg(windows)]
mod sys {
    use std::path::{Path, PathBuf};

    use etcetera::BaseStrategy;
    use etcetera::base_strategy::Windows;

    use super::trust;

    /// Where the configuration file is, in the words of a help text.
    pub(crate) const CONFIGURATION: &str =
        r"cooee\config.toml in %APPDATA%, else cooee\config.toml in %PROGRAMDATA%";
    /// The directory of [`state`](super::state), in the words of a help text.
    pub(crate) const STATE: &str = "%LOCALAPPDATA%";

    pub(super) fn own_configuration() -> Option<PathBuf> {
        Some(Windows::new().ok()?.config_dir())
    }

    pub(super) fn configuration_of_host() -> Option<PathBuf> {
        std::env::var_os("PROGRAMDATA").map(PathBuf::from)
    }

    pub(super) fn is_trusted(file: &Path) -> bool {
        let is_of_host = configuration_of_host().is_some_and(|of_host| file.starts_with(of_host));
        let with_folder = [Some(file), file.parent()];
        !is_of_host || with_folder.into_iter().flatten().all(trust::is_trusted)
    }

    pub(super) fn state() -> Option<PathBuf> {
        Some(Windows::new().ok()?.cache_dir())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_current_drive_is_none() {
        let relative = if cfg!(windows) { r"\etc" } else { "etc" };
        let fixed = if cfg!(windows) { r"C:\etc" } else { "/etc" };
        let directories = [relative, fixed, ""].map(|directory| Some(PathBuf::from(directory)));
        let found: Vec<_> = absolute(directories).collect();
        assert_eq!(found, [PathBuf::from(fixed)]);
    }

    #[test]
    fn all_places_are_fixed() {
        assert!(configuration().count() >= 1);
        assert!(configuration().chain(state()).all(|path| path.is_absolute()));
    }
}
