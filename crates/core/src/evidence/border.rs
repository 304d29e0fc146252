//! Whether a clause runs over the border between two neighbouring beads.
//!
//! Translators move sentence ends. Where a clause of one version stands before the border and its counterpart behind it,
//! neither bead is a translation of its other side by itself; only both together are. The evidence is a likelihood
//! ratio: of the two pairs as they would be with the border put elsewhere on *one* side, at a cut between clauses,
//! against the two pairs as they are.
//!
//! ```text
//! source:   The guide, an old man, came late ‖ He was tired
//! target:   Le guide arriva en retard        ‖ Vieux, | il était fatigué         Vieux belongs before the border
//! ```
//!
//! Not here: which borders are looked at, how rare this is, and what follows (`align::overrun`).

use super::LEXICAL_WEIGHT;
use super::fastmath::ln;
use super::length::LengthModel;
use super::lexical::FOCUS;
use super::lexicon::Lexicon;
use super::occurrences::Occurrences;
use super::tokens::Tokens;

/// A place where one side's border could be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    /// Tokens of the side before it.
    pub(crate) tokens: usize,
    /// Characters of the side before it.
    pub(crate) chars: f32,
}

/// One side of two neighbouring beads.
#[derive(Clone, Debug)]
pub(crate) struct Half<'a> {
    /// Token types of both beads.
    pub(crate) ids: &'a [u32],
    /// Place of the first among all tokens of the document.
    pub(crate) first: usize,
    /// Characters of both beads.
    pub(crate) chars: f32,
    /// The border as it is.
    pub(crate) border: Place,
    /// Where else it could be, in order.
    pub(crate) cuts: Vec<Place>,
}

/// What is known of two documents' words and lengths.
pub(crate) struct Borders<'a> {
    lexicon: &'a Lexicon,
    length: LengthModel,
    /// Of every type: its weight, and that times its rest. Source, then target.
    types: [Vec<(f32, f32)>; 2],
    /// Segment of every token.
    segments: [Vec<u32>; 2],
    /// Weight of a segment on the mean.
    mean: [f32; 2],
}

/// A token of one side that may answer one of the other: (position, position on the other side, ratio).
type Hit = (u32, u32, f32);

/// The prefix sums of one side: weight and weighted rest before each token.
struct Sums(Vec<(f32, f32)>);

/// ln ratio's base, logarithm of its size, and focus, of a range of tokens.
struct Given {
    base: f32,
    size: f32,
    focus: f32,
}

impl Sums {
    fn of(ids: &[u32], types: &[(f32, f32)]) -> Self {
        let mut out = Vec::with_capacity(ids.len() + 1);
        let (mut w, mut r) = (0.0, 0.0);
        out.push((w, r));
        for &id in ids {
            let (weight, rest) = types[id as usize];
            (w, r) = (w + weight, r + rest);
            out.push((w, r));
        }
        Self(out)
    }

    fn given(&self, from: usize, to: usize, mean: f32) -> Given {
        let (w, r) = (self.0[to].0 - self.0[from].0, self.0[to].1 - self.0[from].1);
        Given { base: 1.0 + r, size: ln(1.0 + w), focus: (w / mean).max(1.0).powf(FOCUS) }
    }
}

impl Given {
    /// ln ratio of a token whose translations in the range sum to `sum`.
    #[inline]
    fn of(&self, sum: f32) -> f32 {
        ln(self.base + self.focus * sum) - self.size
    }
}

impl<'a> Borders<'a> {
    /// Ready for any border between beads of these documents.
    pub(crate) fn new(tokens: (&'a Tokens, &'a Tokens), lexicon: &'a Lexicon, length: LengthModel) -> Self {
        let of = |tokens: &Tokens, rest: &[f32]| {
            tokens.types.iter().zip(rest).map(|(t, rest)| (t.weight(), t.weight() * rest)).collect::<Vec<_>>()
        };
        let types = [of(tokens.0, &lexicon.source_rest), of(tokens.1, &lexicon.target_rest)];
        let mean = [(tokens.0, &types[0]), (tokens.1, &types[1])].map(|(tokens, types)| {
            let sum: f64 = tokens.ids.iter().map(|&id| f64::from(types[id as usize].0)).sum();
            (sum / tokens.len().max(1) as f64).max(1.0) as f32
        });
        let segments = [tokens.0.segment_of_places(), tokens.1.segment_of_places()];
        Self { lexicon, length, types, segments, mean }
    }

    /// Log-odds of every cut, first those of the source, then those of the target, against the border as it is.
    pub(crate) fn odds(&self, source: &Half<'_>, target: &Half<'_>, scratch: &mut Occurrences) -> Vec<f32> {
        let hits = self.hits(source, target, scratch);
        let sums = [Sums::of(source.ids, &self.types[0]), Sums::of(target.ids, &self.types[1])];
        let mut out = self.words(0, (source, target), &sums, &hits);
        let mut back: Vec<Hit> = hits.iter().map(|&(s, t, r)| (t, s, r)).collect();
        back.sort_unstable_by_key(|h| (h.0, h.1));
        out.extend(self.words(1, (target, source), &sums, &back));
        let pair = |s: f32, t: f32| self.length.density(s, t);
        let (s, t) = (source.border.chars, target.border.chars);
        let both = |s: f32, t: f32| pair(s, t) + pair(source.chars - s, target.chars - t);
        let as_it_is = both(s, t);
        let moved = source.cuts.iter().map(|c| both(c.chars, t)).chain(target.cuts.iter().map(|c| both(s, c.chars)));
        out.iter_mut().zip(moved).for_each(|(odds, length)| *odds += length - as_it_is);
        out
    }

    /// Tokens of both sides that may answer each other, by source position.
    fn hits(&self, source: &Half<'_>, target: &Half<'_>, scratch: &mut Occurrences) -> Vec<Hit> {
        scratch.index(target.ids, self.types[1].len());
        let mut out = Vec::new();
        for (s, (&id, &p)) in source.ids.iter().zip(&self.segments[0][source.first..]).enumerate() {
            for (entry, t, ratio) in self.lexicon.row(id) {
                let left =
                    |at: u32| self.lexicon.held_out.factor(entry, p, self.segments[1][target.first + at as usize]);
                out.extend(scratch.of(t).map(|at| (s as u32, at, ratio * left(at))));
            }
        }
        out
    }

    /// Lexical log-odds of the cuts of one side (0 source, 1 target); `hits` by that side's position.
    fn words(&self, side: usize, (cut, other): (&Half<'_>, &Half<'_>), sums: &[Sums; 2], hits: &[Hit]) -> Vec<f32> {
        if cut.cuts.is_empty() {
            return Vec::new();
        }
        let (own, others) = (&self.types[side], &self.types[1 - side]);
        let (x, end) = (other.border.tokens, other.ids.len());
        let (first, second) =
            (sums[1 - side].given(0, x, self.mean[1 - side]), sums[1 - side].given(x, end, self.mean[1 - side]));
        // What of each own token's ratio lies before the other side's border and behind it, and what each token of the
        // other side has in the whole of this one.
        let mut beside = vec![(0.0f32, 0.0f32); cut.ids.len()];
        let mut whole = vec![0.0f32; end];
        for &(y, x_at, r) in hits {
            let given = r * others[other.ids[x_at as usize] as usize].0;
            let sum = &mut beside[y as usize];
            if (x_at as usize) < x {
                sum.0 += given
            } else {
                sum.1 += given
            }
            whole[x_at as usize] += r * own[cut.ids[y as usize] as usize].0;
        }
        // Ahead: own tokens explained by the other side, first bead less second, summed from the left.
        let mut ahead = Vec::with_capacity(cut.ids.len() + 1);
        let mut sum = 0.0;
        ahead.push(sum);
        for (&id, &(a, b)) in cut.ids.iter().zip(&beside) {
            sum += own[id as usize].0 * (first.of(a) - second.of(b));
            ahead.push(sum);
        }
        // Back: the other side's tokens explained by what lies on their side of the cut.
        let mut before = vec![0.0f32; end];
        let mut next = hits.iter().peekable();
        let mut value = |place: &Place| {
            while let Some(&(y, x_at, r)) = next.next_if(|h| (h.0 as usize) < place.tokens) {
                before[x_at as usize] += r * own[cut.ids[y as usize] as usize].0;
            }
            let first = sums[side].given(0, place.tokens, self.mean[side]);
            let second = sums[side].given(place.tokens, cut.ids.len(), self.mean[side]);
            let back: f32 = (0..end)
                .map(|k| {
                    let odds = if k < x { first.of(before[k]) } else { second.of((whole[k] - before[k]).max(0.0)) };
                    others[other.ids[k] as usize].0 * odds
                })
                .sum();
            LEXICAL_WEIGHT * 0.5 * (ahead[place.tokens] + back)
        };
        let behind = cut.cuts.partition_point(|c| c.tokens <= cut.border.tokens);
        let mut out: Vec<f32> = cut.cuts[..behind].iter().map(&mut value).collect();
        let as_it_is = value(&cut.border);
        out.extend(cut.cuts[behind..].iter().map(&mut value));
        out.iter_mut().for_each(|v| *v -= as_it_is);
        out
    }
}
