//! Lexical evidence inside the band: Model 1 likelihood ratios of every span pair, at a few additions a bead.
//!
//! With r(t, s) = p(t|s)/p(t) from the lexicon, 1 for what it does not know, a target token t beside a source span S of
//! L tokens is (1 + Σ r(t, s)) / (L + 1) times as likely as by accident; a null word stands in for "no source token".
//! Summed over the tokens of a target segment this gives G(S, segment), and spans of segments are sums again. Merging
//! two pairs that hold by themselves thins L, so a merge pays for itself. The mean of both directions is used: each
//! estimates the same ratio.
//!
//! Cost: for every row the lexicon's hits inside the band, times the spans' lengths. Not here: learning (`lexicon`).

use std::ops::Range;

use super::fastmath::{ln, ln_f64};
use super::held_out::HeldOut;
use super::lexicon::Lexicon;
use super::occurrences::Occurrences;
use super::tokens::{HALF, Tokens, Type};

/// One side's tokens with what scoring needs of them.
struct Side<'a> {
    tokens: &'a Tokens,
    /// Prefix sums over segments of token weights.
    weight: Vec<f32>,
    /// Prefix sums over segments of weighted rests.
    rest: Vec<f32>,
    /// Weight a type.
    type_weight: Vec<f32>,
    /// Mean weight of a segment.
    mean: f32,
}

impl<'a> Side<'a> {
    fn new(tokens: &'a Tokens, rest_of: &[f32]) -> Self {
        let type_weight: Vec<f32> = tokens.types.iter().map(Type::weight).collect();
        let (mut w, mut r) = (0.0f64, 0.0f64);
        let (mut weight, mut rest) = (vec![0.0], vec![0.0]);
        for i in 0..tokens.len() {
            for &id in tokens.segment(i) {
                w += f64::from(type_weight[id as usize]);
                r += f64::from(type_weight[id as usize] * rest_of[id as usize]);
            }
            weight.push(w as f32);
            rest.push(r as f32);
        }
        let mean = (w / tokens.len().max(1) as f64).max(1.0) as f32;
        Self { tokens, weight, rest, type_weight, mean }
    }
}

/// How far a partner's place narrows with the size of its span: 0 not at all (Model 1), 1 wholly.
pub(super) const FOCUS: f32 = 0.2;

impl Side<'_> {
    /// How much better than uniform a token's partner is placed in a span: words keep about their order, so in a span
    /// of k ordinary segments a partner is looked for in fewer than k times as many places.
    fn focus(&self, from: usize, to: usize) -> f32 {
        ((self.weight[to] - self.weight[from]) / self.mean).max(1.0).powf(FOCUS)
    }
}

/// Products of ratios larger than this are taken to their logarithm: the next factor might be too much for f64.
const LARGE: f64 = 1e200;

/// Lexical evidence of two documents.
pub(crate) struct Lexical<'a> {
    source: Side<'a>,
    target: Side<'a>,
    lexicon: &'a Lexicon,
    /// What is left out of the lexicon where it was learned from.
    held_out: Option<&'a HeldOut>,
    /// Segment of every target token.
    target_segment: Vec<u32>,
    /// For every target span, of 1 + b segments (at b) and from segment j (at j): the ratio's base, its logarithm, and the
    /// span's focus.
    target_bases: Vec<Vec<[f32; 3]>>,
    /// The logarithm of the base over the span's size, likewise.
    target_units: Vec<Vec<f32>>,
}

/// What source segment p has to do with the target tokens around it.
pub(crate) struct Hits {
    /// (position among all target tokens, summed ratio), ascending.
    forward: Vec<(u32, f32)>,
    /// ln ratio of segment p's own tokens beside target span (from + a, 1 + b segments): index b × width + a.
    backward: Vec<f32>,
    /// First target segment of `backward`, and their number.
    from: usize,
    width: usize,
}

impl Hits {
    /// ln ratios of the source segment beside `parts` target segments from each of `columns` on.
    #[inline]
    pub(crate) fn backward(&self, columns: &Range<usize>, parts: usize) -> &[f32] {
        let row = (parts - 1) * self.width;
        &self.backward[row + columns.start - self.from..row + columns.end - self.from]
    }
}

/// Target segments that a source segment is held against.
pub(crate) struct Windows {
    /// The first, and one past the last.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Where windows of 1 + b segments begin that will be asked for; others need not be right.
    pub(crate) begin: Vec<Range<usize>>,
}

/// Scratch space of one worker.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Target tokens around the rows at hand, and the first of them.
    near: Occurrences,
    first: u32,
    own: Vec<u32>,
    places: Vec<(u32, f32)>,
    /// Which windows are asked for, by their first segment: bit b is set for that of 1 + b segments.
    asked: Vec<u32>,
    sums: Vec<f32>,
    /// [`Lexical::target_bases`] of the windows, with what is left out: index b × width + a.
    bases: Vec<[f32; 3]>,
    /// What the source span has back beside each target segment.
    rests: Vec<f32>,
    segment_sums: Vec<f32>,
}

impl Scratch {
    /// Looks at the target segments that [`Lexical::hits`] will be asked for next.
    pub(crate) fn look(&mut self, lexical: &Lexical<'_>, segments: Range<usize>) {
        let tokens = lexical.target.tokens;
        let (first, last) = (tokens.starts[segments.start], tokens.starts[segments.end]);
        self.first = first;
        self.near.index(&tokens.ids[first as usize..last as usize], tokens.types.len());
    }
}

impl<'a> Lexical<'a> {
    /// Evidence from `lexicon` between two documents' tokens for target spans of up to `most` segments; `taught` says
    /// whether they are those that it was learned from, so that no bead is judged by what itself taught.
    pub(crate) fn new(source: &'a Tokens, target: &'a Tokens, lexicon: &'a Lexicon, taught: bool, most: usize) -> Self {
        let (source, target) = (Side::new(source, &lexicon.source_rest), Side::new(target, &lexicon.target_rest));
        let all = target.tokens.len();
        let (mut target_bases, mut target_units) = (Vec::with_capacity(most), Vec::with_capacity(most));
        for parts in 1..=most {
            let base = |j: usize| {
                let end = (j + parts).min(all);
                let base = 1.0 + target.rest[end] - target.rest[j];
                [base, ln(base), target.focus(j, end)]
            };
            let bases: Vec<[f32; 3]> = (0..all).map(base).collect();
            let size = |j: usize| 1.0 + target.weight[(j + parts).min(all)] - target.weight[j];
            target_units.push(bases.iter().enumerate().map(|(j, base)| base[1] - ln(size(j))).collect());
            target_bases.push(bases);
        }
        let target_segment = target.tokens.segment_of_places();
        let held_out = taught.then_some(&lexicon.held_out);
        Self { source, target, lexicon, held_out, target_segment, target_bases, target_units }
    }

    /// Hits of source segment `p` among target segments that `scratch` was told to look at.
    ///
    /// Cost: the lexicon's hits in the band, each in the windows that hold it.
    pub(crate) fn hits(&self, p: usize, windows: &Windows, scratch: &mut Scratch) -> Hits {
        let &Windows { from, to, begin: ref asked } = windows;
        let most = asked.len();
        scratch.asked.clear();
        scratch.asked.resize(to - from, 0);
        for (b, range) in asked.iter().enumerate() {
            let end = range.end.min(to.saturating_sub(b)).max(from);
            for mask in &mut scratch.asked[range.start.clamp(from, end) - from..end - from] {
                *mask |= 1 << b;
            }
        }
        let t = self.target.tokens;
        let (first, last) = (t.starts[from], t.starts[to]);
        let own_weight = self.source.weight[p + 1] - self.source.weight[p];
        let mut backward = Vec::with_capacity((to - from) * most);
        for units in &self.target_units[..most] {
            backward.extend(units[from..to].iter().map(|unit| own_weight * unit));
        }
        self.leave_out(p, windows, scratch, &mut backward);
        scratch.own.clear();
        scratch.own.extend_from_slice(self.source.tokens.segment(p));
        scratch.own.sort_unstable();
        scratch.places.clear();
        let own = std::mem::take(&mut scratch.own);
        for same in own.chunk_by(|a, b| a == b) {
            let times = self.source.type_weight[same[0] as usize] * same.len() as f32;
            let begin = scratch.places.len();
            for (entry, x, r) in self.lexicon.row(same[0]) {
                let here = scratch.near.of(x).map(|at| at + scratch.first);
                let here = here.skip_while(|&at| at < first).take_while(|&at| at < last);
                let left = |at: u32| {
                    self.held_out.map_or(1.0, |h| h.factor(entry, p as u32, self.target_segment[at as usize]))
                };
                scratch.places.extend(here.map(|at| (at, times * r * left(at))));
            }
            if scratch.places.len() > begin {
                self.backward_token(begin, times, (from, to), most, scratch, &mut backward);
            }
        }
        scratch.own = own;
        scratch.places.sort_unstable_by_key(|h| h.0);
        let mut forward: Vec<(u32, f32)> = Vec::with_capacity(scratch.places.len());
        for &(at, r) in &scratch.places {
            match forward.last_mut() {
                Some(last) if last.0 == at => last.1 += r,
                _ => forward.push((at, r)),
            }
        }
        Hits { forward, backward, from, width: to - from }
    }

    /// Bases of the target spans beside source segment `p`: where it taught them words, they have the probability back
    /// that these took. `out` is what its tokens have in every window.
    fn leave_out(&self, p: usize, windows: &Windows, scratch: &mut Scratch, out: &mut [f32]) {
        let &Windows { from, to, ref begin } = windows;
        scratch.bases.clear();
        self.target_bases[..begin.len()].iter().for_each(|bases| scratch.bases.extend_from_slice(&bases[from..to]));
        let Some(held_out) = self.held_out else { return };
        let own_weight = self.source.weight[p + 1] - self.source.weight[p];
        for q in from..to {
            let mine = held_out.of_target(q).iter().filter(|&&((first, end), _)| (first..end).contains(&(p as u32)));
            let rest: f32 = mine.map(|x| x.1).sum();
            if rest <= 0.0 {
                continue;
            }
            for b in 0..begin.len() {
                for a in q.saturating_sub(b).max(from)..(q + 1).min(to.saturating_sub(b)) {
                    let base = &mut scratch.bases[b * (to - from) + a - from];
                    let most = 1.0 + self.target.weight[a + b + 1] - self.target.weight[a];
                    let log = ln((base[0] + rest).min(most));
                    out[b * (to - from) + a - from] += own_weight * (log - base[1]);
                    (base[0], base[1]) = ((base[0] + rest).min(most), log);
                }
            }
        }
    }

    /// Adds what a source token gains in every window that holds one of its translations; its hits are those in
    /// `scratch.places` from `begin` on, `times` its multiplicity.
    fn backward_token(
        &self,
        begin: usize,
        times: f32,
        (from, to): (usize, usize),
        most: usize,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        scratch.segment_sums.clear();
        scratch.segment_sums.resize(to - from, 0.0);
        let (mut lowest, mut highest) = (to - from, 0);
        for &(at, r) in &scratch.places[begin..] {
            let q = self.target_segment[at as usize] as usize - from;
            let weight = self.target.type_weight[self.target.tokens.ids[at as usize] as usize];
            scratch.segment_sums[q] += r / times * weight;
            lowest = lowest.min(q);
            highest = highest.max(q);
        }
        for a in (lowest + 1).saturating_sub(most)..=highest {
            let mut sum = 0.0;
            let asked = scratch.asked[a];
            for b in 0..u32::BITS as usize - asked.leading_zeros() as usize {
                sum += scratch.segment_sums[a + b];
                if sum > 0.0 && asked >> b & 1 > 0 {
                    let [base, log, focus] = scratch.bases[b * (to - from) + a];
                    out[b * (to - from) + a] += times * (ln(base + focus * sum) - log);
                }
            }
        }
    }

    /// For source spans that start at `i` and have 1 to `hits.len()` segments: ln ratios of the target segments
    /// `from..to`, as prefix sums over the segments, `to − from + 1` values a span; of a span of 1 + n segments only
    /// differences within `reach[n]` will be asked for.
    ///
    /// `hits` are those of segments `i`, `i + 1`, ….
    pub(crate) fn forward(
        &self,
        i: usize,
        hits: &[Hits],
        (from, to): (usize, usize),
        reach: &[Range<usize>],
        scratch: &mut Scratch,
        out: &mut Vec<f32>,
    ) {
        let t = self.target.tokens;
        let first = t.starts[from] as usize;
        let last = t.starts[to] as usize;
        scratch.sums.clear();
        scratch.sums.resize(last - first, 0.0);
        scratch.rests.clear();
        scratch.rests.resize(to - from, 0.0);
        out.clear();
        for (n, h) in hits.iter().enumerate() {
            for &(at, r) in &h.forward {
                let at = at as usize;
                if at >= first && at < last {
                    scratch.sums[at - first] += r;
                }
            }
            let base = 1.0 + self.source.rest[i + n + 1] - self.source.rest[i];
            let size = 1.0 + self.source.weight[i + n + 1] - self.source.weight[i];
            for &((begin, end), rest) in self.held_out.map_or(&[][..], |h| h.of_source(i + n)) {
                let (begin, end) = ((begin as usize).clamp(from, to), (end as usize).clamp(from, to));
                scratch.rests[begin - from..end - from].iter_mut().for_each(|x| *x += rest);
            }
            let log = ln(size);
            let focus = self.source.focus(i, i + n + 1);
            let all = (ln(base) - log, focus / base);
            let mut total = 0.0;
            let (begin, end) = if reach[n].is_empty() { (from, from) } else { (reach[n].start, reach[n].end) };
            out.resize(out.len() + begin - from + 1, 0.0);
            for q in begin..end {
                let (unit, scale) = match scratch.rests[q - from] {
                    rest if rest > 0.0 => {
                        let base = (base + rest).min(size);
                        (ln(base) - log, focus / base)
                    }
                    _ => all,
                };
                total += unit * (self.target.weight[q + 1] - self.target.weight[q]);
                // One logarithm of a product is cheaper than many; tokens of the weights 1 and ½ have a product each.
                let mut products = [1.0f64; 2];
                for at in t.starts[q] as usize..t.starts[q + 1] as usize {
                    let sum = scratch.sums[at - first];
                    if sum > 0.0 {
                        let weight = self.target.type_weight[t.ids[at] as usize];
                        let product = &mut products[usize::from(weight < 1.0)];
                        *product *= f64::from(1.0 + scale * sum);
                        if *product > LARGE {
                            total += weight * ln_f64(*product) as f32;
                            *product = 1.0;
                        }
                    }
                }
                for (product, weight) in products.into_iter().zip([1.0, HALF]) {
                    if product > 1.0 {
                        total += weight * ln_f64(product) as f32;
                    }
                }
                out.push(total);
            }
            out.resize((n + 1) * (to - from + 1), total);
        }
    }
}
