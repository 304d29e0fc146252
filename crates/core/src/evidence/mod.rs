//! What speaks for a span pair being a translation: length, lexicon and look-alikes, meaning; and their sum.
//!
//! Every kind of evidence is a log-odds (translation against accident), so kinds add up. Not here: prior
//! probabilities of bead types and the search (`align`).

pub(crate) mod border;
pub(crate) mod clauses;
pub(crate) mod cognate;
pub(crate) mod dictionary;
pub(crate) mod fastmath;
pub(crate) mod length;
pub(crate) mod lexical;
pub(crate) mod lexicon;
pub(crate) mod semantic;
pub(crate) mod structure;
pub(crate) mod synonym;
pub(crate) mod tokens;
pub(crate) mod trust;

use crate::align::band::Band;
use crate::align::beads::{MOST, TYPES};
use crate::align::dp::Scores;
use crate::parallel;
use length::{LengthModel, Lengths};
use lexical::{Hits, Lexical, Scratch};
use structure::Structure;
use trust::Trust;

/// Weight of lexical evidence: tokens of a sentence are not independent, so their sum says less than it seems to.
pub(crate) const LEXICAL_WEIGHT: f32 = 0.6;

/// Bound of lexical evidence for one bead, in nats, either way.
const LEXICAL_BOUND: f32 = 25.0;

/// Weight of semantic evidence, likewise: it looks at the same words as the lexicon.
pub(crate) const SEMANTIC_WEIGHT: f32 = 0.6;

/// The same within one language, where equal words have said most of it already.
pub(crate) const SEMANTIC_WEIGHT_WITHIN: f32 = 0.4;

/// Index of the bead type (n, m).
fn type_index(n: usize, m: usize) -> Option<usize> {
    TYPES.iter().position(|&(a, b)| (usize::from(a), usize::from(b)) == (n, m))
}

/// The lower of what is known.
fn lower(a: Option<f32>, b: Option<f32>) -> f32 {
    match (a, b) {
        (Some(a), Some(b)) => a.min(b),
        (Some(x), None) | (None, Some(x)) => x,
        (None, None) => 0.0,
    }
}

/// Rows scored by one worker at a time.
const BLOCK: usize = 64;

/// Which kinds of evidence count, where not all do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub(crate) length: bool,
    pub(crate) gain: bool,
    /// Weight of semantic evidence.
    pub(crate) semantic_weight: f32,
}

/// All evidence between two documents, ready to be asked for spans.
pub(crate) struct Evidence<'a> {
    pub(crate) source: &'a Lengths,
    pub(crate) target: &'a Lengths,
    pub(crate) length: LengthModel,
    /// [`Lengths::backgrounds`] of the target, [`MOST`] values a segment.
    pub(crate) backgrounds: &'a [f32],
    pub(crate) lexical: Lexical<'a>,
    pub(crate) structure: Option<&'a Structure>,
    /// Similarities of the band that is scored, and what they are worth.
    pub(crate) semantic: Option<(&'a [f32], Trust)>,
    pub(crate) usage: Use,
}

impl Evidence<'_> {
    /// Log-odds of every bead of the first `types` types that starts and ends in the band.
    pub(crate) fn score(&self, band: &Band, types: usize) -> Scores {
        let mut out = vec![f32::NEG_INFINITY; band.nodes() * types];
        let blocks = band.blocks(BLOCK, types, &mut out);
        parallel::for_each(blocks, |(first, last, slice)| self.score_rows(band, types, first, last, slice));
        Scores { types, values: out }
    }

    /// Evidence from meaning for a bead: the pair's similarity, and on every merged side the lower gain of its edges.
    fn meaning(
        &self,
        band: &Band,
        types: usize,
        (i, j): (usize, usize),
        (n, m): (usize, usize),
        x: &[f32],
        trust: &Trust,
    ) -> f32 {
        let (s, t) = (self.source.span(i, i + n), self.target.span(j, j + m));
        let at = |i: usize, j: usize, n: usize, m: usize| Some(x[band.node(i, j)? * types + type_index(n, m)?]);
        let Some(whole) = at(i, j, n, m) else { return 0.0 };
        let mut sum = trust.pair(whole, (s * t).sqrt());
        let (n, m) = if self.usage.gain { (n, m) } else { (1, 1) };
        // In an n-m bead an edge has a partner anyhow: that it fits is no reason to merge, that it does not is one not to.
        let most = if n > 1 && m > 1 { 0.0 } else { f32::INFINITY };
        if n > 1 {
            let first = at(i + 1, j, n - 1, m).map(|x| trust.gain(whole - x, self.source.span(i, i + 1) / s));
            let last = at(i, j, n - 1, m).map(|x| trust.gain(whole - x, self.source.span(i + n - 1, i + n) / s));
            sum += lower(first, last).min(most);
        }
        if m > 1 {
            let first = at(i, j + 1, n, m - 1).map(|x| trust.gain(whole - x, self.target.span(j, j + 1) / t));
            let last = at(i, j, n, m - 1).map(|x| trust.gain(whole - x, self.target.span(j + m - 1, j + m) / t));
            sum += lower(first, last).min(most);
        }
        self.usage.semantic_weight * sum
    }

    fn score_rows(&self, band: &Band, types: usize, first: usize, last: usize, out: &mut [f32]) {
        let rows = band.rows() - 1;
        let most = TYPES[..types].iter().map(|t| usize::from(t.0.max(t.1))).max().unwrap_or(1);
        let mut scratch = Scratch::default();
        let hits: Vec<Hits> = (first..(last + most - 1).min(rows))
            .map(|p| {
                let from = band.row((p + 1).saturating_sub(most).max(first)).0;
                let to = band.row((p + most).min(rows)).1;
                self.lexical.hits(p, from, to, most, &mut scratch)
            })
            .collect();
        let mut forward = Vec::new();
        let offset = band.first(first);
        for i in first..last {
            let (low, high) = band.row(i);
            let spans = most.min(rows - i);
            let to = band.row(i + spans).1;
            let near: Vec<&Hits> = hits[i - first..i - first + spans].iter().collect();
            self.lexical.forward(i, &near, low, to, &mut scratch, &mut forward);
            let width = to - low + 1;
            for j in low..=high {
                let at = (band.first(i) - offset + j - low) * types;
                for (k, &(n, m)) in TYPES[..types].iter().enumerate() {
                    let (n, m) = (usize::from(n), usize::from(m));
                    if n > spans || j + m > to || band.node(i + n, j + m).is_none() {
                        continue;
                    }
                    let (s, t) = (self.source.span(i, i + n), self.target.span(j, j + m));
                    if s <= 0.0 || t <= 0.0 {
                        continue; // an empty segment is a null, never part of a bead by itself
                    }
                    let background = self.backgrounds[j * MOST + m - 1];
                    let length = if self.usage.length { self.length.score(s, t, background) } else { 0.0 };
                    let row = &forward[(n - 1) * width..n * width];
                    let ahead = row[j + m - low] - row[j - low];
                    let back: f32 = near[..n].iter().map(|h| h.backward(j, m)).sum();
                    let lexical = (LEXICAL_WEIGHT * 0.5 * (ahead + back)).clamp(-LEXICAL_BOUND, LEXICAL_BOUND);
                    let semantic =
                        self.semantic.as_ref().map_or(0.0, |(x, t)| self.meaning(band, types, (i, j), (n, m), x, t));
                    let structure = self.structure.map_or(0.0, |x| x.score((i, j), (n, m)));
                    out[at + k] = length + lexical + structure + semantic;
                }
            }
        }
    }
}
