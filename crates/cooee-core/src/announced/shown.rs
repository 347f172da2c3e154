use std::borrow::Cow;

/// Text of a stranger as it may be printed on a terminal or in a log: control characters, and those
/// that turn or hide what stands beside them, are written as `\u{1b}`; everything else stays.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_harmful(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown.into()
}

fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Soft hyphen and marks of direction, Unicode's annex 9 and technical report 36.
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_stays_and_escapes_become_harmless() {
        for plain in ["Workshop", "Ärzte Büro", "作業場 🖨", "a\\b \"c\""] {
            assert!(matches!(shown(plain), Cow::Borrowed(it) if it == plain));
        }
        assert_eq!(shown("\x1b[2J\u{9b}31m\r\n"), "\\u{1b}[2J\\u{9b}31m\\u{d}\\u{a}");
        assert_eq!(shown("gpj\u{202e}exe"), "gpj\\u{202e}exe");
    }
}
