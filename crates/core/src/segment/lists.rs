//! Lists: markers of items (`1.`, `b)`, `(iii)`, `•`), and items that follow each other on one line.
//!
//! Not here: whether a full stop behind a marker ends a sentence (`cut` asks [`is_marker`]).

use super::context::skip_spaces;
use super::marks::{is_bullet, is_dash};

/// A marker at the beginning of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker<'t> {
    /// The bullet that stands first, if any.
    pub(super) bullet: Option<char>,
    /// What is counted: a number or a letter.
    count: &'t str,
    /// What stands around the count: `.`, `)`, `.)`; `(` before it.
    open: bool,
    close: &'t str,
    /// Where the item's text begins (bytes).
    pub(super) end: usize,
}

/// Farthest distance of the next item's marker, in bytes: keeps the search linear.
const NEXT_ITEM: usize = 4096;

impl<'t> Marker<'t> {
    /// The marker at byte `at`, if there is one.
    pub(super) fn at(text: &'t str, at: usize) -> Option<Self> {
        let mut k = at;
        let mut bullet = None;
        if let Some(c) = text[k..].chars().next().filter(|&c| is_bullet(c)) {
            bullet = Some(c);
            k = skip_spaces(text, k + c.len_utf8());
        }
        let open = text[k..].starts_with('(');
        let from = k + usize::from(open);
        let rest = &text[from..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let len = match (digits, letters) {
            (1..=3, _) => digits,
            (0, 1) => 1,
            (0, 2..=5) if rest.bytes().take(letters).all(|b| matches!(b, b'i' | b'v' | b'x')) => letters,
            _ => 0,
        };
        let after = &rest[len..];
        let close = [".)", ")", ".", "．"].into_iter().find(|c| after.starts_with(c));
        match close {
            Some(close) if len > 0 => {
                let end = from + len + close.len();
                Some(Self { bullet, count: &rest[..len], open, close: &after[..close.len()], end })
            }
            _ => bullet.map(|_| Self { bullet, count: "", open: false, close: "", end: k }),
        }
    }

    /// Where the next item of the same list begins on this line: the same bullet, or the next count in the same form.
    ///
    /// `ordinals`: numbers with a full stop are ordinals in this language, so `1.` and `2.` promise no list.
    pub(super) fn next_item(&self, text: &str, ordinals: bool) -> Option<usize> {
        let mut limit = text.len().min(self.end + NEXT_ITEM);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let window = &text[self.end..limit];
        let spaced = |k: usize| window[..k].ends_with(char::is_whitespace) && !window[..k].trim().is_empty();
        if let Some(bullet) = self.bullet {
            return window.match_indices(bullet).map(|(k, _)| k).find(|&k| spaced(k)).map(|k| self.end + k);
        }
        if self.close == "." && (ordinals || self.count.parse::<u32>().is_err() && self.count.len() > 1) {
            return None;
        }
        let next = match self.count.parse::<u32>() {
            Ok(n) => (n + 1).to_string(),
            Err(_) if self.count.len() == 1 && !matches!(self.count, "z" | "Z") => {
                char::from(self.count.as_bytes()[0] + 1).to_string()
            }
            Err(_) => return None,
        };
        let wanted = format!("{}{next}{} ", if self.open { "(" } else { "" }, self.close);
        // With a full stop, ordinals in running text look the same: the item must begin with a capital.
        let begins = |k: usize| {
            let first = window[k + wanted.len()..].chars().find(|c| c.is_alphanumeric());
            self.close != "." || first.is_some_and(|c| !super::marks::is_lower(c))
        };
        window.match_indices(&wanted).map(|(k, _)| k).find(|&k| spaced(k) && begins(k)).map(|k| self.end + k)
    }
}

/// Longest marker, in bytes, with what may stand before it.
const LONGEST_MARKER: usize = 48;

/// Whether `text` is nothing but a marker without its last full stop: `1`, `• 9`, `- b`, `2.1`.
pub(super) fn is_marker(text: &str) -> bool {
    if text.len() > LONGEST_MARKER {
        return false;
    }
    let core = text.trim_start_matches(|c: char| {
        c.is_whitespace()
            || is_bullet(c)
            || is_dash(c)
            || matches!(c, '(' | '[' | '"' | '“' | '„' | '«' | '\'' | '#' | '*')
    });
    let number = core.split('.').all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    number || core.chars().count() == 1 && core.chars().all(|c| c.is_alphanumeric() && !super::marks::is_han_or_kana(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_on_one_line_are_found_by_their_count() {
        for (text, second) in [
            ("1) red 2) green", Some(7)),
            ("a. Red things b. Green things", Some(14)),
            ("(1) red (2) green", Some(8)),
            ("• red • green", Some(8)),
            ("1) red 3) green", None),
        ] {
            assert_eq!(Marker::at(text, 0).unwrap().next_item(text, false), second, "{text}");
        }
        assert_eq!(Marker::at("1. Mai bis 2. Juni", 0).unwrap().next_item("1. Mai bis 2. Juni", true), None);
        assert!(Marker::at("Red.", 0).is_none());
    }

    #[test]
    fn markers_alone_are_no_sentence() {
        assert!(is_marker("1") && is_marker("• 9") && is_marker("2.1") && is_marker("b"));
        assert!(!is_marker("19980") && !is_marker("go") && !is_marker(""));
    }
}
