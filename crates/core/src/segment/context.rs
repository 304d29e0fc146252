//! What stands around a mark: the word before it, the first word behind it, emoticons, notes.
//!
//! Pure looks at the text; what they mean for a break is decided in `cut`.

use super::marks::{Pair, is_bullet, is_dash, is_emoji, is_invisible, is_lower, is_upper, joins_emoji, mark, pair};

/// What a possible next sentence begins with, white space, quotation marks, brackets and dashes skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing but marks and white space follows.
    End,
    /// A lower-case word.
    Lower,
    /// A capitalised word, at this byte.
    Upper(usize),
    /// A number, at this byte.
    Digit(usize),
    /// A letter of a script without case, at this byte.
    Caseless(usize),
    /// A comma or another sign that only ever continues a sentence.
    Continues,
    /// A sign that tells nothing.
    Other,
}

/// How far the look ahead goes over signs, in characters; a longer row of signs tells nothing.
const LOOK_AHEAD: usize = 24;

/// Looks at what follows byte `at` of `text`.
pub(super) fn next(text: &str, at: usize) -> Next {
    let mut chars = text[at..].char_indices().map(|(k, c)| (at + k, c)).take(LOOK_AHEAD).peekable();
    let mut first = true;
    while let Some((k, c)) = chars.next() {
        if c.is_whitespace() || is_invisible(c) {
            continue;
        }
        let was_first = std::mem::replace(&mut first, false);
        if c.is_numeric() {
            return Next::Digit(k);
        }
        if is_lower(c) {
            // iPhone, eBay, pH: lower case by trademark, a capital follows.
            if chars.peek().is_some_and(|&(_, d)| is_upper(d)) {
                return Next::Upper(k);
            }
            // Dutch and Afrikaans: `'s Avonds`, `'n Man`: the next word has the capital.
            let short = matches!(char_before(text, k), Some('\'' | '’')) && chars.next().is_some_and(|(_, d)| d == ' ');
            return match chars.peek() {
                Some(&(next, d)) if short && is_upper(d) => Next::Upper(next),
                _ => Next::Lower,
            };
        }
        if is_upper(c) {
            return Next::Upper(k);
        }
        if c.is_alphabetic() {
            return Next::Caseless(k);
        }
        match c {
            // Two commas are a low quotation mark of typewriters.
            ',' if was_first && chars.peek().is_some_and(|&(_, d)| d == ',') => {}
            ',' | ';' | ':' | '،' | '؛' | '、' | '，' | '；' | '：' | '/' | '&' | '%' if was_first => {
                return Next::Continues;
            }
            '№' | '§' | '$' | '€' | '£' | '¥' => return Next::Digit(k),
            '@' | '#' => return Next::Other,
            _ if pair(c).is_some() || is_dash(c) || is_bullet(c) || mark(c).is_some() => {}
            '¿' | '¡' | '*' | '_' | '|' | '~' | ',' => {}
            _ => return Next::Other,
        }
    }
    if text[at..].chars().nth(LOOK_AHEAD).is_some() { Next::Other } else { Next::End }
}

/// The letters that begin at byte `at`: a word without its inner apostrophes and hyphens.
pub(super) fn word_at(text: &str, at: usize) -> &str {
    let end = text[at..].find(|c: char| !c.is_alphabetic()).map_or(text.len(), |k| at + k);
    &text[at..end]
}

/// Longest word looked back at, in bytes: beyond it, no abbreviation is that long.
const LOOK_BACK: usize = 64;

/// The word that ends at byte `at`: back to white space, an opening bracket or a quotation mark, at most [`LOOK_BACK`]
/// bytes.
pub(super) fn word_before(text: &str, at: usize) -> &str {
    let mut from = at;
    for (k, c) in text[..at].char_indices().rev() {
        if at - k > LOOK_BACK || c.is_whitespace() {
            break;
        }
        let opens = matches!(pair(c), Some(Pair::OpenBracket | Pair::OpenQuote)) || c == '"' || c == '»' || c == '”';
        if opens || is_bullet(c) || matches!(c, '—' | '–' | ',' | ';' | '،' | '…') {
            break;
        }
        from = k;
    }
    &text[from..at]
}

/// Lower-cases `word` into `buffer`; `None` where it does not fit.
pub(super) fn fold<'b>(word: &str, buffer: &'b mut [u8]) -> Option<&'b str> {
    let mut len = 0;
    for c in word.chars().filter(|&c| !is_invisible(c)).flat_map(char::to_lowercase) {
        let slot = buffer.get_mut(len..len + c.len_utf8())?;
        len += c.encode_utf8(slot).len();
    }
    std::str::from_utf8(&buffer[..len]).ok()
}

/// Whether `word` is a Roman number of capitals.
pub(super) fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X' | b'L' | b'C' | b'D' | b'M'))
}

/// Whether `word` is one letter, with the signs that belong to it (an akshara of the scripts of India).
pub(super) fn is_one_letter(word: &str) -> bool {
    let mut letters = word.chars().filter(|&c| !is_mark_of_letter(c) && !is_invisible(c));
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

/// Vowel signs, viramas and accents written on a letter: Unicode's `Mn` and `Mc` of the scripts that matter here.
fn is_mark_of_letter(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}')
        || matches!(c, '\u{900}'..='\u{903}' | '\u{93A}'..='\u{94F}' | '\u{981}'..='\u{983}' | '\u{9BC}'..='\u{9D7}')
        || matches!(c, '\u{A01}'..='\u{A03}' | '\u{A3C}'..='\u{A51}' | '\u{A81}'..='\u{A83}' | '\u{ABC}'..='\u{ACD}')
        || matches!(c, '\u{B01}'..='\u{B03}' | '\u{B3C}'..='\u{B57}' | '\u{B82}' | '\u{BBE}'..='\u{BD7}')
        || matches!(c, '\u{C00}'..='\u{C04}' | '\u{C3C}'..='\u{C56}' | '\u{C81}'..='\u{C83}' | '\u{CBC}'..='\u{CD6}')
        || matches!(c, '\u{D00}'..='\u{D03}' | '\u{D3B}'..='\u{D57}' | '\u{D81}'..='\u{D83}' | '\u{DCA}'..='\u{DDF}')
}

/// Where an emoticon that begins at `at` ends: `:)`, `;-)`, `=D`, `:-(`; it must end at white space or a mark.
pub(super) fn emoticon(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut k = at + 1;
    if !matches!(bytes.get(at)?, b':' | b';' | b'=') {
        return None;
    }
    if matches!(bytes.get(k), Some(b'-' | b'\'' | b'o' | b'^')) {
        k += 1;
    }
    let mouth = *bytes.get(k)?;
    if !matches!(mouth, b')' | b'(' | b'D' | b'P' | b'p' | b'/' | b'|' | b'*' | b'3' | b']' | b'[' | b'O' | b'o') {
        return None;
    }
    while bytes.get(k) == Some(&mouth) {
        k += 1;
    }
    let after = text[k..].chars().next();
    after.is_none_or(|c| c.is_whitespace() || mark(c).is_some() || is_emoji(c)).then_some(k)
}

/// Where a row of emoji that begins at `at` ends (spaces between two of them included).
pub(super) fn emoji(text: &str, at: usize) -> Option<usize> {
    let mut end = None;
    let mut spaces_only = false;
    for (k, c) in text[at..].char_indices() {
        if is_emoji(c) || (end.is_some() && joins_emoji(c)) {
            end = Some(at + k + c.len_utf8());
            spaces_only = false;
        } else if end.is_some() && c == ' ' && !spaces_only {
            spaces_only = true;
        } else {
            break;
        }
    }
    end
}

/// Where a note in brackets that begins at `at` ends: `[17]`, `[3–5]`, `[a]`, several in a row.
pub(super) fn note(text: &str, at: usize) -> Option<usize> {
    let mut end = at;
    while text[end..].starts_with('[') {
        let inner = &text[end + 1..];
        let close = inner.char_indices().take(LOOK_AHEAD).find(|&(_, c)| c == ']')?.0;
        let sound = !inner[..close].is_empty()
            && inner[..close].chars().all(|c| c.is_ascii_digit() || is_dash(c) || matches!(c, ',' | ' ' | ':'))
            || close == 1 && inner.as_bytes()[0].is_ascii_lowercase();
        if !sound {
            break;
        }
        end += close + 2;
    }
    (end > at).then_some(end)
}

/// The first byte at or behind `at` that is no white space.
pub(super) fn skip_spaces(text: &str, at: usize) -> usize {
    text[at..].find(|c: char| !c.is_whitespace()).map_or(text.len(), |k| at + k)
}

/// The character that begins at byte `at`.
pub(super) fn char_at(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// The character that ends at byte `at`.
pub(super) fn char_before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}
