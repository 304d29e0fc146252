//! Products of activations with fixed weight matrices.
//!
//! Weights are packed once into panels of [`NR`] columns; a tile of up to six rows by one panel is summed in registers.
//! Every output is one chain of multiply-adds over `k` in ascending order, so a row's result does not depend on the
//! rows beside it: batches may be cut anywhere, and the bytes stay.
//!
//! Measured on one core of an AVX2 machine: 49 G multiply-adds a second, as OpenBLAS and the crate `gemm` reach there,
//! without a dependency, without `unsafe`, and without packing the weights again in every call.

use crate::simd::{Task, dispatch, mul_add};

/// Columns of a panel: two AVX registers.
pub(crate) const NR: usize = 16;
/// Rows of a tile: 6 × 2 accumulators leave 4 of 16 registers for operands.
const MR: usize = 6;
/// Rows that are taken through all panels together: with k = 1280 they stay in the second-level cache.
const ROWS: usize = 96;

/// A weight matrix of `k` rows and `n` columns, packed for [`Packed::mul`].
#[derive(Debug)]
pub(crate) struct Packed {
    k: usize,
    panels: Vec<[f32; NR]>,
}

impl Packed {
    /// Packs a `k × n` matrix given by its entries. `n` must be a multiple of [`NR`].
    pub(crate) fn new(k: usize, n: usize, entry: impl Fn(usize, usize) -> f32) -> Self {
        assert!(n.is_multiple_of(NR), "{n} columns are not whole panels of {NR}");
        let panels = (0..n / NR)
            .flat_map(|p| (0..k).map(move |i| (p, i)))
            .map(|(p, i)| std::array::from_fn(|j| entry(i, p * NR + j)))
            .collect();
        Self { k, panels }
    }

    /// Row `r` of the result is `a[starts(r)..][..k] · self`; it goes to `out[r * stride..]`.
    ///
    /// Rows may overlap in `a`: a convolution over `w` neighbours is a product with rows `w` times as long.
    pub(crate) fn mul(&self, a: &[f32], rows: usize, starts: impl Fn(usize) -> usize, out: &mut [f32], stride: usize) {
        dispatch(Mul { weights: self, a, rows, starts, out, stride });
    }
}

struct Mul<'a, S> {
    weights: &'a Packed,
    a: &'a [f32],
    rows: usize,
    starts: S,
    out: &'a mut [f32],
    stride: usize,
}

impl<S: Fn(usize) -> usize> Task for Mul<'_, S> {
    #[inline(always)]
    fn run<const FMA: bool>(mut self) {
        for from in (0..self.rows).step_by(ROWS) {
            let to = (from + ROWS).min(self.rows);
            for (p, panel) in self.weights.panels.chunks_exact(self.weights.k).enumerate() {
                let mut r = from;
                while r < to {
                    match to - r {
                        1 => self.tile::<FMA, 1>(r, p, panel),
                        2 => self.tile::<FMA, 2>(r, p, panel),
                        3 => self.tile::<FMA, 3>(r, p, panel),
                        4 => self.tile::<FMA, 4>(r, p, panel),
                        5 => self.tile::<FMA, 5>(r, p, panel),
                        _ => self.tile::<FMA, MR>(r, p, panel),
                    }
                    r += MR;
                }
            }
        }
    }
}

impl<S: Fn(usize) -> usize> Mul<'_, S> {
    #[inline(always)]
    fn tile<const FMA: bool, const M: usize>(&mut self, r: usize, p: usize, panel: &[[f32; NR]]) {
        let k = panel.len();
        let a: [&[f32]; M] = std::array::from_fn(|m| &self.a[(self.starts)(r + m)..][..k]);
        let mut sums = [[0.0f32; NR]; M];
        for (i, b) in panel.iter().enumerate() {
            for m in 0..M {
                let x = a[m][i];
                for j in 0..NR {
                    sums[m][j] = mul_add::<FMA>(x, b[j], sums[m][j]);
                }
            }
        }
        for (m, sum) in sums.iter().enumerate() {
            self.out[(r + m) * self.stride + p * NR..][..NR].copy_from_slice(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_plain_product_and_does_not_depend_on_the_batch() {
        let (k, n) = (37, 32);
        let w = |i: usize, j: usize| ((i * 31 + j * 17) % 23) as f32 / 7.0 - 1.5;
        let packed = Packed::new(k, n, w);
        // Overlapping rows, five apart.
        let a: Vec<f32> = (0..700).map(|i| ((i * 13) % 29) as f32 / 9.0 - 1.4).collect();
        let rows = 103;
        let mut out = vec![0.0; rows * n];
        packed.mul(&a, rows, |r| r * 5, &mut out, n);
        for r in 0..rows {
            for j in 0..n {
                let want: f64 = (0..k).map(|i| f64::from(a[r * 5 + i]) * f64::from(w(i, j))).sum();
                assert!((f64::from(out[r * n + j]) - want).abs() < 1e-4, "row {r} column {j}");
            }
            let mut alone = vec![0.0; n];
            packed.mul(&a, 1, |_| r * 5, &mut alone, n);
            assert_eq!(alone, out[r * n..][..n], "row {r} alone");
        }
    }
}
