//! Scores of a segmentation against gold: boundaries inside paragraphs, counted in characters that are no white space,
//! so that it does not matter to which side the white space between sentences is given.

use std::ops::AddAssign;

/// Counts over one or more paragraphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BoundaryCounts {
    /// Boundaries in both.
    pub hits: usize,
    /// Boundaries only in the prediction.
    pub wrong: usize,
    /// Boundaries only in the gold.
    pub missed: usize,
    /// Paragraphs whose boundaries are all right and complete.
    pub exact: usize,
    /// Paragraphs.
    pub paragraphs: usize,
}

impl BoundaryCounts {
    /// Compares one paragraph: `gold` and `predicted` are starts of sentences, in characters of `text`.
    pub fn of(text: &str, gold: &[usize], predicted: &[usize]) -> Self {
        let (want, got) = (marks(text, gold), marks(text, predicted));
        let hits = got.iter().filter(|g| want.binary_search(g).is_ok()).count();
        Self {
            hits,
            wrong: got.len() - hits,
            missed: want.len() - hits,
            exact: usize::from(want == got),
            paragraphs: 1,
        }
    }

    /// Share of predicted boundaries that are right; 1 where none is predicted.
    pub fn precision(&self) -> f64 {
        ratio(self.hits, self.hits + self.wrong)
    }

    /// Share of gold boundaries that are predicted; 1 where there is none.
    pub fn recall(&self) -> f64 {
        ratio(self.hits, self.hits + self.missed)
    }

    /// Harmonic mean of precision and recall; 0 where both are.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

impl AddAssign for BoundaryCounts {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.exact += other.exact;
        self.paragraphs += other.paragraphs;
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Starts as numbers of non-space characters before them, without those at the paragraph's ends; sorted, distinct.
///
/// White space is what Python's `str.isspace` says, as in the reference scorer: the separators U+001C to U+001F count.
fn marks(text: &str, starts: &[usize]) -> Vec<usize> {
    let mut before = vec![0];
    for c in text.chars() {
        let space = c.is_whitespace() || matches!(c, '\u{1C}'..='\u{1F}');
        before.push(before[before.len() - 1] + usize::from(!space));
    }
    let all = before[before.len() - 1];
    let mut out: Vec<usize> =
        starts.iter().filter_map(|&s| before.get(s)).copied().filter(|&m| m != 0 && m != all).collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_belongs_to_nobody() {
        let text = "One.  Two. Three.";
        let counts = BoundaryCounts::of(text, &[0, 6, 11], &[0, 4, 17]);
        assert_eq!((counts.hits, counts.wrong, counts.missed, counts.exact), (1, 0, 1, 0));
        assert_eq!(counts.f1(), 2.0 / 3.0);
    }

    #[test]
    fn nothing_to_find_and_nothing_found_is_perfect() {
        let counts = BoundaryCounts::of("One.", &[0], &[0]);
        assert_eq!((counts.f1(), counts.exact), (1.0, 1));
    }
}
