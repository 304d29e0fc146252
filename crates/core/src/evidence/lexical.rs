//! Lexical evidence inside the band: Model 1 likelihood ratios of every span pair, at a few additions a bead.
//!
//! With r(t, s) = p(t|s)/p(t) from the lexicon, 1 for what it does not know, a target token t beside a source span S of
//! L tokens is (1 + Σ r(t, s)) / (L + 1) times as likely as by accident; a null word stands in for "no source token".
//! Summed over the tokens of a target segment this gives G(S, segment), and spans of segments are sums again. Merging
//! two pairs that hold by themselves thins L, so a merge pays for itself. The mean of both directions is used: each
//! estimates the same ratio.
//!
//! Cost: for every row the lexicon's hits inside the band, times the spans' lengths. Not here: learning (`lexicon`).

use super::fastmath::ln;
use super::lexicon::Lexicon;
use super::tokens::{Kind, Tokens};

/// One side's tokens with what scoring needs of them.
struct Side<'a> {
    tokens: &'a Tokens,
    /// Prefix sums over segments of token weights.
    weight: Vec<f32>,
    /// Prefix sums over segments of weighted rests.
    rest: Vec<f32>,
    /// Weight a type.
    type_weight: Vec<f32>,
}

impl<'a> Side<'a> {
    fn new(tokens: &'a Tokens, rest_of: &[f32]) -> Self {
        let type_weight: Vec<f32> = tokens.types.iter().map(weight).collect();
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
        Self { tokens, weight, rest, type_weight }
    }
}

/// Overlapping pairs of letters say everything twice.
fn weight(t: &super::tokens::Type) -> f32 {
    if t.kind == Kind::Piece && t.text.chars().count() > 1 { 0.5 } else { 1.0 }
}

/// Lexical evidence of two documents.
pub(crate) struct Lexical<'a> {
    source: Side<'a>,
    target: Side<'a>,
    lexicon: &'a Lexicon,
}

/// What source segment p has to do with the target tokens around it.
pub(crate) struct Hits {
    /// (position among all target tokens, summed ratio), ascending.
    forward: Vec<(u32, f32)>,
    /// ln ratio of segment p's own tokens beside target span (from + a, 1 + b segments): index a × most + b.
    backward: Vec<f32>,
    /// First target segment of `backward`.
    from: usize,
    /// Most segments of a window.
    most: usize,
}

impl Hits {
    /// ln ratio of the source segment beside `parts` target segments from `j` on.
    #[inline]
    pub(crate) fn backward(&self, j: usize, parts: usize) -> f32 {
        self.backward[(j - self.from) * self.most + parts - 1]
    }
}

/// Scratch space of one worker.
#[derive(Default)]
pub(crate) struct Scratch {
    ratio: Vec<f32>,
    touched: Vec<u32>,
    sums: Vec<f32>,
    segment_sums: Vec<f32>,
    bases: Vec<(f32, f32, f32)>,
}

impl<'a> Lexical<'a> {
    /// Evidence from `lexicon` between two documents' tokens.
    pub(crate) fn new(source: &'a Tokens, target: &'a Tokens, lexicon: &'a Lexicon) -> Self {
        Self {
            source: Side::new(source, &lexicon.source_rest),
            target: Side::new(target, &lexicon.target_rest),
            lexicon,
        }
    }

    /// Hits of source segment `p` among target segments `from..to`, in windows of up to `most` segments.
    pub(crate) fn hits(&self, p: usize, from: usize, to: usize, most: usize, scratch: &mut Scratch) -> Hits {
        let t = self.target.tokens;
        let span = t.starts[from] as usize..t.starts[to] as usize;
        scratch.ratio.resize(t.types.len(), 0.0);
        let mut backward = self.backward_base(p, from, to, most, scratch);
        scratch.touched.clear();
        let own = self.source.tokens.segment(p);
        for (k, &s) in own.iter().enumerate() {
            let w = self.source.type_weight[s as usize];
            for &(x, r) in self.lexicon.row(s) {
                if scratch.ratio[x as usize] == 0.0 {
                    scratch.touched.push(x);
                }
                scratch.ratio[x as usize] += w * r;
            }
            // Each distinct source token once, with its multiplicity, against every window of the target.
            if !own[..k].contains(&s) && !self.lexicon.row(s).is_empty() {
                let times = w * own.iter().filter(|&&o| o == s).count() as f32;
                self.backward_token(s, times, (from, to), most, scratch, &mut backward);
            }
        }
        let mut forward = Vec::new();
        for at in span {
            let r = scratch.ratio[t.ids[at] as usize];
            if r > 0.0 {
                forward.push((at as u32, r));
            }
        }
        for &x in &scratch.touched {
            scratch.ratio[x as usize] = 0.0;
        }
        Hits { forward, backward, from, most }
    }

    /// Every window's ratio if no token of segment `p` had a hit; fills `scratch.bases`.
    fn backward_base(&self, p: usize, from: usize, to: usize, most: usize, scratch: &mut Scratch) -> Vec<f32> {
        let own = self.source.weight[p + 1] - self.source.weight[p];
        let mut out = Vec::with_capacity((to - from) * most);
        scratch.bases.clear();
        for j in from..to {
            for parts in 1..=most {
                let end = (j + parts).min(to);
                let base = 1.0 + self.target.rest[end] - self.target.rest[j];
                let log = ln(base);
                scratch.bases.push((base, log, 0.0));
                out.push(own * (log - ln(1.0 + self.target.weight[end] - self.target.weight[j])));
            }
        }
        out
    }

    /// Adds what source token `s` gains in every window that holds one of its translations.
    fn backward_token(
        &self,
        s: u32,
        times: f32,
        (from, to): (usize, usize),
        most: usize,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        let t = self.target.tokens;
        let row = self.lexicon.row(s);
        scratch.segment_sums.clear();
        scratch.segment_sums.resize(to - from, 0.0);
        let mut any = false;
        for q in from..to {
            let ids = t.segment(q);
            let mut sum = 0.0;
            // The shorter list is walked, the other looked up.
            if row.len() <= 4 {
                for &(x, r) in row {
                    let c = ids.iter().filter(|&&id| id == x).count();
                    sum += r * c as f32 * self.target.type_weight[x as usize];
                }
            } else {
                for &id in ids {
                    if let Ok(k) = row.binary_search_by_key(&id, |e| e.0) {
                        sum += row[k].1 * self.target.type_weight[id as usize];
                    }
                }
            }
            any |= sum > 0.0;
            scratch.segment_sums[q - from] = sum;
        }
        if !any {
            return;
        }
        for a in 0..to - from {
            let mut sum = 0.0;
            for b in 0..most.min(to - from - a) {
                sum += scratch.segment_sums[a + b];
                if sum > 0.0 {
                    let (base, log, _) = scratch.bases[a * most + b];
                    out[a * most + b] += times * (ln(base + sum) - log);
                }
            }
        }
    }

    /// For source spans that start at `i` and have 1 to `hits.len()` segments: ln ratios of the target segments
    /// `from..to`, as prefix sums over the segments, `to − from + 1` values a span.
    ///
    /// `hits` are those of segments `i`, `i + 1`, ….
    pub(crate) fn forward(
        &self,
        i: usize,
        hits: &[&Hits],
        from: usize,
        to: usize,
        scratch: &mut Scratch,
        out: &mut Vec<f32>,
    ) {
        let t = self.target.tokens;
        let first = t.starts[from] as usize;
        let last = t.starts[to] as usize;
        scratch.sums.clear();
        scratch.sums.resize(last - first, 0.0);
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
            let (log, unit) = (ln(base), ln(base) - ln(size));
            let mut total = 0.0;
            out.push(0.0);
            for q in from..to {
                total += unit * (self.target.weight[q + 1] - self.target.weight[q]);
                for at in t.starts[q] as usize..t.starts[q + 1] as usize {
                    let sum = scratch.sums[at - first];
                    if sum > 0.0 {
                        total += self.target.type_weight[t.ids[at] as usize] * (ln(base + sum) - log);
                    }
                }
                out.push(total);
            }
        }
    }
}
