use super::error::AnnouncedError;
use crate::{limits, mix};

/// Validates the first label of a host name: what `.local` completes.
///
/// # Errors
/// [`AnnouncedError::HostName`]
///
/// Source: RFC 952 and RFC 1123 section 2.1, which resolvers and browsers go by.
pub fn check_host_label(label: &str) -> Result<(), AnnouncedError> {
    let is_sound = (1..=limits::NAME_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !(label.starts_with('-') || label.ends_with('-'));
    if is_sound { Ok(()) } else { Err(AnnouncedError::HostName { given: label.into() }) }
}

/// The first label of a host name for a service of this name: `arzte-buro` for `Ärzte Büro`.
///
/// Lower case; marks are taken from Latin letters, and what is between words becomes one hyphen. A name
/// without any Latin letter or digit becomes `host-` and eight digits that follow from the name.
pub fn host_label(name: &str) -> String {
    let mut label = String::new();
    for character in name.chars() {
        let ascii = match character {
            'a'..='z' | '0'..='9' => Some(character),
            'A'..='Z' => Some(character.to_ascii_lowercase()),
            // What stands within a word without dividing it.
            '\'' | '\u{2019}' => continue,
            '\u{300}'..='\u{36f}' => continue,
            _ => {
                let letters = latin(character);
                label.push_str(letters);
                if letters.is_empty() { None } else { continue }
            }
        };
        match ascii {
            Some(ascii) => label.push(ascii),
            None if label.is_empty() || label.ends_with('-') => {}
            None => label.push('-'),
        }
    }
    label.truncate(limits::NAME_MAX);
    let label = label.trim_end_matches('-');
    if label.is_empty() {
        let number = name.bytes().fold(0, |sum, byte| mix::mix(sum ^ u64::from(byte)));
        return format!("host-{:08x}", number as u32);
    }
    label.into()
}

/// The basic Latin letters of one with marks; none for any other character.
fn latin(character: char) -> &'static str {
    match character {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => "a",
        'Æ' | 'æ' => "ae",
        'Ç' | 'ç' | 'Ć'..='č' => "c",
        'Ð' | 'ð' | 'Ď'..='đ' => "d",
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => "e",
        'Ĝ'..='ģ' => "g",
        'Ĥ'..='ħ' => "h",
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => "i",
        'Ĵ' | 'ĵ' => "j",
        'Ķ'..='ĸ' => "k",
        'Ĺ'..='ł' => "l",
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => "n",
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' => "o",
        'Œ' | 'œ' => "oe",
        'Ŕ'..='ř' => "r",
        'Ś'..='š' | 'Ș' | 'ș' => "s",
        'ß' | 'ẞ' => "ss",
        'Þ' | 'þ' => "th",
        'Ţ'..='ŧ' | 'Ț' | 'ț' => "t",
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => "u",
        'Ŵ' | 'ŵ' => "w",
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => "y",
        'Ź'..='ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_what_a_person_would_type() {
        for (name, label) in [
            ("Workshop", "workshop"),
            ("Ärzte Büro", "arzte-buro"),
            ("Bu\u{308}ro", "buro"),
            ("Ada's  Mac (2)", "adas-mac-2"),
            ("Straße_7 – Łódź", "strasse-7-lodz"),
            ("--x--", "x"),
        ] {
            assert_eq!(host_label(name), label);
        }
    }

    #[test]
    fn every_name_becomes_a_label() {
        let long = "ab ".repeat(40);
        for name in
            ["作業場", "", "!!!", "\u{1f5a8}", &long, "ßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßß"]
        {
            let label = host_label(name);
            assert_eq!(check_host_label(&label), Ok(()), "{name:?} became {label:?}");
        }
        assert_ne!(host_label("作業場"), host_label("工房"));
    }

    #[test]
    fn what_is_no_label_is_refused() {
        for label in ["", "a.b", "a b", "-a", "a-", "ä", "a_b", &"x".repeat(64)] {
            assert!(check_host_label(label).is_err(), "{label:?}");
        }
    }
}
