//! Similarities of spans where vectors only add up ([`Encoder::adds`](crate::encode::Encoder::adds)): the inner product of
//! two spans is the sum of those of their segments. One product a pair of segments serves every bead that holds both, and
//! no span's vector is made.

use std::ops::Range;

use super::fastmath::dot;
use crate::align::band::{Band, join};
use crate::align::beads::MOST;
use crate::align::table;
use crate::encode::Features;
use crate::parallel;

/// Of a span's vector less than this share of its segments' is nothing but what rounding left.
const NOTHING: f64 = 1e-4;

/// One over the lengths of spans' vectors, of one side.
#[derive(Debug, Default)]
pub(super) struct Inverses {
    /// Of spans of 1 + b segments from each segment on, at b; 0 where there is no vector. Spans over the end are left out.
    by_size: [Vec<f32>; MOST],
}

impl Inverses {
    /// Those of spans of up to [`MOST`] segments.
    pub(super) fn of(features: &Features) -> Self {
        let rows: Vec<usize> = (0..features.rows()).collect();
        // Of every segment with itself and with those that follow.
        let near = parallel::map(&rows, |_, &i| {
            let following = i..(i + MOST).min(rows.len());
            following.map(|k| f64::from(dot(features.row(i), features.row(k)))).collect::<Vec<f64>>()
        });
        let mut by_size: [Vec<f32>; MOST] = std::array::from_fn(|_| Vec::with_capacity(rows.len()));
        for i in 0..rows.len() {
            // The square of the sum, and the sum of the lengths.
            let (mut square, mut whole) = (0.0, 0.0);
            for (b, out) in by_size.iter_mut().enumerate().take(rows.len() - i) {
                let last = i + b;
                square += near[last][0] + 2.0 * (i..last).map(|k| near[k][last - k]).sum::<f64>();
                whole += near[last][0].sqrt();
                let length = square.max(0.0).sqrt();
                out.push(if length > NOTHING * whole { (1.0 / length) as f32 } else { 0.0 });
            }
        }
        Self { by_size }
    }

    /// Whether they are not made yet.
    pub(super) fn is_empty(&self) -> bool {
        self.by_size[0].is_empty()
    }

    /// Those of spans of `n` segments, by their first.
    pub(super) fn of_size(&self, n: usize) -> &[f32] {
        &self.by_size[n - 1]
    }
}

/// Inner products of the segments that share a bead, for the beads that start in a few rows of a band.
pub(super) struct Products {
    first: usize,
    /// Of every source segment from `first` on: the first target segment, and the products with it and those that follow.
    rows: Vec<(usize, Vec<f32>)>,
}

impl Products {
    /// Those of the beads of the first `types` types that start in `rows` and end in the band.
    pub(super) fn of(band: &Band, types: usize, rows: Range<usize>, source: &Features, target: &Features) -> Self {
        let mut windows = vec![0..0; band.rows() - 1 - rows.start];
        let mut most = 0;
        for i in rows.clone() {
            for (_, (n, m)) in table::types(types) {
                let starts = band.starts(i, (n, m));
                if !starts.is_empty() {
                    let here = &mut windows[i - rows.start..][..n];
                    here.iter_mut().for_each(|window| join(window, starts.start..starts.end + m - 1));
                    most = most.max(i + n - rows.start);
                }
            }
        }
        windows.truncate(most);
        let of = |(p, window): (usize, Range<usize>)| {
            let row = source.row(p);
            (window.start, window.map(|q| dot(row, target.row(q))).collect())
        };
        Self { first: rows.start, rows: (rows.start..).zip(windows).map(of).collect() }
    }

    /// Adds to `out` the inner products of source segments `i..i + n` with `m` target segments from each of `starts` on.
    pub(super) fn add(&self, i: usize, (n, m): (usize, usize), starts: &Range<usize>, out: &mut [f32]) {
        for (from, products) in &self.rows[i - self.first..][..n] {
            for q in 0..m {
                let theirs = &products[starts.start + q - from..][..out.len()];
                out.iter_mut().zip(theirs).for_each(|(out, x)| *out += x);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that point nearly anywhere, the third opposite to the second.
    fn features(seed: u32, rows: usize) -> Features {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 8) as f32 / (1 << 24) as f32 - 0.4
        };
        let mut data: Vec<f32> = (0..rows * 20).map(|_| 30.0 * next()).collect();
        for k in 0..20 {
            data[40 + k] = -data[20 + k];
        }
        Features { dim: 20, data }
    }

    fn sum(features: &Features, from: usize, n: usize) -> Vec<f32> {
        (0..features.dim).map(|k| (from..from + n).map(|i| features.row(i)[k]).sum()).collect()
    }

    #[test]
    fn spans_have_the_products_and_lengths_of_their_sums() {
        let (source, target) = (features(1, 12), features(2, 14));
        let inverses = Inverses::of(&source);
        for n in 1..=MOST {
            assert_eq!(inverses.of_size(n).len(), 13 - n);
            for (i, &inverse) in inverses.of_size(n).iter().enumerate() {
                let s = sum(&source, i, n);
                let length = dot(&s, &s).sqrt();
                let wanted = if (i, n) == (1, 2) { 0.0 } else { 1.0 / length };
                assert!((inverse - wanted).abs() < 1e-5 * wanted.max(1.0), "{i} {n}: {inverse} is not {wanted}");
            }
        }
        let low: Vec<u32> = (0..=12u32).map(|i| i.saturating_sub(3)).collect();
        let band = Band::new(low, (0..=12u32).map(|i| (i + 4).min(14)).collect(), 14);
        let products = Products::of(&band, crate::align::beads::COUNT, 3..7, &source, &target);
        let mut seen = 0;
        for i in 3..7 {
            for (_, (n, m)) in table::types(crate::align::beads::COUNT) {
                let starts = band.starts(i, (n, m));
                if starts.is_empty() {
                    continue; // nobody asks
                }
                let mut out = vec![0.0; starts.len()];
                products.add(i, (n, m), &starts, &mut out);
                for (j, x) in starts.zip(out) {
                    let wanted = dot(&sum(&source, i, n), &sum(&target, j, m));
                    assert!((x - wanted).abs() < 0.02 + 1e-4 * wanted.abs(), "{i} {j} {n} {m}: {x} is not {wanted}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 300, "{seen}");
    }
}
