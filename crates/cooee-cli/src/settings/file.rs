use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::document::{Key, Table, names, take};
use super::find::Find;
use super::log::Log;
use super::serve::Serve;
use super::sources::Sources;
use super::wire::Wire;
use super::written::Written;
use crate::directories;
use crate::exit::Failure;

/// The settings of a configuration file.
#[derive(Default)]
pub(crate) struct File {
    pub(crate) wire: Written<Wire>,
    pub(crate) log: Written<Log>,
    pub(crate) serve: Written<Serve>,
    pub(crate) find: Written<Find>,
}

impl File {
    /// Reads the named file, which must exist, or else the first default file that exists.
    pub(crate) fn load(named: Option<&Path>, sources: &mut Sources) -> Result<Self, Failure> {
        if let Some(path) = named {
            let text = fs::read_to_string(path).map_err(|error| {
                Failure::usage(format!("{} could not be read: {error}", path.display()))
            })?;
            sources.add_file(path);
            return Self::parse(path, &text);
        }
        for path in directories::configuration() {
            match fs::read_to_string(&path) {
                Ok(_) if !directories::is_trusted(&path) => sources.pass_over(&path),
                Ok(text) => {
                    sources.add_file(&path);
                    return Self::parse(&path, &text);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                // Part of the path is a file, so there is no configuration here.
                Err(error) if error.kind() == ErrorKind::NotADirectory => {}
                Err(error) => {
                    let path = path.display();
                    return Err(Failure::usage(format!("{path} could not be read: {error}")));
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
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for File {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        const SERVE: &str = "serve";
        const FIND: &str = "find";
        let keys = [names::<Wire>(), names::<Log>(), vec![SERVE, FIND]].concat();
        while let Some(key) = map.next_key_seed(Key(&keys))? {
            match key {
                SERVE => self.serve = map.next_value_seed(Table(self.serve))?,
                FIND => self.find = map.next_value_seed(Table(self.find))?,
                key => {
                    let _ =
                        take(&mut self.wire, key, &mut map)? || take(&mut self.log, key, &mut map)?;
                }
            }
        }
        Ok(self)
    }
}

/// `:LINE:COLUMN` of a byte, both counted from 1, the column in characters.
fn position(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
    format!(":{line}:{column}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::resolve;

    fn parse(text: &str) -> Result<File, String> {
        File::parse(Path::new("c.toml"), text).map_err(|failure| failure.to_string())
    }

    #[test]
    fn numbers_texts_and_lists() {
        let file = parse(
            "port = 9000\n[find]\ntimeout = 0.5\none = true\ninterface = 'a,b'\n\
             host = ['10.0.0.1']\n[serve]\nrate-limit = 'off'\nallow = ['10.0.0.0/8']\n",
        )
        .unwrap();
        assert_eq!(resolve([file.wire]).port, 9000);
        let find = resolve([file.find]);
        assert_eq!((find.selection.include.len(), find.hosts.len(), find.one), (2, 1, true));
        assert_eq!(resolve([file.serve]).allow.len(), 1);
    }

    #[test]
    fn what_is_wrong_and_where() {
        for (text, place, says) in [
            ("port = 70000", "c.toml:1:8", "1 to 65535"),
            ("[find]\ntimeout = 'soon'", "c.toml:2:11", "expected a time such as 5s"),
            ("\n[serve]\nprot = 1", "c.toml:3:1", "unknown field `prot`"),
            ("[find]\nwait = 'maybe'", "c.toml:2:8", "expected `full`, `settled` or `quick`"),
            (
                "[find]\nhost = [\n '10.0.0.1',\n '10.0.0']",
                "c.toml:4:2",
                "expected an address or a name",
            ),
            ("[find]\nhost = [1]", "c.toml:2:9", "expected an address or a name"),
            ("[find]\none = 'yes'", "c.toml:2:7", "expected true or false"),
            ("port = true", "c.toml:1:8", "expected a port, 1 to 65535"),
            ("port = [1]", "c.toml:1:8", "expected a port, 1 to 65535"),
            ("find = 1", "c.toml:1:8", "expected a table"),
            ("port", "c.toml:1:5", "expected"),
        ] {
            let Err(error) = parse(text) else { panic!("{text} is accepted") };
            assert!(error.starts_with(place), "{error}");
            assert!(error.contains(says), "{error}");
        }
    }
}
