//! What the user knows before anything is aligned: dictionaries and fixed beads.
//!
//! Not here: reading either from files (`hexapla-formats`), what a dictionary is worth (`evidence::dictionary`), how
//! the path is led through fixed beads (`align::fixed`).

use crate::evaluate::Links;

/// Pairs of words or phrases that translate each other.
///
/// A pair serves in both directions, so a dictionary may be given for either order of the languages.
///
/// ```
/// let mut dictionary = hexapla_core::Dictionary::default();
/// dictionary.push("house", "ház");
/// dictionary.push("railway station", "pályaudvar");
/// assert_eq!(dictionary.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    pairs: Vec<(Box<str>, Box<str>)>,
}

impl Dictionary {
    /// Adds a pair; one with an empty side is left out.
    pub fn push(&mut self, source: &str, target: &str) {
        let (source, target) = (source.trim(), target.trim());
        if !source.is_empty() && !target.is_empty() {
            self.pairs.push((source.into(), target.into()));
        }
    }

    /// Adds all pairs of another dictionary.
    pub fn append(&mut self, mut other: Self) {
        self.pairs.append(&mut other.pairs);
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pairs in the order they came in.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(s, t)| (&**s, &**t))
    }
}

/// What the user knows about two documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Knowledge<'a> {
    /// Words and phrases that translate each other.
    pub dictionary: Option<&'a Dictionary>,
    /// Beads that stand: segments of the source and of the target, 0-based and ascending, an empty side for a null.
    /// They may cross each other; no segment stands in two of them. They come out with [`crate::Mark::Fixed`].
    pub fixed: &'a [Links],
}
