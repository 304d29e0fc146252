//! What a similarity is worth: log-odds from how similar true pairs and accidental pairs of these very documents are.
//!
//! - A span pair's similarity x is normal about μ₁(L) for translations and μ₀(L) for accidents, both linear in the
//!   logarithm of the length L; short segments spread more (σ₁² = a + c/L).
//! - A merge must earn its place: taking an edge segment away must make the pair less similar. What that gain is for a
//!   true and for a false merge depends on the share of the side that the segment makes up.
//!
//! Both are fitted to confident beads and to pairs off the path, with priors. Where an encoder does not know a language,
//! μ₁ falls to μ₀ and the evidence fades by itself. Not here: similarities themselves (`semantic`).

use super::fastmath::ln;
use super::length::Lengths;
use crate::align::band::Band;
use crate::align::sums::Posterior;

/// A similarity seen: (cosine, geometric mean of the spans' lengths in characters, weight).
pub(crate) type Seen = (f32, f32, f32);

/// ln of the length at which lines are centred: 80 characters, an ordinary sentence.
const CENTRE: f32 = 4.4;

/// A line in ln L.
#[derive(Clone, Copy, Debug)]
struct Line {
    at_centre: f32,
    slope: f32,
}

impl Line {
    #[inline]
    fn at(self, log: f32) -> f32 {
        self.at_centre + self.slope * (log - CENTRE)
    }

    /// Least squares with the prior line as `weight` observations, half of them one e-fold to either side.
    fn fit(prior: Self, weight: f64, seen: &[Seen]) -> Self {
        let (mut w, mut x, mut y, mut xx, mut xy) =
            (weight, 0.0, weight * f64::from(prior.at_centre), weight, weight * f64::from(prior.slope));
        for &(value, length, share) in seen {
            let (t, v, s) = (f64::from(ln(length.max(1.0)) - CENTRE), f64::from(value), f64::from(share));
            w += s;
            x += s * t;
            y += s * v;
            xx += s * t * t;
            xy += s * t * v;
        }
        let determinant = w * xx - x * x;
        Self { at_centre: ((y * xx - x * xy) / determinant) as f32, slope: ((w * xy - x * y) / determinant) as f32 }
    }
}

/// The fitted distributions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trust {
    same: Line,
    other: Line,
    /// Variance of true pairs: constant, and for one character.
    same_variance: (f32, f32),
    other_variance: f32,
    /// What of the evidence is believed, 0 to 1.
    believed: f32,
}

/// Prior lines and variances, read off confident 1-1 beads and off-path pairs of the development sets textberg-dev and
/// transread with the built-in encoder (docs/accuracy.md).
const SAME: Line = Line { at_centre: 0.63, slope: 0.04 };
const OTHER: Line = Line { at_centre: 0.12, slope: 0.05 };
const SAME_VARIANCE: (f32, f32) = (0.0065, 1.0);
const OTHER_VARIANCE: f32 = 0.018;

/// What the priors are worth, in observations.
const WEIGHT: f64 = 10.0;

/// How far apart, in standard deviations, true and accidental pairs must lie for the evidence to be believed: not at all
/// below the first, wholly above the second. Languages that the built-in encoder knows lie at 3 to 5, those that it does
/// not know at 0.5 to 1.5: there it sees names and numbers, which look-alikes tell better.
const BELIEF: (f32, f32) = (1.5, 3.0);

/// Share of a side below which an edge says less and less: a mark of its own, a dash. With 0.1 and 0.2 textberg-dev loses 0.3
/// and 0.8 points, with none French Mark 0.8.
const SMALL: f32 = 0.05;

/// Distance of the two lines at which gains were measured.
const DISTANCE: f32 = 0.51;

/// Most that one kind of semantic evidence may say, in nats.
const BOUND: f32 = 8.0;

impl Trust {
    /// Before any bead is known: true pairs as an encoder that knows both languages has them, accidents as seen.
    pub(crate) fn prior(other: &[Seen]) -> Self {
        Self::fit(&[], other, true)
    }

    /// Fits to similarities of confident 1-1 beads and of pairs off the path. Unless the encoder `may_know` both
    /// languages, it has to prove itself: true pairs are expected to be no more similar than accidents.
    pub(crate) fn fit(same: &[Seen], other: &[Seen], may_know: bool) -> Self {
        let other_line = Line::fit(OTHER, WEIGHT, other);
        let same_line = Line::fit(if may_know { SAME } else { other_line }, WEIGHT, same);
        let spread = |seen: &[Seen], line: Line, expected: &dyn Fn(f32) -> f32| {
            let (mut sum, mut n) = (WEIGHT, WEIGHT);
            for &(x, length, w) in seen {
                let d = x - line.at(ln(length.max(1.0)));
                sum += f64::from(w * (d * d / expected(length)).min(9.0));
                n += f64::from(w);
            }
            (sum / n) as f32
        };
        let s = spread(same, same_line, &|l| SAME_VARIANCE.0 + SAME_VARIANCE.1 / l.max(1.0));
        let o = spread(other, other_line, &|_| OTHER_VARIANCE);
        let other_variance = (OTHER_VARIANCE * o).max(1e-4);
        let same_variance = (SAME_VARIANCE.0 * s, SAME_VARIANCE.1 * s);
        let spread = ((other_variance + same_variance.0 + same_variance.1 / CENTRE.exp()) / 2.0).sqrt();
        let apart = (same_line.at_centre - other_line.at_centre) / spread;
        let believed = ((apart - BELIEF.0) / (BELIEF.1 - BELIEF.0)).clamp(0.0, 1.0);
        Self { same: same_line, other: other_line, same_variance, other_variance, believed }
    }

    /// Whether anything is believed.
    pub(crate) fn tells(&self) -> bool {
        self.believed > 0.0
    }

    /// Bounded log-odds of similarity `x` of a span pair of length `length`.
    #[inline]
    #[expect(clippy::manual_clamp)]
    pub(crate) fn pair(&self, x: f32, length: f32) -> f32 {
        let length = length.max(1.0);
        let log = ln(length);
        let (m1, m0) = (self.same.at(log), self.other.at(log));
        let v1 = self.same_variance.0 + self.same_variance.1 / length;
        let v0 = self.other_variance;
        // Beyond the means more similar is never worse, less similar never better. (`clamp` may panic, and where code may
        // panic, neighbours are not worked out side by side.)
        let x = x.max(m0).min(m1);
        let odds = (x - m0) * (x - m0) / v0 - (x - m1) * (x - m1) / v1 + ln(v0) - ln(v1);
        let bounded = self.believed * (0.5 * odds).max(-BOUND).min(BOUND);
        if m1 > m0 { bounded } else { 0.0 }
    }

    /// Bounded log-odds of an edge segment's gain: a true member of the merge against a neighbour wrongly added.
    #[inline]
    #[expect(clippy::manual_clamp)]
    pub(crate) fn gain(&self, gain: f32, edge: &Edge) -> f32 {
        let scale = (self.same.at_centre - self.other.at_centre) / DISTANCE;
        let &Edge { m1, s1, m0, s0, log } = edge;
        let g = (gain / scale).max(m0).min(m1);
        let (d1, d0) = ((g - m1) / s1, (g - m0) / s0);
        let odds = 0.5 * (d0 * d0 - d1 * d1) + log;
        let bounded = self.believed * (odds * scale.min(1.0)).max(-BOUND).min(BOUND);
        if scale > 0.1 { bounded } else { 0.0 }
    }
}

/// What gains of an edge segment are expected: means and spreads of true and of false members. One edge serves all
/// beads that have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    m1: f32,
    s1: f32,
    m0: f32,
    s0: f32,
    /// ln(s0 / s1).
    log: f32,
}

impl Edge {
    /// Of a segment that is `share` of its side's length.
    ///
    /// Measured on the same beads as the priors: true gains follow s²/2, false ones −0.05 − s³/2, spreads grow with s.
    /// Where s is small there is nothing to gain or lose, so the two come together.
    pub(crate) fn of(share: f32) -> Self {
        let (m1, s1) = (0.5 * share * share, 0.05 + 0.07 * share);
        let small = (share / SMALL).min(1.0);
        let (m0, s0) = (-0.05 * small - 0.5 * share * share * share, 0.05 + 0.09 * share);
        Self { m1, s1, m0, s0, log: ln(s0 / s1) }
    }
}

/// A 1-1 pair to learn from: source and target segment, weight.
pub(crate) type Pair = (usize, usize, f32);

/// Most pairs off the path that trust is fitted to.
const MOST_ACCIDENTS: usize = 20_000;

/// 1-1 pairs that are no translations (all pairs while nothing is known), thinned out evenly.
pub(crate) fn accidents(band: &Band, posterior: Option<&Posterior>) -> Vec<Pair> {
    let step = band.nodes().div_ceil(MOST_ACCIDENTS);
    let mut out = Vec::new();
    let mut count = 0;
    for i in 0..band.rows() - 1 {
        let low = band.row(i).0;
        let on = posterior.map(|p| p.bead.run(band, i, 0));
        for j in band.starts(i, (1, 1)) {
            let off = on.is_none_or(|p| p[j - low] < 1e-3);
            count += usize::from(off);
            if off && count % step == 0 {
                out.push((i, j, 1.0));
            }
        }
    }
    out
}

/// Confident 1-1 beads.
pub(crate) fn confident(band: &Band, posterior: &Posterior) -> Vec<Pair> {
    let mut out = Vec::new();
    for i in 0..band.rows() - 1 {
        let beads = (band.row(i).0..).zip(posterior.bead.run(band, i, 0));
        out.extend(beads.filter(|b| *b.1 >= 0.8).map(|(j, &p)| (i, j, p)));
    }
    out
}

/// Geometric mean of the lengths of two segments.
pub(crate) fn pair_length(lengths: &(Lengths, Lengths), i: usize, j: usize) -> f32 {
    (lengths.0.span(i, i + 1) * lengths.1.span(j, j + 1)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(mean: f32, spread: f32) -> Vec<Seen> {
        (0..400).map(|k| (mean + spread * ((k % 9) as f32 - 4.0) / 2.6, 20.0 + (k % 37) as f32 * 8.0, 1.0)).collect()
    }

    #[test]
    fn an_encoder_that_tells_nothing_is_not_trusted() {
        let t = Trust::fit(&seen(0.2, 0.1), &seen(0.2, 0.1), true);
        for x in [-0.2, 0.0, 0.2, 0.5, 0.9] {
            assert!(t.pair(x, 80.0).abs() < 0.5, "{x}: {}", t.pair(x, 80.0));
        }
        assert!(t.gain(0.3, &Edge::of(0.5)).abs() < 0.5);
    }

    #[test]
    fn an_encoder_that_does_not_know_a_language_has_to_prove_itself() {
        let (few, other) = (&seen(0.4, 0.1)[..6], seen(0.15, 0.12));
        assert!(Trust::fit(few, &other, false).pair(0.5, 80.0) < 0.5 * Trust::fit(few, &other, true).pair(0.5, 80.0));
        let (many, other) = (seen(0.65, 0.1), seen(0.15, 0.12));
        assert!(Trust::fit(&many, &other, false).pair(0.65, 80.0) > 4.0);
    }

    #[test]
    fn an_encoder_that_tells_them_apart_is() {
        let t = Trust::fit(&seen(0.65, 0.1), &seen(0.15, 0.12), true);
        assert!(t.pair(0.65, 80.0) > 4.0 && t.pair(0.1, 80.0) < -4.0);
        assert!(t.gain(0.15, &Edge::of(0.5)) > 1.0 && t.gain(-0.12, &Edge::of(0.5)) < -1.0);
    }
}
