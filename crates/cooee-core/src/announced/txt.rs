use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::error::AnnouncedError;
use crate::limits;

/// A key of a TXT record with its value.
///
/// Parses `path=/`, `path=` (an empty value) and `secure` (a key without a value, which RFC 6763
/// section 6.4 tells from an empty one).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxtPair {
    key: String,
    value: Option<Vec<u8>>,
}

impl TxtPair {
    /// The most bytes of key, equals sign and value: one string of a TXT record.
    const MAX: usize = 255;

    /// A pair that may be published.
    ///
    /// # Errors
    /// The key is none, or the two are longer than 255 bytes.
    pub fn new(
        key: impl Into<String>,
        value: Option<impl Into<Vec<u8>>>,
    ) -> Result<Self, AnnouncedError> {
        let pair = Self { key: key.into(), value: value.map(Into::into) };
        let is_printable = pair.key.bytes().all(|byte| matches!(byte, 0x20..=0x7e) && byte != b'=');
        if pair.key.is_empty() || !is_printable {
            return Err(AnnouncedError::TxtKey { key: pair.key });
        }
        match pair.len() {
            0..=Self::MAX => Ok(pair),
            length => Err(AnnouncedError::TxtPairTooLong { key: pair.key, length }),
        }
    }

    /// The key. Keys that differ in case only are the same.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value; `None` for a key without one.
    pub fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }

    /// The value as text, what is no UTF-8 replaced by U+FFFD; `None` for a key without one.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.value().map(String::from_utf8_lossy)
    }

    /// Its length in bytes, without that of its length.
    fn len(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, |value| 1 + value.len())
    }
}

impl FromStr for TxtPair {
    type Err = AnnouncedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((key, value)) => Self::new(key, Some(value)),
            None => Self::new(text, None::<Vec<u8>>),
        }
    }
}

impl fmt::Display for TxtPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(f, "{}={text}", self.key),
            None => f.write_str(&self.key),
        }
    }
}

/// The pairs of a TXT record, in their order, each key once (RFC 6763 section 6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Txt {
    pairs: Vec<TxtPair>,
}

impl Txt {
    /// A record without pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pair that is to be published.
    ///
    /// # Errors
    /// [`AnnouncedError::TxtKeyTwice`], or [`AnnouncedError::TxtTooLong`]: the pairs would be longer than
    /// [`limits::TXT_MAX`].
    pub fn add(&mut self, pair: TxtPair) -> Result<(), AnnouncedError> {
        if self.pair(&pair.key).is_some() {
            return Err(AnnouncedError::TxtKeyTwice { key: pair.key });
        }
        let length = self.len() + 1 + pair.len();
        if length > limits::TXT_MAX {
            return Err(AnnouncedError::TxtTooLong { length });
        }
        self.pairs.push(pair);
        Ok(())
    }

    /// What can be used of the pairs that were heard: of a key that stands twice the first, and up to
    /// [`limits::TXT_HEARD_MAX`] bytes.
    pub fn heard<'a>(pairs: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>) -> Self {
        let mut txt = Self::new();
        let mut length = 0;
        for (key, value) in pairs {
            let Ok(pair) = TxtPair::new(key, value) else { continue };
            length += 1 + pair.len();
            if length > limits::TXT_HEARD_MAX {
                break;
            }
            if txt.pair(key).is_none() {
                txt.pairs.push(pair);
            }
        }
        txt
    }

    /// The same without these keys.
    pub(super) fn without(&self, keys: &[&str]) -> Self {
        let is_other = |pair: &&TxtPair| !keys.iter().any(|key| pair.key.eq_ignore_ascii_case(key));
        Self { pairs: self.pairs.iter().filter(is_other).cloned().collect() }
    }

    /// The pairs.
    pub fn pairs(&self) -> &[TxtPair] {
        &self.pairs
    }

    /// The pair of this key, whatever its case.
    pub fn pair(&self, key: &str) -> Option<&TxtPair> {
        self.pairs.iter().find(|pair| pair.key.eq_ignore_ascii_case(key))
    }

    /// The value of this key as text; `None` without the key, or without a value.
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.pair(key)?.text()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The length of the pairs in a record, in bytes.
    pub fn len(&self) -> usize {
        self.pairs.iter().map(|pair| 1 + pair.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(text: &str) -> TxtPair {
        text.parse().unwrap()
    }

    #[test]
    fn pairs_are_read_as_they_are_written() {
        assert_eq!(pair("path=/").value(), Some(b"/".as_slice()));
        assert_eq!(pair("path=").value(), Some(b"".as_slice()));
        assert_eq!(pair("secure").value(), None);
        assert_eq!(pair("a=b=c").text().unwrap(), "b=c");
        for text in ["path=/", "path=", "secure"] {
            assert_eq!(pair(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "=x", "ä=1", "a\u{7}=1", "a\n"] {
            assert!(
                matches!(text.parse::<TxtPair>(), Err(AnnouncedError::TxtKey { .. })),
                "{text:?}"
            );
        }
        let long = format!("k={}", "v".repeat(254));
        assert!(matches!(long.parse::<TxtPair>(), Err(AnnouncedError::TxtPairTooLong { .. })));
        assert!(long[..255].parse::<TxtPair>().is_ok());
    }

    #[test]
    fn a_key_is_there_once_and_the_whole_is_bounded() {
        let mut txt = Txt::new();
        txt.add(pair("Path=/")).unwrap();
        assert!(matches!(txt.add(pair("path=/x")), Err(AnnouncedError::TxtKeyTwice { .. })));
        assert_eq!(txt.text("PATH").unwrap(), "/");
        let value = "v".repeat(200);
        let added =
            (0..100).take_while(|n| txt.add(pair(&format!("k{n}={value}"))).is_ok()).count();
        assert!(added > 3 && txt.len() <= limits::TXT_MAX, "{added}: {}", txt.len());
    }

    #[test]
    fn what_is_heard_keeps_the_first_of_a_key_and_no_more_than_the_bound() {
        let value = vec![0xff; 250];
        let keys: Vec<_> = (0..200).map(|n| format!("k{n}")).collect();
        let many = keys.iter().map(|key| (key.as_str(), Some(value.as_slice())));
        let odd = [("A", Some(b"1".as_slice())), ("a", Some(b"2")), ("", None), ("ü", None)];
        let txt = Txt::heard(odd.into_iter().chain(many));
        assert_eq!(txt.text("a").unwrap(), "1");
        assert!(txt.len() <= limits::TXT_HEARD_MAX && txt.pairs().len() > 10);
        assert!(txt.text("k0").unwrap().starts_with('\u{fffd}'));
    }
}
