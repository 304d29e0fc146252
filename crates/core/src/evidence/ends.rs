//! Evidence from how segments begin and end: with a quotation mark, a dash, a small letter; with a question, a comma.
//!
//! A bead begins in both versions where a speaker begins, or inside a sentence; what was cut in the middle on one side
//! only hardly does. How often a beginning s is answered by t is counted in the beads that are known, so that what is a
//! quotation mark here and a dash there is learned, and compared with accident:
//!
//! ```text
//! ln  (max(0, n(s, t) − d) + k (a p(s) [s = t] + (1 − a) p(s) p(t))) / ((n + k) p(s) p(t))
//! ```
//!
//! with n beads, shares p of all segments, k beads' worth of what is expected beforehand, and d taken off, since what was seen
//! once may be an error that would go on for ever. Endings likewise. Not here: paragraphs (`structure`), marks anywhere in
//! a segment (`lexicon`), how a segment's marks are read (`crate::segment`).

use std::ops::Range;

use super::fastmath::ln;
use crate::Document;
use crate::segment::{Beginning, Ending};

/// a: how much more often than by accident a beginning or an ending is copied, before the documents have spoken; k: how
/// many beads that is worth; d.
const AGREEMENT: f32 = 0.3;
const PRIOR: f32 = 20.0;
const DISCOUNT: f32 = 1.0;

/// Weight of beginnings, and of endings: the lexicon has seen a segment's marks, but not where they stand.
const WEIGHTS: (f32, f32) = (1.0, 0.25);

/// Bound of either, in nats.
const BOUND: f32 = 2.0;

/// Beginnings and endings of both documents, and what they are worth.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    source: Side,
    target: Side,
    begin: Odds<{ Beginning::COUNT }>,
    end: Odds<{ Ending::COUNT }>,
}

/// Of every segment, the numbers of its [`Beginning`] and its [`Ending`].
#[derive(Clone, Debug)]
struct Side {
    begin: Vec<u8>,
    end: Vec<u8>,
}

impl Side {
    fn of(document: &Document) -> Self {
        let texts = || (0..document.len()).map(|i| document.segment(i));
        Self {
            begin: texts().map(|text| Beginning::of(text).number() as u8).collect(),
            end: texts().map(|text| Ending::of(text).number() as u8).collect(),
        }
    }

    fn select(&self, segments: &[Option<u32>]) -> Self {
        let of = |all: &[u8]| segments.iter().map(|i| i.map_or(0, |i| all[i as usize])).collect();
        Self { begin: of(&self.begin), end: of(&self.end) }
    }
}

/// Log-odds of pairs of `N` kinds.
#[derive(Clone, Debug)]
struct Odds<const N: usize> {
    /// Share of each kind among the segments of the source and of the target.
    share: [[f32; N]; 2],
    weight: f32,
    /// By source and target kind.
    odds: [[f32; N]; N],
}

impl<const N: usize> Odds<N> {
    fn new(source: &[u8], target: &[u8], weight: f32) -> Self {
        let share = [source, target].map(|kinds| {
            let mut counts = [1.0 / N as f32; N];
            kinds.iter().for_each(|&kind| counts[usize::from(kind)] += 1.0);
            counts.map(|n| n / (kinds.len() as f32 + 1.0))
        });
        Self { share, weight, odds: [[0.0; N]; N] }.fit(&[[0.0; N]; N])
    }

    fn fit(mut self, counts: &[[f32; N]; N]) -> Self {
        let all: f32 = counts.iter().flatten().sum();
        for (s, (row, counts)) in self.odds.iter_mut().zip(counts).enumerate() {
            for (t, (odds, count)) in row.iter_mut().zip(counts).enumerate() {
                let chance = self.share[0][s] * self.share[1][t];
                let copied = if s == t { AGREEMENT * self.share[0][s] } else { 0.0 };
                let expected = copied + (1.0 - AGREEMENT) * chance;
                let seen = (count - DISCOUNT).max(0.0) + PRIOR * expected;
                *odds = (self.weight * ln(seen / ((all + PRIOR) * chance))).clamp(-BOUND, BOUND);
            }
        }
        self
    }
}

impl Ends {
    /// How two documents' segments begin and end.
    pub(crate) fn of(source: &Document, target: &Document) -> Self {
        let (source, target) = (Side::of(source), Side::of(target));
        let begin = Odds::new(&source.begin, &target.begin, WEIGHTS.0);
        let end = Odds::new(&source.end, &target.end, WEIGHTS.1);
        Self { source, target, begin, end }
    }

    /// The same for some segments of both sides; `None` is an empty segment.
    pub(crate) fn select(&self, source: &[Option<u32>], target: &[Option<u32>]) -> Self {
        let (begin, end) = (self.begin.clone(), self.end.clone());
        Self { source: self.source.select(source), target: self.target.select(target), begin, end }
    }

    /// Fits to beads: (source segments, target segments, weight).
    pub(crate) fn fit(mut self, beads: impl Iterator<Item = ((u32, u32), (u32, u32), f32)>) -> Self {
        let mut begin = [[0.0; Beginning::COUNT]; Beginning::COUNT];
        let mut end = [[0.0; Ending::COUNT]; Ending::COUNT];
        for (s, t, weight) in beads {
            let at = |kinds: &[u8], i: u32| usize::from(kinds[i as usize]);
            begin[at(&self.source.begin, s.0)][at(&self.target.begin, t.0)] += weight;
            end[at(&self.source.end, s.1 - 1)][at(&self.target.end, t.1 - 1)] += weight;
        }
        self.begin = self.begin.fit(&begin);
        self.end = self.end.fit(&end);
        self
    }

    /// Adds to `out` the log-odds of the beads of source segments `i..i + n` with `m` target segments from each of
    /// `columns` on.
    pub(crate) fn add(&self, i: usize, (n, m): (usize, usize), columns: &Range<usize>, out: &mut [f32]) {
        let begin = &self.begin.odds[usize::from(self.source.begin[i])];
        let end = &self.end.odds[usize::from(self.source.end[i + n - 1])];
        let ends = &self.target.end[columns.start + m - 1..columns.end + m - 1];
        for ((x, b), e) in out.iter_mut().zip(&self.target.begin[columns.clone()]).zip(ends) {
            *x += begin[usize::from(*b)] + end[usize::from(*e)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    fn ends(source: &[&str], target: &[&str]) -> Ends {
        let of = |lines: &[&str]| Document::from_lines(lines, Language::und()).unwrap();
        Ends::of(&of(source), &of(target))
    }

    fn score(ends: &Ends, at: (usize, usize), size: (usize, usize)) -> f32 {
        let mut out = [0.0];
        ends.add(at.0, size, &(at.1..at.1 + 1), &mut out);
        out[0]
    }

    #[test]
    fn equal_beginnings_and_endings_speak_for_a_bead() {
        let x = ends(&["She left.", "“Where?", "he said.”"], &["Sie ging.", "„Wohin?", "sagte er.“"]);
        assert!((0..3).all(|i| score(&x, (i, i), (1, 1)) > 0.1), "{x:?}");
        assert!(score(&x, (1, 2), (1, 1)) < 0.0 && score(&x, (2, 1), (1, 1)) < 0.0);
        // Begins with the first segment, ends with the last.
        assert_eq!(score(&x, (1, 1), (2, 2)), x.begin.odds[2][2] + x.end.odds[3][3]);
    }

    #[test]
    fn other_customs_are_learned_and_what_was_seen_once_is_not() {
        let source: Vec<&str> = ["He left.", "“Where?”"].repeat(40);
        let target: Vec<&str> = ["Il partit.", "— Où ?"].repeat(40);
        let x = ends(&source, &target);
        let before = score(&x, (1, 1), (1, 1));
        let y = x.clone().fit((0..80).map(|i| ((i, i + 1), (i, i + 1), 1.0)));
        assert!(before < 0.1 && score(&y, (1, 1), (1, 1)) > 0.5, "{before} {}", score(&y, (1, 1), (1, 1)));
        let once = x.fit(std::iter::once(((1, 2), (1, 2), 1.0)));
        assert!(score(&once, (1, 1), (1, 1)) <= before);
    }

    #[test]
    fn where_all_begin_and_end_alike_nothing_is_told() {
        let x = ends(&["One.", "Two."].repeat(200), &["Eins.", "Zwei."].repeat(200));
        assert!(score(&x, (0, 0), (1, 1)).abs() < 0.01 && score(&x, (3, 0), (2, 1)).abs() < 0.01);
    }
}
