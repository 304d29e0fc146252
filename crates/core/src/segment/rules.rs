//! What a language says about the end of a sentence: the files of `data/segmentation/`, compiled in, read on first use.
//!
//! The files are documented in docs/segmentation.md. Not here: the decision itself (`cut`), which is the same code for
//! every language.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::marks::Finder;
use super::table::{COMMON, LANGUAGES};

/// What a full stop after an abbreviation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Class {
    /// The sentence always goes on: `Mr.`, `z. B.`
    Never,
    /// The sentence goes on before a capitalised word, unless that word is one that begins sentences: `Gen.`
    Name,
    /// The sentence goes on before a number: `No.`, `Fig.`
    Number,
    /// Behind a number, the sentence may end; else it always goes on: `1996 г.`, but `г. Москва`.
    Unit,
    /// The sentence may end, although the form looks like an acronym or an initial: `a.m.`, `и т. д.`
    End,
}

/// An abbreviation's class, and whether it only counts capitalised (`Mar.` the month, not `mar.` the sea).
#[derive(Clone, Copy, Debug)]
struct Entry {
    class: Class,
    capitalised: bool,
}

/// How ordinal numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ordinals {
    /// Not with a full stop.
    #[default]
    None,
    /// With a full stop; what they qualify is written in lower case (Czech, Danish, Finnish).
    Plain,
    /// With a full stop, before capitalised nouns too (German).
    Strong,
}

/// The rules of one language.
#[derive(Debug, Default)]
pub(super) struct Rules {
    abbreviations: FxHashMap<Box<str>, Entry>,
    /// Longest key in bytes, so that long words are not even folded.
    longest: usize,
    starters: FxHashSet<Box<str>>,
    months: FxHashSet<Box<str>>,
    bangs: FxHashSet<Box<str>>,
    capitals: FxHashSet<Box<str>>,
    followers: FxHashSet<Box<str>>,
    /// Words behind a closing quotation mark with which the sentence goes on (Japanese と, Korean 라고).
    pub(super) continuers: Vec<Box<str>>,
    /// Endings of a word that end a sentence without any mark (Korean 습니다).
    pub(super) endings: Vec<Box<str>>,
    /// Verbs of saying that end the clause behind a quotation (Marathi म्हणाला).
    pub(super) sayers: Vec<Box<str>>,
    /// Abbreviations that end compounds, before numbers (German `str`).
    pub(super) tails: Vec<Box<str>>,
    /// Where spaces alone part sentences: words that begin one, words that go on, words that lead to what follows.
    pub(super) openers: Vec<Box<str>>,
    pub(super) joiners: Vec<Box<str>>,
    pub(super) leaders: Vec<Box<str>>,
    /// How ordinal numbers are written.
    pub(super) ordinals: Ordinals,
    /// Marks of this language only.
    pub(super) local: Vec<char>,
    /// The search for marks.
    pub(super) finder: Finder,
    /// Whether the full stop is a lesser mark that parts sentences (Armenian).
    pub(super) weak_dot: bool,
    /// Whether lower case behind `?`, `!` and `..` begins a sentence, since the words of who speaks are always set off
    /// by a dash or quotation marks (Polish, Russian).
    pub(super) lower_starts: bool,
    /// Whether the language has a file of its own.
    pub(super) own: bool,
    /// Whether sentences are told by spaces alone (Thai, Lao).
    pub(super) by_spaces: bool,
}

impl Rules {
    /// The rules for a language's primary subtag; the common ones where none of our files knows it.
    pub(super) fn of(primary: &str) -> &'static Self {
        static READ: [OnceLock<Rules>; LANGUAGES.len() + 1] = [const { OnceLock::new() }; LANGUAGES.len() + 1];
        let k = LANGUAGES.iter().position(|(tags, _)| tags.split(' ').any(|t| t == primary));
        READ[k.unwrap_or(LANGUAGES.len())].get_or_init(|| {
            let own = k.map_or("", |k| LANGUAGES[k].1);
            Self { own: k.is_some(), ..Self::read(&[COMMON, own]) }
        })
    }

    /// Reads files of rules, a later one over an earlier one. Unknown keys are a defect of our own data: a test
    /// refuses them.
    pub(super) fn read(files: &[&str]) -> Self {
        let mut rules = Self::default();
        for file in files {
            for (key, values) in entries(file) {
                rules.take(key, values);
            }
        }
        rules.longest = rules.abbreviations.keys().map(|k| k.len()).max().unwrap_or(0);
        rules.finder = Finder::new(&rules.local);
        rules
    }

    fn take(&mut self, key: &str, values: &str) {
        let words = || values.split_whitespace();
        match key {
            "never" => self.abbreviate(words(), Class::Never),
            "name" => self.abbreviate(words(), Class::Name),
            "number" => self.abbreviate(words(), Class::Number),
            "unit" => self.abbreviate(words(), Class::Unit),
            "end" => self.abbreviate(words(), Class::End),
            "starters" => self.starters.extend(words().map(Box::from)),
            "months" => self.months.extend(words().map(Box::from)),
            "capitals" => self.capitals.extend(words().map(Box::from)),
            "bangs" => self.bangs.extend(words().map(Box::from)),
            "continuers" => self.continuers.extend(words().map(Box::from)),
            "followers" => self.followers.extend(words().map(Box::from)),
            "tails" => self.tails.extend(words().map(Box::from)),
            "sayers" => self.sayers.extend(words().map(Box::from)),
            "openers" => self.openers.extend(words().map(Box::from)),
            "joiners" => self.joiners.extend(words().map(Box::from)),
            "leaders" => self.leaders.extend(words().map(Box::from)),
            "endings" => self.endings.extend(words().map(Box::from)),
            "marks" => self.local.extend(values.chars().filter(|c| !c.is_whitespace())),
            "ordinals" => {
                self.ordinals = match values.trim() {
                    "strong" => Ordinals::Strong,
                    "plain" => Ordinals::Plain,
                    _ => Ordinals::None,
                }
            }
            "lower" => self.lower_starts = values.trim() == "starts",
            "dot" => self.weak_dot = values.trim() == "weak",
            "spaces" => self.by_spaces = values.trim() == "yes",
            _ => {}
        }
    }

    fn abbreviate<'a>(&mut self, words: impl Iterator<Item = &'a str>, class: Class) {
        for word in words {
            let folded: String = word.chars().flat_map(char::to_lowercase).collect();
            let capitalised = folded != word;
            self.abbreviations.insert(folded.into(), Entry { class, capitalised });
        }
    }

    /// The class of `folded` (lower case, without its last full stop), written capitalised in the text or not.
    pub(super) fn abbreviation(&self, folded: &str, capitalised: bool) -> Option<Class> {
        let entry = self.abbreviations.get(folded)?;
        (capitalised || !entry.capitalised).then_some(entry.class)
    }

    /// Longest abbreviation in bytes.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Whether `folded` is a word that, capitalised, begins sentences rather than names.
    pub(super) fn starts(&self, folded: &str) -> bool {
        self.starters.contains(folded)
    }

    /// Whether `folded` names a month.
    pub(super) fn is_month(&self, folded: &str) -> bool {
        self.months.contains(folded)
    }

    /// Whether `word` is a common word that is always capitalised.
    pub(super) fn is_always_capital(&self, word: &str) -> bool {
        self.capitals.contains(word)
    }

    /// Whether the sentence goes on with `word` behind an abbreviation that may end it (`5 p.m. Tuesday`).
    pub(super) fn follows(&self, word: &str) -> bool {
        self.followers.contains(word)
    }

    /// Whether `folded` is a name that ends in `!` or `?` (`Yahoo!`).
    pub(super) fn is_bang(&self, folded: &str) -> bool {
        self.bangs.contains(folded)
    }

    /// All abbreviations with their classes, sorted: for the export to SRX.
    pub(super) fn all_abbreviations(&self) -> Vec<(&str, Class, bool)> {
        let mut all: Vec<_> = self.abbreviations.iter().map(|(k, e)| (&**k, e.class, e.capitalised)).collect();
        all.sort_unstable();
        all
    }

    /// All starters, sorted: for the export to SRX.
    pub(super) fn all_starters(&self) -> Vec<&str> {
        let mut all: Vec<_> = self.starters.iter().map(|s| &**s).collect();
        all.sort_unstable();
        all
    }

    /// All words of [`Self::follows`], sorted: for the export to SRX.
    pub(super) fn all_followers(&self) -> Vec<&str> {
        let mut all: Vec<_> = self.followers.iter().map(|s| &**s).collect();
        all.sort_unstable();
        all
    }

    /// All months, sorted: for the export to SRX.
    pub(super) fn all_months(&self) -> Vec<&str> {
        let mut all: Vec<_> = self.months.iter().map(|s| &**s).collect();
        all.sort_unstable();
        all
    }
}

/// `key: values` with continuation lines, which begin with white space; `#` begins a comment line.
fn entries(file: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = file;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let mut end = rest.find('\n').map_or(rest.len(), |k| k + 1);
            if rest.starts_with('#') || rest[..end].trim().is_empty() {
                rest = &rest[end..];
                continue;
            }
            while rest[end..].starts_with([' ', '\t']) {
                end += rest[end..].find('\n').map_or(rest.len() - end, |k| k + 1);
            }
            let entry = &rest[..end];
            rest = &rest[end..];
            return Some(entry.split_once(':').unwrap_or((entry, "")));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[&str] = &[
        "never",
        "name",
        "number",
        "unit",
        "end",
        "starters",
        "months",
        "bangs",
        "capitals",
        "followers",
        "tails",
        "continuers",
        "endings",
        "sayers",
        "openers",
        "joiners",
        "leaders",
        "marks",
        "ordinals",
        "dot",
        "lower",
        "spaces",
    ];

    #[test]
    fn the_data_uses_known_keys_and_folded_words() {
        for (tags, file) in LANGUAGES.iter().chain([&("common", COMMON)]) {
            for (key, values) in entries(file) {
                assert!(KEYS.contains(&key), "{tags}: unknown key '{key}'");
                for word in values.split_whitespace() {
                    assert!(!word.ends_with('.'), "{tags}: {key}: '{word}' is written without its last full stop");
                    if matches!(key, "starters" | "months" | "bangs") {
                        let folded: String = word.chars().flat_map(char::to_lowercase).collect();
                        assert_eq!(word, folded, "{tags}: {key} are written in lower case");
                    }
                }
            }
        }
    }

    #[test]
    fn no_abbreviation_stands_twice() {
        for (tags, file) in LANGUAGES {
            let mut seen = FxHashMap::default();
            for (key, values) in
                entries(file).filter(|(k, _)| matches!(*k, "never" | "name" | "number" | "unit" | "end"))
            {
                for word in values.split_whitespace() {
                    let earlier = seen.insert(word.to_lowercase(), key);
                    assert_eq!(earlier, None, "{tags}: '{word}' is {key} and stood before: only the last would count");
                }
            }
        }
    }

    #[test]
    fn at_least_forty_languages_have_data() {
        let tags: Vec<_> = LANGUAGES.iter().flat_map(|(tags, _)| tags.split(' ')).collect();
        assert!(LANGUAGES.len() >= 40, "{} files", LANGUAGES.len());
        let mut unique = tags.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), tags.len(), "a tag stands twice");
    }

    #[test]
    fn entries_may_be_continued_and_commented() {
        let read: Vec<_> = entries("# a\nnever: x y\n  z\n\nend: w").map(|(k, v)| (k, v.trim())).collect();
        assert_eq!(read, [("never", "x y\n  z"), ("end", "w")]);
    }
}
