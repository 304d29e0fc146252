//! What speaks for a span pair being a translation: length, lexicon and look-alikes, meaning; and their sum.
//!
//! Every kind of evidence is a log-odds (translation against accident), so kinds add up. Not here: prior
//! probabilities of bead types and the search (`align`).

pub(crate) mod cognate;
pub(crate) mod dictionary;
pub(crate) mod fastmath;
pub(crate) mod length;
pub(crate) mod lexical;
pub(crate) mod lexicon;
pub(crate) mod tokens;

use crate::align::band::Band;
use crate::align::beads::TYPES;
use crate::align::dp::Scores;
use crate::parallel;
use length::{LengthModel, Lengths};
use lexical::{Hits, Lexical, Scratch};

/// Weight of lexical evidence: tokens of a sentence are not independent, so their sum says less than it seems to.
pub(crate) const LEXICAL_WEIGHT: f32 = 0.6;

/// Bound of lexical evidence for one bead, in nats, either way.
const LEXICAL_BOUND: f32 = 25.0;

/// Rows scored by one worker at a time.
const BLOCK: usize = 64;

/// All evidence between two documents, ready to be asked for spans.
pub(crate) struct Evidence<'a> {
    pub(crate) source: &'a Lengths,
    pub(crate) target: &'a Lengths,
    pub(crate) length: LengthModel,
    pub(crate) lexical: Lexical<'a>,
}

impl Evidence<'_> {
    /// Log-odds of every bead of the first `types` types that starts and ends in the band.
    pub(crate) fn score(&self, band: &Band, types: usize) -> Scores {
        let mut out = vec![f32::NEG_INFINITY; band.nodes() * types];
        let rows = band.rows() - 1;
        let mut blocks = Vec::new();
        let mut rest = out.as_mut_slice();
        for first in (0..rows).step_by(BLOCK) {
            let last = (first + BLOCK).min(rows);
            let (head, tail) = rest.split_at_mut((band.first(last) - band.first(first)) * types);
            blocks.push((first, last, head));
            rest = tail;
        }
        parallel::for_each(blocks, |(first, last, slice)| self.score_rows(band, types, first, last, slice));
        Scores { types, values: out }
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
        let (mut backgrounds, mut forward) = (Vec::new(), Vec::new());
        let offset = band.first(first);
        for i in first..last {
            let (low, high) = band.row(i);
            let spans = most.min(rows - i);
            let to = band.row(i + spans).1;
            let near: Vec<&Hits> = hits[i - first..i - first + spans].iter().collect();
            self.lexical.forward(i, &near, low, to, &mut scratch, &mut forward);
            let width = to - low + 1;
            for j in low..=high {
                backgrounds.clear();
                self.target.backgrounds(j, most, &mut backgrounds);
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
                    let length = self.length.score(s, t, backgrounds[m - 1]);
                    let row = &forward[(n - 1) * width..n * width];
                    let ahead = row[j + m - low] - row[j - low];
                    let back: f32 = near[..n].iter().map(|h| h.backward(j, m)).sum();
                    let lexical = (LEXICAL_WEIGHT * 0.5 * (ahead + back)).clamp(-LEXICAL_BOUND, LEXICAL_BOUND);
                    out[at + k] = length + lexical;
                }
            }
        }
    }
}
