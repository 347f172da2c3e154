//! The keys and values of a file, read by the declarations. An error is raised where the key or the
//! value is read, so that the parser knows its place.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

use super::setting::{Section, Setting, Shape, items};
use super::written::Written;
use crate::value::own_networks;

/// One of these keys.
pub(super) struct Key<'a>(pub(super) &'a [&'static str]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'static str, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = &'static str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<&'static str, E> {
        self.0.iter().find(|name| **name == key).copied().ok_or_else(|| {
            let names: Vec<_> = self.0.iter().map(|name| format!("`{name}`")).collect();
            E::custom(format!("unknown field `{key}`, expected one of {}", names.join(", ")))
        })
    }
}

/// The values of a setting.
struct Values<'a, S>(&'a Setting<S>);

impl<'de, S> DeserializeSeed<'de> for Values<'_, S> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<S> Values<'_, S> {
    fn checked<E: Error>(&self, text: String) -> Result<String, E> {
        let hint = || own_networks().filter(|_| self.0.name == "subnet");
        let wrong = |why| {
            let hint = hint().map(|networks| format!("; {networks}")).unwrap_or_default();
            E::custom(format!("invalid value {text:?}: {why}{hint}"))
        };
        (self.0.check)(&text).map_err(wrong)?;
        Ok(text)
    }

    fn number<E: Error>(self, number: &str, unexpected: Unexpected<'_>) -> Result<Vec<String>, E> {
        match self.0.shape {
            Shape::One => Ok(vec![self.checked(number.to_owned())?]),
            Shape::Switch | Shape::List | Shape::Repeated => {
                Err(E::invalid_type(unexpected, &self))
            }
        }
    }
}

impl<'de, S> Visitor<'de> for Values<'_, S> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.shape {
            Shape::List => f.write_str("an array of strings, or one string with commas"),
            Shape::Repeated => f.write_str("an array of strings, or one string"),
            Shape::One | Shape::Switch => f.write_str(&self.0.takes),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        match self.0.shape {
            Shape::One | Shape::Repeated => Ok(vec![self.checked(text.to_owned())?]),
            Shape::List => items(text).into_iter().map(|item| self.checked(item)).collect(),
            Shape::Switch => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Vec<String>, E> {
        match self.0.shape {
            Shape::Switch => Ok(vec![value.to_string()]),
            Shape::One | Shape::List | Shape::Repeated => {
                Err(E::invalid_type(Unexpected::Bool(value), &self))
            }
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Vec<String>, E> {
        self.number(&number.to_string(), Unexpected::Signed(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Vec<String>, E> {
        self.number(&number.to_string(), Unexpected::Float(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
        if !matches!(self.0.shape, Shape::List | Shape::Repeated) {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut texts = Vec::new();
        while let Some(text) = items.next_element_seed(Item(self.0))? {
            texts.push(text);
        }
        Ok(texts)
    }
}

/// One value of a list.
struct Item<'a, S>(&'a Setting<S>);

impl<'de, S> DeserializeSeed<'de> for Item<'_, S> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<S> Visitor<'_> for Item<'_, S> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.takes)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Values(self.0).checked(text.to_owned())
    }
}

/// Whether the setting `name` is of this section; if so, takes its value from the file.
pub(super) fn take<'de, S: Section, A: MapAccess<'de>>(
    written: &mut Written<S>,
    name: &str,
    map: &mut A,
) -> Result<bool, A::Error> {
    let settings = S::settings();
    let Some(setting) = settings.iter().find(|setting| setting.name == name) else {
        return Ok(false);
    };
    let texts = map.next_value_seed(Values(setting))?;
    written.add(setting, &texts).map_err(A::Error::custom)?;
    Ok(true)
}

/// The names of a section's settings.
pub(super) fn names<S: Section>() -> Vec<&'static str> {
    S::settings().iter().map(|setting| setting.name).collect()
}

/// A table of the file that is one section.
pub(super) struct Table<S>(pub(super) Written<S>);

impl<'de, S: Section> DeserializeSeed<'de> for Table<S> {
    type Value = Written<S>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Written<S>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: Section> Visitor<'de> for Table<S> {
    type Value = Written<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of settings")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Written<S>, A::Error> {
        let names = names::<S>();
        while let Some(name) = map.next_key_seed(Key(&names))? {
            take(&mut self.0, name, &mut map)?;
        }
        Ok(self.0)
    }
}
