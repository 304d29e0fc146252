//! Tokens of a document, interned: what the lexicon and the anchors look at.
//!
//! Words are runs of letters, lower-cased; scripts written without spaces give a token a character (Han, Hiragana) or
//! overlapping pairs of letters (Thai, Lao, Khmer, Burmese, Tibetan); numbers lose their grouping; punctuation is folded
//! to one mark a class, whatever the script. Not here: which tokens answer which (`cognate`, `lexicon`).

use rustc_hash::FxHashMap;
use unicode_normalization::char::is_combining_mark;

use crate::Document;
use crate::segment::fold_punct;

/// What kind of token a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters.
    Word,
    /// Digits.
    Number,
    /// One class of punctuation.
    Punct,
    /// One character, or a pair, of a script without spaces.
    Piece,
}

/// One distinct token.
#[derive(Clone, Debug)]
pub(crate) struct Type {
    /// The interned form.
    pub(crate) text: Box<str>,
    /// What kind it is.
    pub(crate) kind: Kind,
    /// Occurrences in the document.
    pub(crate) count: u32,
}

/// Weight of what says everything twice.
pub(super) const HALF: f32 = 0.5;

impl Type {
    /// How much its occurrences count as evidence: overlapping pairs of letters say everything twice.
    pub(super) fn weight(&self) -> f32 {
        if self.kind == Kind::Piece && self.text.chars().count() > 1 { HALF } else { 1.0 }
    }
}

/// Interned tokens of every segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    /// Type ids, segment after segment.
    pub(crate) ids: Vec<u32>,
    /// Where each segment's ids begin; one more entry than segments.
    pub(crate) starts: Vec<u32>,
    /// The types.
    pub(crate) types: Vec<Type>,
    /// Where each type's `places` begin; one more entry than types.
    place_starts: Vec<u32>,
    /// Positions in `ids` where each type occurs, ascending.
    places: Vec<u32>,
}

impl Tokens {
    /// Tokens of every segment of `document`.
    pub(crate) fn of(document: &Document) -> Self {
        let mut interner = Interner::default();
        let mut out = Self { starts: Vec::with_capacity(document.len() + 1), ..Self::default() };
        out.starts.push(0);
        let mut word = String::new();
        for i in 0..document.len() {
            tokenize(document.segment(i), &mut word, |text, kind| out.ids.push(interner.intern(text, kind)));
            out.starts.push(out.ids.len() as u32);
        }
        out.types = interner.types;
        out.index();
        out
    }

    fn index(&mut self) {
        let mut at = 0;
        self.place_starts = vec![0];
        self.place_starts.extend(self.types.iter().map(|t| {
            at += t.count;
            at
        }));
        let mut next = self.place_starts.clone();
        self.places = vec![0; self.ids.len()];
        for (position, &id) in self.ids.iter().enumerate() {
            self.places[next[id as usize] as usize] = position as u32;
            next[id as usize] += 1;
        }
    }

    /// Positions in `ids` where type `id` occurs, ascending.
    pub(crate) fn places(&self, id: u32) -> &[u32] {
        &self.places[self.place_starts[id as usize] as usize..self.place_starts[id as usize + 1] as usize]
    }

    /// The segment of every position in `ids`.
    pub(crate) fn segment_of_places(&self) -> Vec<u32> {
        let mut out = vec![0; self.ids.len()];
        for i in 0..self.len() {
            out[self.starts[i] as usize..self.starts[i + 1] as usize].fill(i as u32);
        }
        out
    }

    /// The tokens of some segments, in the order given; `None` is an empty segment. Types keep their ids, and are
    /// counted anew.
    pub(crate) fn select(&self, segments: impl IntoIterator<Item = Option<u32>>) -> Self {
        let mut out = Self { starts: vec![0], types: self.types.clone(), ..Self::default() };
        for i in segments {
            out.ids.extend(i.into_iter().flat_map(|i| self.segment(i as usize)));
            out.starts.push(out.ids.len() as u32);
        }
        out.types.iter_mut().for_each(|t| t.count = 0);
        for &id in &out.ids {
            out.types[id as usize].count += 1;
        }
        out.index();
        out
    }

    /// Type ids of segment `i`.
    pub(crate) fn segment(&self, i: usize) -> &[u32] {
        &self.ids[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    /// Number of segments.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Background probability of a type.
    pub(crate) fn background(&self, id: u32) -> f32 {
        self.types[id as usize].count as f32 / self.ids.len().max(1) as f32
    }
}

#[derive(Default)]
struct Interner {
    index: FxHashMap<Box<str>, u32>,
    types: Vec<Type>,
}

impl Interner {
    fn intern(&mut self, text: &str, kind: Kind) -> u32 {
        if let Some(&id) = self.index.get(text) {
            self.types[id as usize].count += 1;
            return id;
        }
        let id = self.types.len() as u32;
        self.index.insert(text.into(), id);
        self.types.push(Type { text: text.into(), kind, count: 1 });
        id
    }
}

/// How a character takes part in tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// A token by itself.
    Single,
    /// Pairs with its neighbour.
    Paired,
    Mark,
    Punct,
    Space,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\u{0}'..='\u{20}' => Class::Space,
        '\u{21}'..='\u{7f}' => Class::Punct,
        // Han, Hiragana.
        '\u{3040}'..='\u{309f}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => {
            Class::Single
        }
        // Thai, Lao, Tibetan, Burmese, Khmer.
        '\u{0e01}'..='\u{0e4e}'
        | '\u{0e81}'..='\u{0ecd}'
        | '\u{0f40}'..='\u{0fbc}'
        | '\u{1000}'..='\u{103e}'
        | '\u{1780}'..='\u{17d3}' => Class::Paired,
        _ if c.is_numeric() => Class::Digit,
        _ if c.is_alphabetic() => Class::Letter,
        _ if is_combining_mark(c) => Class::Mark,
        _ if c.is_whitespace() => Class::Space,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => Class::Mark,
        _ => Class::Punct,
    }
}

/// Calls `emit` with every token of `text`; `word` is scratch space.
pub(crate) fn tokenize(text: &str, word: &mut String, mut emit: impl FnMut(&str, Kind)) {
    word.clear();
    let mut state = Class::Space;
    let mut previous_paired: Option<char> = None;
    let mut chars = text.chars().peekable();
    macro_rules! flush {
        () => {
            if !word.is_empty() {
                emit(word, if state == Class::Digit { Kind::Number } else { Kind::Word });
                word.clear();
            }
        };
    }
    while let Some(c) = chars.next() {
        let class = class(c);
        if class == Class::Mark {
            if state == Class::Letter {
                word.push(c);
            }
            continue;
        }
        if class != Class::Paired {
            previous_paired = None;
        }
        match class {
            Class::Letter => {
                if state != Class::Letter {
                    flush!();
                }
                word.extend(c.to_lowercase());
            }
            Class::Digit => {
                if state != Class::Digit {
                    flush!();
                }
                if c.is_ascii_digit() { word.push(c) } else { word.push_str(any_ascii::any_ascii_char(c)) }
            }
            Class::Punct if state == Class::Digit && matches!(c, '.' | ',' | '\'' | '’') && grouping(&chars) => {
                continue; // a thousands mark: 8,848 is 8848
            }
            Class::Single => {
                flush!();
                let mut buffer = [0; 4];
                emit(c.encode_utf8(&mut buffer), Kind::Piece);
            }
            Class::Paired => {
                flush!();
                if let Some(p) = previous_paired {
                    let pair: String = [p, c].iter().collect();
                    emit(&pair, Kind::Piece);
                }
                previous_paired = Some(c);
            }
            Class::Punct => {
                flush!();
                if let Some(mark) = fold_punct(c) {
                    emit(mark, Kind::Punct);
                }
            }
            Class::Space | Class::Mark => flush!(),
        }
        state = class;
    }
    flush!();
}

/// Whether exactly three digits follow.
fn grouping(rest: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut ahead = rest.clone();
    (0..3).all(|_| ahead.next().is_some_and(|c| c.is_ascii_digit()))
        && !ahead.next().is_some_and(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        tokenize(text, &mut String::new(), |t, _| out.push(t.to_owned()));
        out
    }

    #[test]
    fn words_numbers_and_marks() {
        assert_eq!(tokens("L’été, 8,848.5 m?"), ["l", "été", ",", "8848", ".", "5", "m", "?"]);
        assert_eq!(tokens("八千米。だ"), ["八", "千", "米", ".", "だ"]);
        assert_eq!(tokens("กขค"), ["กข", "ขค"]);
        assert_eq!(tokens("١٢٣؟"), ["123", "?"]);
    }
}
