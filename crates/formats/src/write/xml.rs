//! Text for XML 1.0: the one place where characters that it forbids are replaced and counted, and where the rest is
//! escaped. quick-xml passes forbidden characters through, and would leave a carriage return as it is.

use std::borrow::Cow;

/// Whether XML 1.0 allows the character (its production `Char`).
fn allowed(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// `text` with a space for every forbidden character and without white space around it; and how many there were.
///
/// A space, because OmegaT puts one there in the texts that it reads (measured with 3.6: of two units, one without
/// the character and one with a space for it, only the latter matches), and because words must not grow together at
/// a vertical tab.
pub(super) fn clean(text: Cow<'_, str>) -> (Cow<'_, str>, usize) {
    let forbidden = text.chars().filter(|c| !allowed(*c)).count();
    if forbidden == 0 {
        return (text, 0);
    }
    let kept: String = text.chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
    (Cow::Owned(kept.trim().to_owned()), forbidden)
}

/// Escapes text for element content and attribute values. A carriage return is written as a reference, since readers
/// make a line feed of a plain one (XML 1.0, section 2.11); so are tab and line feed, which an attribute would lose.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    const SPECIAL: [char; 7] = ['&', '<', '>', '"', '\r', '\n', '\t'];
    if !text.contains(SPECIAL) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_xml_forbids_is_replaced() {
        let (text, forbidden) = clean("a\0\u{1}\u{B}\u{C}\u{1F}\u{FFFE}\u{FFFF}b".into());
        assert_eq!((text.as_ref(), forbidden), ("a       b", 7));
        let fine = "\t\r\u{7F}\u{85}\u{a0}\u{2028}\u{202E}\u{FFFD}\u{1FFFE}😀";
        assert_eq!(clean(fine.into()), (fine.into(), 0));
        assert_eq!(clean("\u{1} left \u{2}".into()).0, "left");
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("a]]>b & <c> \"d\"\r"), "a]]&gt;b &amp; &lt;c&gt; &quot;d&quot;&#13;");
        assert!(matches!(escape("plain"), Cow::Borrowed(_)));
    }
}
