//! The values as they are in a file, where some are numbers and lists are arrays.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use super::{
    Advertise, Host, InterfaceName, Lifetime, Message, Port, Prefix, Rate, Retries, Subnet,
    Timeout, list,
};

macro_rules! scalars {
    ($($type:ty: $what:literal),* $(,)?) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Scalar { what: $what, of: PhantomData })
            }
        }
    )*};
}

scalars! {
    Port: "a port, 1 to 65535",
    Message: "a text",
    Prefix: "a text",
    Timeout: "a duration as \"5s\", or seconds",
    Lifetime: "a duration as \"90s\", or seconds",
    Retries: "a count of retries",
    Rate: "answers a second, or \"off\"",
    Advertise: "\"auto\" or an IPv4 address",
    Host: "an IPv4 address",
    Subnet: "an IPv4 network",
    InterfaceName: "the name of an interface",
}

struct Scalar<T> {
    what: &'static str,
    of: PhantomData<T>,
}

impl<T: FromStr<Err = String>> Visitor<'_> for Scalar<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|why| E::custom(format!("invalid value {text:?}: {why}")))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}

/// A list in a file: an array, or one text with commas.
pub(crate) fn deserialize_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String> + Deserialize<'de>,
{
    deserializer.deserialize_any(List(PhantomData)).map(Some)
}

struct List<T>(PhantomData<T>);

impl<'de, T: FromStr<Err = String> + Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of texts, or one text with commas")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
        list(text).map_err(|why| E::custom(format!("invalid value {text:?}: {why}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}
