//! Evidence from length: Gale & Church (1993) as a likelihood ratio.
//!
//! A target span of length T beside a source span of length S is as likely as a normal deviate
//! δ = (T − cS) / √(v (T + cS) / 2); by accident it is as likely as the sum of m segments of the document, a gamma
//! distribution. Their ratio is normalised for the number of segments, so length by itself favours neither merges nor
//! nulls. Ratio c and variance v are the documents' own. Not here: what characters count (`Lengths::of`: all but
//! white space).

use super::fastmath::ln;
use crate::Document;

/// Characters of every segment, white space apart, summed from the left.
#[derive(Clone, Debug)]
pub(crate) struct Lengths {
    /// Prefix sums; one more entry than segments.
    sums: Vec<f64>,
    /// Mean length of a segment.
    pub(crate) mean: f64,
    /// Shape of the gamma distribution of one segment's length: mean² / variance.
    shape: f64,
}

impl Lengths {
    /// Lengths of a document's segments.
    pub(crate) fn of(document: &Document) -> Self {
        let one = |i| document.segment(i).chars().filter(|c| !c.is_whitespace()).count() as f64;
        let lengths: Vec<f64> = (0..document.len()).map(one).collect();
        let mut sums = Vec::with_capacity(lengths.len() + 1);
        let mut total = 0.0;
        sums.push(0.0);
        for l in &lengths {
            total += l;
            sums.push(total);
        }
        let n = lengths.len().max(1) as f64;
        let mean = (total / n).max(1.0);
        let variance = lengths.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / n;
        // A text of equal lengths, or of one segment, must not give an infinitely narrow background.
        let shape = (mean * mean / variance.max(0.05 * mean * mean)).clamp(0.3, 20.0);
        Self { sums, mean, shape }
    }

    /// The lengths of some segments, in the order given; `None` is an empty segment. The background stays the
    /// document's.
    pub(crate) fn select(&self, segments: impl IntoIterator<Item = Option<u32>>) -> Self {
        let mut sums = vec![0.0];
        let mut total = 0.0;
        for i in segments {
            total += i.map_or(0.0, |i| self.sums[i as usize + 1] - self.sums[i as usize]);
            sums.push(total);
        }
        Self { sums, ..*self }
    }

    /// Number of segments.
    pub(crate) fn len(&self) -> usize {
        self.sums.len() - 1
    }

    /// Length of segments `from..to`.
    pub(crate) fn span(&self, from: usize, to: usize) -> f32 {
        (self.sums[to] - self.sums[from]) as f32
    }

    /// Length of the whole document.
    pub(crate) fn total(&self) -> f64 {
        self.sums[self.sums.len() - 1]
    }

    /// ln densities of the spans of 1 + b segments, at b, by their first; 0 where the text ends before. There are those of
    /// up to `most` segments.
    pub(crate) fn backgrounds(&self, most: usize) -> Vec<Vec<f32>> {
        let rate = (self.shape / self.mean) as f32;
        let of = |parts: usize| {
            let k = self.shape * parts as f64;
            let (power, constant) = ((k - 1.0) as f32, (k * (self.mean / self.shape).ln() + ln_gamma(k)) as f32);
            let whole = self.len().saturating_sub(parts - 1);
            let length = (0..whole).map(|from| self.span(from, from + parts).max(1.0));
            let mut out: Vec<f32> = length.map(|l| power * ln(l) - l * rate - constant).collect();
            out.resize(self.len(), 0.0);
            out
        };
        (1..=most).map(of).collect()
    }
}

/// ln Γ(x), x > 0 (Stirling's series after shifting x up; error below 1e-9).
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 8.0 {
        shift += x.ln();
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    (x - 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + (1.0 / 12.0 - r * (1.0 / 360.0 - r / 1260.0)) / x - shift
}

/// The documents' own relation of lengths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LengthModel {
    /// Target characters a source character.
    pub(crate) ratio: f32,
    /// Variance a character.
    pub(crate) variance: f32,
}

/// Prior variance a character: Gale & Church (1993) found 6.8 for European languages.
const PRIOR_VARIANCE: f64 = 6.8;

/// Weight of the prior variance in beads.
const PRIOR_WEIGHT: f64 = 10.0;

/// From this difference on, as a logarithm, two ratios of lengths are two guesses.
const OTHER_RATIO: f64 = 0.25;

/// Variance of how many more segments a bead has on one side: 0.23 to 0.65 in the hand-made gold sets. In so few segments
/// that two standard deviations are more than [`OTHER_RATIO`], these are asked for: such a difference is an accident.
const VARIANCE_OF_SEGMENTS: f64 = 0.45;

/// Least ln ratio: a translator may do anything to one sentence, so length never rules a bead out.
const FLOOR: f32 = -5.0;

/// Squared standard deviations beyond which a span is no less likely.
const FAR: f32 = 16.0;

impl LengthModel {
    /// Before any bead is known: the ratio of the whole texts; and, where that is another, the ratio of mean segments,
    /// which holds where much is missing on one side.
    pub(crate) fn priors(source: &Lengths, target: &Lengths) -> Vec<Self> {
        let of = |ratio: f64| Self { ratio: ratio.clamp(0.1, 10.0) as f32, variance: PRIOR_VARIANCE as f32 };
        let whole = target.total().max(1.0) / source.total().max(1.0);
        let means = whole * source.len().max(1) as f64 / target.len().max(1) as f64;
        let accident = 2.0 * (VARIANCE_OF_SEGMENTS / source.len().min(target.len()).max(1) as f64).sqrt();
        if (whole / means).ln().abs() < accident.max(OTHER_RATIO) {
            vec![of(whole)]
        } else {
            vec![of(whole), of(means)]
        }
    }

    /// Fits to beads: (source length, target length, weight).
    pub(crate) fn fit(self, beads: impl Iterator<Item = (f32, f32, f32)> + Clone) -> Self {
        let (mut s, mut t) = (1e-6, 1e-6);
        for (a, b, w) in beads.clone() {
            s += f64::from(a * w);
            t += f64::from(b * w);
        }
        // Anchored to the prior ratio as if by a few sentences.
        let anchor = 300.0;
        let ratio = (t + anchor * f64::from(self.ratio)) / (s + anchor);
        let (mut sum, mut n) = (PRIOR_VARIANCE * PRIOR_WEIGHT, PRIOR_WEIGHT);
        for (a, b, w) in beads {
            let (a, b) = (f64::from(a) * ratio, f64::from(b));
            let size = (a + b) / 2.0;
            if size > 0.0 {
                // Far outliers belong to the floor, not to the variance.
                let d2 = ((b - a) * (b - a) / size).min(f64::from(FAR * self.variance));
                sum += f64::from(w) * d2;
                n += f64::from(w);
            }
        }
        Self { ratio: ratio as f32, variance: ((sum / n) as f32).clamp(1.0, 40.0) }
    }

    /// Bounded ln density of a span of `target` characters beside one of `source` characters.
    pub(crate) fn density(&self, source: f32, target: f32) -> f32 {
        let expected = source * self.ratio;
        let spread = self.variance * ((target + expected) * 0.5 + 1.0);
        let d = target - expected;
        -0.5 * ((d * d / spread).min(FAR) + ln(spread))
    }

    /// Bounded ln likelihood ratio of spans of `source` and `target` characters; `background` from
    /// [`Lengths::backgrounds`] of the target.
    #[inline]
    pub(crate) fn score(&self, source: f32, target: f32, background: f32) -> f32 {
        let expected = source * self.ratio;
        let spread = self.variance * ((target + expected) * 0.5 + 1.0);
        let d = target - expected;
        let density = -0.5 * (d * d / spread + ln(spread)) - 0.918_938_5;
        (density - background).max(FLOOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_gamma_of_factorials() {
        assert!((ln_gamma(5.0) - 24f64.ln()).abs() < 1e-8);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-8);
    }

    #[test]
    fn equal_lengths_beat_unequal_ones_and_the_floor_holds() {
        let m = LengthModel { ratio: 1.0, variance: 6.8 };
        assert!(m.score(80.0, 82.0, -5.0) > m.score(80.0, 140.0, -5.0));
        assert_eq!(m.score(10.0, 4000.0, -5.0), FLOOR);
    }
}
