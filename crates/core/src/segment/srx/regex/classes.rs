//! Sets of characters of the dialects: `\s`, `\h`, `\p{…}`, and operations on them.
//!
//! Unicode's tables come from `regex-syntax`.

use std::cell::RefCell;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};
use rustc_hash::FxHashMap;

use super::Dialect;

/// A set of characters.
pub(in crate::segment::srx) type Set = ClassUnicode;

/// The set of these ranges.
pub(super) fn ranges(pairs: &[(char, char)]) -> Set {
    ClassUnicode::new(pairs.iter().map(|&(a, b)| ClassUnicodeRange::new(a, b)))
}

/// The set of one character.
pub(super) fn single(c: char) -> Set {
    ranges(&[(c, c)])
}

/// Everything that is not in `set`.
pub(super) fn negated(mut set: Set) -> Set {
    set.negate();
    set
}

/// `set` and the other case of its letters; ASCII letters only, where `unicode` is not asked for.
pub(super) fn folded(set: Set, unicode: bool) -> Set {
    let mut out = set.clone();
    if unicode {
        let _ = out.try_case_fold_simple();
        return out;
    }
    let mut ascii = set;
    ascii.intersect(&ranges(&[('A', 'Z'), ('a', 'z')]));
    let _ = ascii.try_case_fold_simple();
    ascii.intersect(&ranges(&[('A', 'Z'), ('a', 'z')]));
    out.union(&ascii);
    out
}

/// The set of a property, named as `regex-syntax` names it. A file of rules names few properties many times.
fn property(name: &str) -> Option<Set> {
    thread_local!(static KNOWN: RefCell<FxHashMap<String, Option<Set>>> = RefCell::default());
    KNOWN.with_borrow_mut(|known| match known.get(name) {
        Some(set) => set.clone(),
        None => known.entry(name.to_owned()).or_insert(looked_up(name)).clone(),
    })
}

fn looked_up(name: &str) -> Option<Set> {
    let hir = regex_syntax::parse(&format!(r"\p{{{name}}}")).ok()?;
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(set)) => Some(set),
        _ => None,
    }
}

/// The set of a class written as one letter behind a backslash: `d`, `s`, `w`, `h`, `v` (and their capitals negated).
pub(super) fn letter(c: char, dialect: Dialect, unicode: bool) -> Option<Set> {
    let unicode = unicode || dialect == Dialect::Icu;
    let set = match c.to_ascii_lowercase() {
        'd' if unicode => property("Nd")?,
        'd' => ranges(&[('0', '9')]),
        's' if unicode => property("White_Space")?,
        's' => ranges(&[('\t', '\r'), (' ', ' ')]),
        'w' if unicode => {
            let mut set = property("Alphabetic")?;
            for name in ["M", "Nd", "Pc", "Join_Control"] {
                set.union(&property(name)?);
            }
            set
        }
        'w' => ranges(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        'h' => ranges(&[
            ('\t', '\t'),
            (' ', ' '),
            ('\u{A0}', '\u{A0}'),
            ('\u{1680}', '\u{1680}'),
            ('\u{180E}', '\u{180E}'),
            ('\u{2000}', '\u{200A}'),
            ('\u{202F}', '\u{202F}'),
            ('\u{205F}', '\u{205F}'),
            ('\u{3000}', '\u{3000}'),
        ]),
        'v' => ranges(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')]),
        _ => return None,
    };
    Some(if c.is_ascii_uppercase() { negated(set) } else { set })
}

/// Characters of words, for `\b`.
pub(super) fn word() -> Set {
    letter('w', Dialect::Icu, true).unwrap_or_else(ClassUnicode::empty)
}

/// The set of `\p{name}`: Unicode's categories, scripts and properties, and the names that Java and POSIX have.
pub(super) fn named(name: &str, dialect: Dialect, unicode: bool) -> Option<Set> {
    let (name, negate) = match name.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (name, false),
    };
    let ascii = dialect == Dialect::Java && !unicode;
    let posix = |full: &str, small: &[(char, char)]| if ascii { Some(ranges(small)) } else { property(full) };
    let set = match name {
        "Lower" | "lower" => posix("Lowercase", &[('a', 'z')]),
        "Upper" | "upper" => posix("Uppercase", &[('A', 'Z')]),
        "Alpha" | "alpha" => posix("Alphabetic", &[('A', 'Z'), ('a', 'z')]),
        "Digit" | "digit" => posix("Nd", &[('0', '9')]),
        "Alnum" | "alnum" => {
            let mut set = posix("Alphabetic", &[('A', 'Z'), ('a', 'z')])?;
            set.union(&posix("Nd", &[('0', '9')])?);
            Some(set)
        }
        "Punct" | "punct" => posix("P", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
        "Space" | "space" => posix("White_Space", &[('\t', '\r'), (' ', ' ')]),
        "Blank" | "blank" => {
            if ascii {
                Some(ranges(&[('\t', '\t'), (' ', ' ')]))
            } else {
                letter('h', dialect, unicode)
            }
        }
        "Cntrl" | "cntrl" => posix("Cc", &[('\0', '\u{1F}'), ('\u{7F}', '\u{7F}')]),
        "XDigit" | "xdigit" => Some(ranges(&[('0', '9'), ('A', 'F'), ('a', 'f')])),
        "ASCII" => Some(ranges(&[('\0', '\u{7F}')])),
        "javaLowerCase" => property("Lowercase"),
        "javaUpperCase" => property("Uppercase"),
        "javaWhitespace" => property("White_Space"),
        "LD" => {
            let mut set = property("L")?;
            set.union(&property("Nd")?);
            Some(set)
        }
        "InGreek" | "InCyrillic" | "InArabic" | "InHebrew" | "InArmenian" | "InThai" => property(&name[2..]),
        _ => {
            let tried = property(name).or_else(|| name.strip_prefix("Is").and_then(property));
            let key = name.split_once('=').map(|(_, v)| v);
            tried.or_else(|| key.and_then(property))
        }
    }?;
    Some(if negate { negated(set) } else { set })
}
