//! The two sides of a border between beads, with cuts in the segments next to it.
//!
//! ```text
//! side of beads A and B:   a0  a1 ‖ b0  b1          ‖ border
//! cuts:                    a0  a|a|a ‖ b|b  b1      | only in the last segment before and the first behind
//! ```
//!
//! Not here: where a segment may be cut (`evidence::clauses`), which borders are looked at (`overrun`).

use super::World;
use crate::encode::{Encoder, Features};
use crate::evidence::border::{Half, Place};
use crate::evidence::clauses::{Cut, cuts};
use crate::evidence::fastmath::dot;
use crate::evidence::length::Lengths;
use crate::evidence::tokens::Tokens;
use crate::{Document, Error};

/// Most cuts looked at in a segment: the nearest to the border.
const MOST_CUTS: usize = 16;

/// Tokens of a side beyond which it is not looked at: no sentences, but a text without ends.
const MOST_TOKENS: usize = 2000;

/// One side's segments: those of A up to the border, those of B from it on.
#[derive(Clone, Copy)]
pub(super) struct Span {
    from: u32,
    pub(super) border: u32,
    to: u32,
}

impl Span {
    /// Of two neighbouring beads' segments, which are not empty.
    pub(super) fn of(a: &[u32], b: &[u32]) -> Self {
        Self { from: a[0], border: b[0], to: b[b.len() - 1] + 1 }
    }
}

/// Cuts in the segments on both sides of a border.
pub(super) struct Cuts {
    before: Vec<Cut>,
    behind: Vec<Cut>,
}

impl Cuts {
    /// Those before and behind `border`, the first segment behind it.
    pub(super) fn of(document: &Document, tokens: &Tokens, border: u32) -> Self {
        let of = |i: usize| cuts(document.segment(i), tokens.segment(i).len());
        let (mut before, mut behind) = (of(border as usize - 1), of(border as usize));
        before.drain(..before.len().saturating_sub(MOST_CUTS));
        behind.truncate(MOST_CUTS);
        Self { before, behind }
    }
}

/// One side, for words and lengths; `None` where it is too long.
pub(super) fn half<'a>(span: Span, tokens: &'a Tokens, lengths: &Lengths, cuts: &Cuts) -> Option<Half<'a>> {
    let (from, border, to) = (span.from as usize, span.border as usize, span.to as usize);
    let start = tokens.starts[from] as usize;
    let ids = &tokens.ids[start..tokens.starts[to] as usize];
    let at = |segment: usize, tokens_in: usize, chars: f32| Place {
        tokens: tokens.starts[segment] as usize - start + tokens_in,
        chars: lengths.span(from, segment) + chars,
    };
    let before = cuts.before.iter().map(|c| at(border - 1, c.tokens, c.chars));
    let behind = cuts.behind.iter().map(|c| at(border, c.tokens, c.chars));
    let half = Half {
        ids,
        first: start,
        chars: lengths.span(from, to),
        border: at(border, 0, 0.0),
        cuts: before.chain(behind).collect(),
    };
    (ids.len() <= MOST_TOKENS).then_some(half)
}

/// What meaning says of every cut, first of the source, then of the target, against the border as it is.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn meaning(world: &World<'_>, source: (Span, &Cuts), target: (Span, &Cuts)) -> Result<Vec<f32>, Error> {
    let Some((meaning, trust)) = world.meaning.zip(world.trust) else { return Ok(Vec::new()) };
    let encoder = meaning.encoder;
    let s = Vectors::of(world.documents.0, meaning.source, &world.lengths.0, encoder, source)?;
    let t = Vectors::of(world.documents.1, meaning.target, &world.lengths.1, encoder, target)?;
    let both = |x: usize, y: usize| {
        let one = |behind: bool| {
            let length = (s.chars(x, behind) * t.chars(y, behind)).max(1.0).sqrt();
            trust.pair(dot(s.vector(x, behind), t.vector(y, behind)), length)
        };
        one(false) + one(true)
    };
    let as_it_is = both(0, 0);
    let moved = (1..s.before.len()).map(|x| both(x, 0)).chain((1..t.before.len()).map(|y| both(0, y)));
    Ok(moved.map(|x| world.usage.semantic_weight * (x - as_it_is)).collect())
}

/// What lies before and behind every place of one side's border, projected. Place 0 is the border as it is, then come
/// the cuts in order.
struct Vectors {
    dim: usize,
    /// Two vectors a place: before, behind.
    vectors: Vec<f32>,
    /// Characters before each place.
    before: Vec<f32>,
    total: f32,
}

impl Vectors {
    fn of(
        document: &Document,
        features: &Features,
        lengths: &Lengths,
        encoder: &dyn Encoder,
        (span, cuts): (Span, &Cuts),
    ) -> Result<Self, Error> {
        // The clauses of the two segments, so that all places are made of the same pieces.
        let mut texts: Vec<&str> = Vec::new();
        for (segment, cuts) in [(span.border - 1, &cuts.before), (span.border, &cuts.behind)] {
            let text = document.segment(segment as usize);
            let mut start = 0;
            let ends = cuts.iter().map(|c| c.byte).chain([text.len()]);
            texts.extend(ends.map(|end| text[std::mem::replace(&mut start, end)..end].trim()));
        }
        let clauses = Features::of_texts(&texts, encoder)?;
        let dim = features.dim;
        let add = |sum: &mut [f32], row: &[f32]| sum.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        let mut sum = vec![0.0; dim];
        (span.from..span.border - 1).for_each(|i| add(&mut sum, features.row(i as usize)));
        let mut sums = Vec::with_capacity(texts.len() * dim);
        for k in 0..texts.len() {
            add(&mut sum, clauses.row(k));
            sums.extend_from_slice(&sum);
        }
        (span.border + 1..span.to).for_each(|i| add(&mut sum, features.row(i as usize)));
        // The border is the end of the clause that the cuts before it leave.
        let border = cuts.before.len();
        let places = std::iter::once(border).chain((0..texts.len() - 1).filter(|&k| k != border));
        let mut rows = Vec::with_capacity(texts.len() * 2 * dim);
        for k in places {
            let before = &sums[k * dim..(k + 1) * dim];
            rows.extend_from_slice(before);
            rows.extend(sum.iter().zip(before).map(|(all, x)| all - x));
        }
        let mut vectors = vec![0.0; rows.len() / dim.max(1) * encoder.dim()];
        encoder.project(&rows, &mut vectors)?;
        let up_to = |segment: u32| lengths.span(span.from as usize, segment as usize);
        let (last, border) = (up_to(span.border - 1), up_to(span.border));
        let before = cuts.before.iter().map(|c| last + c.chars);
        let before = std::iter::once(border).chain(before).chain(cuts.behind.iter().map(|c| border + c.chars));
        Ok(Self { dim: encoder.dim(), vectors, before: before.collect(), total: up_to(span.to) })
    }

    fn vector(&self, place: usize, behind: bool) -> &[f32] {
        &self.vectors[(place * 2 + usize::from(behind)) * self.dim..][..self.dim]
    }

    fn chars(&self, place: usize, behind: bool) -> f32 {
        if behind { self.total - self.before[place] } else { self.before[place] }
    }
}
