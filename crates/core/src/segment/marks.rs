//! Characters that may end a sentence, close or open a quotation, and how to find the next one quickly.
//!
//! Base: UAX #29 (Unicode 16), properties `STerm` and `ATerm`. Ours differs on purpose: the ellipsis counts as a weak
//! mark, the Burmese comma U+104A and the Myanmar-like minor marks do not, Tibetan shads do. Not here: whether a mark
//! ends a sentence where it stands (`cut`), and what a language says about it (`rules`).

/// What a mark is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A full stop that also abbreviates: `.` and its kin (UAX #29 `ATerm`).
    Dot,
    /// `!`, `?` and their kin: followed by lower case, the sentence goes on.
    Strong,
    /// Three dots in one character: weak, a sentence may go on after them.
    Ellipsis,
    /// A script's own full stop, with or without white space behind it: always an end.
    Native,
    /// A mark that ends a sentence in the language at hand only (Greek `;`, Armenian `:`).
    Local,
}

/// The mark that `c` is in every language.
pub(super) fn mark(c: char) -> Option<Mark> {
    Some(match c {
        '.' | '\u{2024}' | '\u{FE52}' | '\u{FF0E}' => Mark::Dot,
        '\u{2025}' | '…' | '\u{22EF}' | '\u{FE19}' => Mark::Ellipsis,
        '!' | '?' | '\u{37E}' | '\u{61D}'..='\u{61F}' | '\u{203C}' | '\u{203D}' | '\u{2047}'..='\u{2049}' => {
            Mark::Strong
        }
        '\u{2E2E}' | '\u{2E53}' | '\u{2E54}' | '\u{FE56}' | '\u{FE57}' => Mark::Strong,
        '\u{FF01}' | '\u{FF1F}' => Mark::Native,
        // Armenian, Urdu, Syriac, N'Ko, Samaritan.
        '\u{589}' | '\u{6D4}' | '\u{700}'..='\u{702}' | '\u{7F9}' | '\u{837}' | '\u{839}' | '\u{83D}' | '\u{83E}' => {
            Mark::Native
        }
        // Danda and double danda, Sinhala kunddaliya, Thai and Tibetan.
        '\u{964}' | '\u{965}' | '\u{DF4}' | '\u{E5A}' | '\u{E5B}' | '\u{F0D}'..='\u{F11}' => Mark::Native,
        // Burmese, Ethiopic, Canadian, Philippine, Khmer, Mongolian, Limbu.
        '\u{104B}' | '\u{1362}' | '\u{1367}' | '\u{1368}' | '\u{166E}' | '\u{1735}' | '\u{1736}' => Mark::Native,
        '\u{17D4}' | '\u{17D5}' | '\u{17DA}' | '\u{1803}' | '\u{1809}' | '\u{1944}' | '\u{1945}' => Mark::Native,
        // Tai Tham, Balinese, Lepcha, Ol Chiki.
        '\u{1AA8}'..='\u{1AAB}' | '\u{1B4E}' | '\u{1B4F}' | '\u{1B5A}' | '\u{1B5B}' | '\u{1B5E}' | '\u{1B5F}' => {
            Mark::Native
        }
        '\u{1B7D}'..='\u{1B7F}' | '\u{1C3B}' | '\u{1C3C}' | '\u{1C7E}' | '\u{1C7F}' => Mark::Native,
        '\u{2CF9}'..='\u{2CFB}' | '\u{3002}' | '\u{A4FF}' | '\u{A60E}' | '\u{A60F}' | '\u{A6F3}' | '\u{A6F7}' => {
            Mark::Native
        }
        '\u{A876}' | '\u{A877}' | '\u{A8CE}' | '\u{A8CF}' | '\u{A92F}' | '\u{A9C8}' | '\u{A9C9}' => Mark::Native,
        '\u{AA5D}'..='\u{AA5F}' | '\u{AAF0}' | '\u{AAF1}' | '\u{ABEB}' | '\u{FE12}' | '\u{FF61}' => Mark::Native,
        // Supplementary planes: Kharoshthi to Adlam.
        '\u{10A56}' | '\u{10A57}' | '\u{10F55}'..='\u{10F59}' | '\u{10F86}'..='\u{10F89}' | '\u{11047}' => Mark::Native,
        '\u{11048}' | '\u{110BE}'..='\u{110C1}' | '\u{11141}'..='\u{11143}' | '\u{111C5}' | '\u{111C6}' => Mark::Native,
        '\u{111CD}' | '\u{111DE}' | '\u{111DF}' | '\u{11238}' | '\u{11239}' | '\u{1123B}' | '\u{1123C}' => Mark::Native,
        '\u{112A9}' | '\u{1144B}' | '\u{1144C}' | '\u{115C2}' | '\u{115C3}' | '\u{115C9}'..='\u{115D7}' => Mark::Native,
        '\u{11641}' | '\u{11642}' | '\u{1173C}'..='\u{1173E}' | '\u{11944}' | '\u{11946}' | '\u{11A42}' => Mark::Native,
        '\u{11A43}' | '\u{11A9B}' | '\u{11A9C}' | '\u{11C41}' | '\u{11C42}' | '\u{16A6E}' | '\u{16A6F}' => Mark::Native,
        '\u{16AF5}' | '\u{16B37}' | '\u{16B38}' | '\u{16B44}' | '\u{16E98}' | '\u{1BC9F}' | '\u{1DA88}' => Mark::Native,
        _ => return None,
    })
}

/// How a character takes part in quoting and bracketing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    /// Opens a bracket.
    OpenBracket,
    /// Closes a bracket.
    CloseBracket,
    /// A quotation mark that usually opens; in some languages it closes (`“` in German).
    OpenQuote,
    /// A quotation mark that usually closes; in some languages it opens (`»` in Danish, `”` in Swedish).
    CloseQuote,
    /// `"`, `'`, the grave and acute accents: either.
    Straight,
}

/// The pairing role of `c`.
pub(super) fn pair(c: char) -> Option<Pair> {
    Some(match c {
        '(' | '[' | '{' | '（' | '［' | '｛' | '【' | '〔' | '〖' | '﹙' => Pair::OpenBracket,
        ')' | ']' | '}' | '）' | '］' | '｝' | '】' | '〕' | '〗' | '﹚' => Pair::CloseBracket,
        '“' | '‘' | '„' | '‚' | '«' | '‹' | '「' | '『' | '〈' | '《' | '‟' | '〝' | '｢' => {
            Pair::OpenQuote
        }
        '”' | '’' | '»' | '›' | '」' | '』' | '〉' | '》' | '〞' | '〟' | '｣' => Pair::CloseQuote,
        '"' | '\'' | '`' | '´' | '＂' | '＇' => Pair::Straight,
        _ => return None,
    })
}

/// Whether `text` is nothing but marks that belong behind a sentence: quotation marks and brackets that were cut from it, or
/// a dash, which may be typed as two hyphens. (A dash that begins a sentence stays with it, since nothing ends there; alone
/// stands what came behind a full stop at the end of its line. Three and more are a line between sections.)
pub(crate) fn only_closes(text: &str) -> bool {
    let text = text.trim();
    let closes = |c| matches!(pair(c), Some(Pair::CloseQuote | Pair::CloseBracket | Pair::Straight));
    let dash = text.chars().all(is_dash) && text.chars().nth(2).is_none();
    let marks = text.chars().next().is_some_and(closes) && !text.chars().any(char::is_alphanumeric);
    !text.is_empty() && (dash || marks)
}

/// Whether `text` ends as a sentence or one of its main clauses may, quotation marks and brackets behind that apart.
pub(crate) fn ends_clause(text: &str) -> bool {
    let mut rest = text.chars().rev().skip_while(|&c| c.is_whitespace() || is_invisible(c) || pair(c).is_some());
    rest.next()
        .is_some_and(|c| mark(c).is_some() || matches!(c, ':' | ';' | '：' | '；' | '؛' | '·' | '፤') || is_emoji(c))
}

/// Folds a mark of punctuation to its class, whatever the script; `None` for marks that tell nothing.
pub(crate) fn fold_punct(c: char) -> Option<&'static str> {
    Some(match c {
        '?' | '？' | '؟' | '\u{37e}' | '՞' | '፧' => "?",
        '!' | '！' | '՜' => "!",
        '.' | '。' | '．' | '।' | '॥' | '۔' | '։' | '።' | '။' | '។' => ".",
        ',' | '，' | '、' | '،' | '՝' | '፣' | '၊' => ",",
        ':' | '：' => ":",
        ';' | '；' | '؛' | '፤' => ";",
        '"' | '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' | '‹' | '›' | '《' | '》' => {
            "\""
        }
        '(' | '（' | '[' | '［' | '【' => "(",
        ')' | '）' | ']' | '］' | '】' => ")",
        '–' | '—' | '―' | '─' => "—",
        '…' | '⋯' => "…",
        '%' | '％' | '٪' => "%",
        '$' | '€' | '£' | '¥' | '§' | '&' | '@' | '#' | '+' | '=' | '/' | '*' | '°' => {
            return Some(match c {
                '$' => "$",
                '€' => "€",
                '£' => "£",
                '¥' => "¥",
                '§' => "§",
                '&' => "&",
                '@' => "@",
                '#' => "#",
                '+' => "+",
                '=' => "=",
                '/' => "/",
                '*' => "*",
                _ => "°",
            });
        }
        _ => return None,
    })
}

/// Dashes, with which a speaker's turn begins and a remark is set off.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2E3A}' | '\u{2E3B}' | '\u{FF0D}' | '־')
}

/// Bullets of lists.
pub(super) fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '•' | '‣'
            | '⁃'
            | '◦'
            | '▪'
            | '▫'
            | '●'
            | '○'
            | '■'
            | '□'
            | '◆'
            | '◇'
            | '►'
            | '▶'
            | '➢'
            | '➤'
            | '✓'
            | '✔'
            | '\u{F0B7}'
    )
}

/// Emoji and pictographs: they stand where a full stop would in messages.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{2B50}' | '\u{2B55}') && !is_bullet(c)
}

/// Joiners, selectors and skin tones that continue an emoji.
pub(super) fn joins_emoji(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{20E3}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

/// Invisible characters that direct or join text and never count: marks of direction, zero-width (non-)joiners.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{61C}' | '\u{AD}')
}

/// White space that ends a line for certain. `\r\n` is one break; the caller joins the pair.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Han, kana, bopomofo and their punctuation: scripts that set no space between sentences.
pub(super) fn is_han_or_kana(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{312F}' | '\u{31A0}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}')
        || matches!(c, '\u{FF00}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Upper case as far as sentences care: title case included.
pub(super) fn is_upper(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_uppercase();
    }
    c.is_uppercase() || matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ')
}

/// Lower case as far as sentences care: Georgian is written without case although Unicode gives it one (UAX #29).
pub(super) fn is_lower(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_lowercase();
    }
    c.is_lowercase() && !matches!(c, '\u{10D0}'..='\u{10FF}' | 'ª' | 'º')
}

/// Bytes at which a mark may begin (UTF-8 lead bytes), for the fast search.
const fn lead_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let leads = [b'.', b'!', b'?', 0xCD, 0xD6, 0xD8, 0xDB, 0xDC, 0xDF, 0xE0, 0xE1, 0xE2, 0xE3, 0xEA, 0xEF, 0xF0];
    let mut k = 0;
    while k < leads.len() {
        table[leads[k] as usize] = true;
        k += 1;
    }
    table
}

/// [`lead_bytes`], once.
const LEADS: [bool; 256] = lead_bytes();

/// Finds marks: the table of lead bytes, with a language's own marks added.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    leads: [bool; 256],
    local: Box<[char]>,
}

impl Default for Finder {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Finder {
    /// A finder of the common marks and of `local` ones.
    pub(super) fn new(local: &[char]) -> Self {
        let mut leads = LEADS;
        for c in local {
            let mut buffer = [0; 4];
            leads[c.encode_utf8(&mut buffer).as_bytes()[0] as usize] = true;
        }
        // Emoji and emoticons stand in for full stops.
        leads[0xF0] = true;
        leads[b':' as usize] = true;
        leads[b';' as usize] = true;
        leads[b'=' as usize] = true;
        Self { leads, local: local.into() }
    }

    /// The mark that `c` is in this language.
    pub(super) fn mark(&self, c: char) -> Option<Mark> {
        if self.local.contains(&c) { Some(Mark::Local) } else { mark(c) }
    }

    /// The next place from `at` on where a mark, an emoji or an emoticon may begin: the character there and its offset.
    pub(super) fn next(&self, text: &str, mut at: usize) -> Option<(usize, char)> {
        let bytes = text.as_bytes();
        loop {
            at += bytes[at..].iter().position(|&b| self.leads[b as usize])?;
            // Letters of large scripts share their lead byte with marks: the second byte tells most of them apart.
            let second = bytes.get(at + 1).copied().unwrap_or(0);
            let maybe = match bytes[at] {
                0xD8 => matches!(second, 0x9D..=0x9F),
                0xE0 => matches!(second, 0xA0 | 0xA5 | 0xB7 | 0xB9 | 0xBC),
                0xE3 => second == 0x80,
                0xEA => second < 0xB0,
                0xEF => second >= 0xB8,
                _ => true,
            };
            if maybe {
                let c = text[at..].chars().next()?;
                return Some((at, c));
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_found() {
        let finder = Finder::new(&[';']);
        for c in (0..=0x1FFFF).filter_map(char::from_u32).filter(|&c| finder.mark(c).is_some()) {
            let text = format!("x{c}y");
            assert_eq!(finder.next(&text, 0), Some((1, c)), "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn georgian_has_no_case() {
        assert!(!is_lower('ა'));
        assert!(is_lower('я') && is_lower('ß') && is_upper('Ω'));
    }
}
