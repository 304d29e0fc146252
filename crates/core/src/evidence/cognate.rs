//! Anchors: pairs of token types that look alike, in one script or across scripts.
//!
//! Five classes of likeness, each with a rate: the probability that an occurrence of such a source type is answered by
//! one of its look-alikes. The rates start from cautious priors and are estimated from the documents themselves
//! (`lexicon::Lexicon::learn`), so that cognates are trusted between Portuguese and Portuguese and not between
//! Finnish and English. Not here: translation probabilities learned from co-occurrence (`lexicon`).

use rustc_hash::{FxHashMap, FxHashSet};

use super::tokens::{Kind, Tokens, Type};

/// Classes of likeness, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Likeness {
    /// Equal numbers.
    Number,
    /// An entry of the user's dictionary ([`super::dictionary`]).
    Entry,
    /// Equal words of four letters or more, accents and script folded; equal Han characters.
    Equal,
    /// Each other's nearest in meaning ([`super::synonym`]).
    Twin,
    /// Forms of a dictionary's entry: inflected words.
    Form,
    /// Words of a dictionary's phrases.
    Phrase,
    /// Equal short words.
    Short,
    /// Words with a long common prefix or small distance.
    Similar,
    /// Equal consonant classes across scripts (names).
    Sound,
    /// Equal marks of punctuation.
    Punct,
}

/// Number of [`Likeness`] classes.
pub(crate) const CLASSES: usize = 10;

/// Prior rates a class, and how many observations they are worth ([`RATE_WEIGHT`]). Cautious figures: what an
/// occurrence of such a pair is worth before the documents have spoken.
pub(crate) const PRIOR_RATES: [f32; CLASSES] = [0.7, 0.4, 0.45, 0.35, 0.2, 0.15, 0.2, 0.3, 0.3, 0.5];

/// Weight of the prior rates in observations.
pub(crate) const RATE_WEIGHT: f32 = 20.0;

/// Look-alikes of every source type: (target type, class), and the same from the target's side.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cognates {
    /// Per source type.
    pub(crate) source: Vec<Vec<(u32, Likeness)>>,
    /// Per target type.
    pub(crate) target: Vec<Vec<(u32, Likeness)>>,
}

/// Most look-alikes kept for a type: a type with more of them is no anchor.
const MOST: usize = 12;

/// The same where a dictionary adds to them: it has many words for one.
const MOST_KNOWN: usize = 32;

/// Longest block of similar candidates compared pair by pair.
const BLOCK: usize = 400;

/// A type's folded forms.
struct Folded {
    /// Latin letters, lower case.
    latin: Box<str>,
    /// Consonant classes; empty where there are too few.
    sound: Box<str>,
    ascii_script: bool,
    /// How often each letter occurs in `latin`; letters that are none share the last places.
    letters: [u8; 32],
}

impl Folded {
    /// Letters in common, at most.
    fn common(&self, other: &Self) -> usize {
        self.letters.iter().zip(&other.letters).map(|(a, b)| *a.min(b)).sum::<u8>().into()
    }
}

fn letters(latin: &str) -> [u8; 32] {
    let mut out = [0u8; 32];
    for b in latin.bytes().take(200) {
        let place = if b.is_ascii_lowercase() { b - b'a' } else { 26 + b % 6 };
        out[usize::from(place)] += 1;
    }
    out
}

/// A word in Latin letters, accents and script folded.
pub(crate) fn latin(text: &str) -> Box<str> {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let letters = any_ascii::any_ascii_char(c).chars().filter(char::is_ascii_alphanumeric);
            out.extend(letters.map(|c| c.to_ascii_lowercase()));
        }
    }
    out.into()
}

fn fold(t: &Type) -> Folded {
    let latin = latin(&t.text);
    let ascii_script = t.text.chars().all(|c| (c as u32) < 0x250);
    let sound = if t.kind == Kind::Word { sound_classes(&latin) } else { String::new() };
    Folded { letters: letters(&latin), latin, sound: sound.into(), ascii_script }
}

/// Consonant classes after Dolgopolsky's idea: vowels, h, j, w, y fall away, consonants of one place of articulation are
/// one class, doubled letters one. Empty for fewer than three classes.
fn sound_classes(latin: &str) -> String {
    let mut out = String::new();
    let mut last = ' ';
    let mut chars = latin.chars().peekable();
    while let Some(c) = chars.next() {
        let k = match c {
            'b' | 'p' | 'f' | 'v' => 'P',
            't' | 'd' => 'T',
            's' | 'z' | 'x' => 'S',
            'c' if matches!(chars.peek(), Some('e' | 'i' | 'y' | 'h')) => 'S',
            'k' | 'g' | 'q' | 'c' => 'K',
            'm' => 'M',
            'n' => 'N',
            'r' | 'l' => 'R',
            _ => {
                last = ' ';
                continue;
            }
        };
        if k != last {
            out.push(k);
        }
        last = k;
    }
    if out.len() < 3 { String::new() } else { out }
}

/// Whether two folded words are similar: a common prefix of at least four letters that makes up most of both, or a
/// Jaro-Winkler similarity of [`SIMILAR`].
fn similar(x: &Folded, y: &Folded) -> bool {
    let (a, b) = (&*x.latin, &*y.latin);
    let (la, lb) = (a.len(), b.len());
    if la.min(lb) < 4 || la.max(lb) > 2 * la.min(lb) {
        return false;
    }
    let prefix = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    if prefix >= 4 && 10 * prefix >= 6 * la.max(lb) {
        return true;
    }
    la.min(lb) >= 5 && likeliest(x.common(y), la, lb, prefix) >= SIMILAR && strsim::jaro_winkler(a, b) >= SIMILAR
}

/// The Jaro-Winkler similarity of words of `a` and `b` letters, were all `common` letters in their places: no pair has
/// more, and it is known at once.
fn likeliest(common: usize, a: usize, b: usize, prefix: usize) -> f64 {
    let jaro = (common as f64 / a as f64 + common as f64 / b as f64 + 1.0) / 3.0;
    jaro + 0.1 * prefix.min(4) as f64 * (1.0 - jaro)
}

/// Least Jaro-Winkler similarity of similar words.
const SIMILAR: f64 = 0.9;

impl Cognates {
    /// Finds look-alikes between the types of two documents.
    pub(crate) fn find(source: &Tokens, target: &Tokens) -> Self {
        let (fa, fb): (Vec<Folded>, Vec<Folded>) =
            (source.types.iter().map(fold).collect(), target.types.iter().map(fold).collect());
        let mut found = vec![Vec::new(); source.types.len()];
        let mut equal: FxHashMap<(&str, bool), Vec<u32>> = FxHashMap::default();
        let mut prefixes: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        let mut sounds: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (t, f) in fb.iter().enumerate() {
            let kind = target.types[t].kind;
            let key = if kind == Kind::Piece { &*target.types[t].text } else { &*f.latin };
            if !key.is_empty() {
                equal.entry((key, kind == Kind::Punct)).or_default().push(t as u32);
            }
            if kind == Kind::Word {
                if f.latin.len() >= 4 {
                    prefixes.entry(&f.latin[..3]).or_default().push(t as u32);
                }
                if !f.sound.is_empty() {
                    sounds.entry(&f.sound).or_default().push(t as u32);
                }
            }
        }
        let mut seen: FxHashSet<u32> = FxHashSet::default();
        for (s, f) in fa.iter().enumerate() {
            let kind = source.types[s].kind;
            let list: &mut Vec<(u32, Likeness)> = &mut found[s];
            seen.clear();
            let key = if kind == Kind::Piece { &*source.types[s].text } else { &*f.latin };
            for &t in equal.get(&(key, kind == Kind::Punct)).into_iter().flatten() {
                let other = target.types[t as usize].kind;
                let likeness = match (kind, other) {
                    (Kind::Number, Kind::Number) => Likeness::Number,
                    (Kind::Punct, Kind::Punct) => Likeness::Punct,
                    (Kind::Piece, Kind::Piece) => Likeness::Equal,
                    (Kind::Word, Kind::Word) if key.len() >= 4 => Likeness::Equal,
                    (Kind::Word, Kind::Word) => Likeness::Short,
                    _ => continue,
                };
                if seen.insert(t) {
                    list.push((t, likeness));
                }
            }
            if kind != Kind::Word {
                continue;
            }
            if f.latin.len() >= 4
                && let Some(block) = prefixes.get(&f.latin[..3]).filter(|b| b.len() <= BLOCK)
            {
                for &t in block {
                    if similar(f, &fb[t as usize]) && seen.insert(t) {
                        list.push((t, Likeness::Similar));
                    }
                }
            }
            if !f.sound.is_empty() {
                for &t in sounds.get(&*f.sound).into_iter().flatten() {
                    // Across scripts only: within one, similar spelling says it better.
                    let across = f.ascii_script != fb[t as usize].ascii_script;
                    if across && lengths_fit(&f.latin, &fb[t as usize].latin) && seen.insert(t) {
                        list.push((t, Likeness::Sound));
                    }
                }
            }
            list.sort_unstable_by_key(|&(t, l)| (l, t));
            list.truncate(MOST);
        }
        let mut out = Self { source: found, target: vec![Vec::new(); target.types.len()] };
        out.reverse();
        out
    }

    /// No look-alikes.
    pub(crate) fn none(source: &Tokens, target: &Tokens) -> Self {
        Self { source: vec![Vec::new(); source.types.len()], target: vec![Vec::new(); target.types.len()] }
    }

    /// Adds pairs (source type, target type, class) that somebody knows; a pair that is there keeps its stronger class.
    pub(crate) fn add(&mut self, pairs: &[(u32, u32, Likeness)]) {
        for of_one in pairs.chunk_by(|x, y| x.0 == y.0) {
            let list = &mut self.source[of_one[0].0 as usize];
            list.extend(of_one.iter().map(|&(_, t, class)| (t, class)));
            list.sort_unstable_by_key(|&(t, class)| (t, class));
            list.dedup_by_key(|x| x.0);
            list.sort_unstable_by_key(|&(t, class)| (class, t));
            list.truncate(MOST_KNOWN);
        }
        self.reverse();
    }

    /// Makes the target's lists from the source's.
    fn reverse(&mut self) {
        self.target.iter_mut().for_each(Vec::clear);
        for (s, list) in self.source.iter().enumerate() {
            for &(t, class) in list {
                self.target[t as usize].push((s as u32, class));
            }
        }
    }
}

fn lengths_fit(a: &str, b: &str) -> bool {
    a.len().max(b.len()) <= 2 * a.len().min(b.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Language};

    fn tokens(lines: &[&str]) -> Tokens {
        Tokens::of(&Document::from_lines(lines, Language::und()).unwrap())
    }

    fn found(a: &str, b: &str) -> Option<Likeness> {
        Cognates::find(&tokens(&[a]), &tokens(&[b])).source[0].first().map(|x| x.1)
    }

    #[test]
    fn likeness_across_scripts_and_spellings() {
        assert_eq!(found("8848", "8848"), Some(Likeness::Number));
        assert_eq!(found("président", "president"), Some(Likeness::Equal));
        assert_eq!(found("international", "internationale"), Some(Likeness::Similar));
        assert_eq!(found("Manturov", "Мантуров"), Some(Likeness::Equal));
        assert_eq!(found("Capernaum", "Капернаум"), Some(Likeness::Sound));
        assert_eq!(found("?", "？"), Some(Likeness::Punct));
        assert_eq!(found("house", "maison"), None);
    }
}
