use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;
use serde::Deserialize;

use super::{FindArgs, ServeArgs, Sources, WireArgs};
use crate::exit::Failure;
use crate::value::{LogFormat, Message, Port, Prefix};

/// What a configuration file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct File {
    port: Option<Port>,
    message: Option<Message>,
    prefix: Option<Prefix>,
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) serve: ServeArgs,
    pub(crate) find: FindArgs,
}

impl File {
    /// Reads the file that was named, which must exist, or the first default one that exists.
    pub(crate) fn load(named: Option<&Path>, sources: &mut Sources) -> Result<Self, Failure> {
        if let Some(path) = named {
            let text = fs::read_to_string(path).map_err(|error| {
                Failure::usage(format!("{} cannot be read: {error}", path.display()))
            })?;
            sources.add_file(path);
            return Self::parse(path, &text);
        }
        for path in default_paths() {
            match fs::read_to_string(&path) {
                Ok(text) => {
                    sources.add_file(&path);
                    return Self::parse(&path, &text);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // A path that leads through a file, not a directory: there is none here.
                Err(error) if error.kind() == ErrorKind::NotADirectory => {}
                Err(error) => {
                    let path = path.display();
                    return Err(Failure::usage(format!("{path} cannot be read: {error}")));
                }
            }
        }
        Ok(Self::default())
    }

    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        toml::from_str(text).map_err(|error| {
            let at = error.span().map_or_else(String::new, |span| position(text, span.start));
            let shown = error.to_string();
            Failure::usage(format!("{}{at} is wrong\n{}", path.display(), shown.trim_end()))
        })
    }

    pub(crate) fn wire(&self) -> WireArgs {
        WireArgs { port: self.port, message: self.message.clone(), prefix: self.prefix.clone() }
    }
}

/// `:LINE:COLUMN` of a byte, both counted from 1, the column in characters.
fn position(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    format!(":{line}:{column}")
}

fn default_paths() -> impl Iterator<Item = PathBuf> {
    const NAME: &str = "cooee/config.toml";
    let own = Xdg::new().ok().map(|base| base.config_dir().join(NAME));
    own.into_iter().chain([Path::new("/etc").join(NAME)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<File, String> {
        File::parse(Path::new("c.toml"), text).map_err(|failure| failure.to_string())
    }

    #[test]
    fn numbers_texts_and_lists() {
        let file = parse(
            "port = 9000\n[find]\ntimeout = 0.5\ninterface = 'a,b'\nhost = ['10.0.0.1']\n\
             [serve]\nrate-limit = 'off'\nallow = ['10.0.0.0/8']\n",
        )
        .expect("a good file");
        assert_eq!(file.port, Some(Port(9000)));
        assert_eq!(file.find.interface.map(|names| names.len()), Some(2));
        assert_eq!(file.serve.allow.map(|nets| nets.len()), Some(1));
    }

    #[test]
    fn what_is_wrong_and_where() {
        for (text, place, says) in [
            ("port = 70000", "c.toml:1:8", "1 to 65535"),
            ("[find]\ntimeout = 'soon'", "c.toml:2:11", "not a duration"),
            ("\n[serve]\nprot = 1", "c.toml:3:1", "unknown field `prot`"),
            ("[find]\nwait = 'maybe'", "c.toml:2:8", "expected `full` or `settled`"),
            ("[find]\nhost = [\n '10.0.0.1',\n 'x']", "c.toml:4:2", "not an IPv4 address"),
            ("port = true", "c.toml:1:8", "a port, 1 to 65535"),
            ("port", "c.toml:1:5", "expected"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.starts_with(place), "{error}");
            assert!(error.contains(says), "{error}");
        }
    }
}
