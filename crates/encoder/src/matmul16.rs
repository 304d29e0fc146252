//! Products of activations with int8 weight matrices, in 16-bit integers.
//!
//! The model's matrices are int8 with one step each. Activations become 16-bit integers with a step for each block of
//! [`BLOCK`] values (an error of 1/65,534 of the block's largest value: the cosine of embeddings changes in the ninth
//! digit). Products of a block are summed in 32-bit integers, where nothing is rounded: 256 × 127 × 32,767 is below 2³¹.
//! Block sums are scaled and added up in `f32`, in ascending order; so a row's result does not depend on the rows beside
//! it, and not on the width of the processor's registers either.
//!
//! Twice as fast as [`crate::matmul`] with AVX2 ([`crate::simd`] has the instructions).

use crate::simd::{Isa, Pairs, Task, dispatch};
use crate::tiles::{self, Tiles};

/// Values that share a step.
pub(crate) const BLOCK: usize = 256;
/// Pairs of a block.
const HALF: usize = BLOCK / 2;
/// Columns of a panel.
const NR: usize = 16;

/// Activations: rows of blocks of pairs of 16-bit integers, and a step for each block.
#[derive(Debug, Default)]
pub(crate) struct Quantized {
    pairs: Vec<i32>,
    steps: Vec<f32>,
}

impl Quantized {
    /// Makes room for `blocks` blocks; what stood there stays.
    pub(crate) fn resize(&mut self, blocks: usize) {
        self.pairs.resize(blocks * HALF, 0);
        self.steps.resize(blocks, 0.0);
    }

    /// Sets block `at` and the ones behind it to `values`, whose length is a multiple of [`BLOCK`].
    pub(crate) fn set(&mut self, at: usize, values: &[f32]) {
        let blocks = values.len() / BLOCK;
        let (pairs, steps) = (&mut self.pairs[at * HALF..][..blocks * HALF], &mut self.steps[at..][..blocks]);
        dispatch(Quantize { values, pairs, steps });
    }
}

struct Quantize<'a> {
    values: &'a [f32],
    pairs: &'a mut [i32],
    steps: &'a mut [f32],
}

impl Task for Quantize<'_> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        let blocks = self.values.as_chunks::<BLOCK>().0;
        for ((x, out), step) in blocks.iter().zip(self.pairs.as_chunks_mut::<HALF>().0).zip(self.steps) {
            let mut most = [0.0f32; 16];
            for part in x.as_chunks::<16>().0 {
                for (m, v) in most.iter_mut().zip(part) {
                    *m = m.max(v.abs());
                }
            }
            let most = most.iter().fold(0.0f32, |a, b| a.max(*b));
            *step = most / 32767.0;
            let scale = if most > 0.0 { 32767.0 / most } else { 0.0 };
            // Adding and taking away 1.5 · 2²³ rounds to the nearest integer, ties to even.
            const ROUND: f32 = 12_582_912.0;
            let integer = |v: f32| ((v * scale + ROUND) - ROUND) as i32;
            for (o, [a, b]) in out.iter_mut().zip(x.as_chunks::<2>().0) {
                *o = (integer(*a) & 0xffff) | (integer(*b) << 16);
            }
        }
    }
}

/// An int8 matrix of `k` rows and `n` columns, packed for [`Packed16::mul`].
#[derive(Debug)]
pub(crate) struct Packed16 {
    blocks: usize,
    step: f32,
    /// Panel by panel, pair of rows by pair of rows.
    panels: Vec<Pairs>,
}

impl Packed16 {
    /// Packs a `k × n` matrix whose entries are `step · entry`. `k` must be a multiple of [`BLOCK`], `n` of 16.
    pub(crate) fn new(k: usize, n: usize, step: f32, entry: impl Fn(usize, usize) -> i8) -> Self {
        assert!(n.is_multiple_of(NR) && k.is_multiple_of(BLOCK), "{k} × {n} are not whole panels and blocks");
        let pair = |i: usize, j: usize| (i32::from(entry(i, j)) & 0xffff) | (i32::from(entry(i + 1, j)) << 16);
        let panels = (0..n / NR)
            .flat_map(|p| (0..k / 2).map(move |i| (p * NR, i * 2)))
            .map(|(j, i)| Pairs(std::array::from_fn(|c| pair(i, j + c))))
            .collect();
        Self { blocks: k / BLOCK, step, panels }
    }

    /// Row `r` of the result is the product of the blocks of `a` from `starts(r)` on; it goes to `out[r * stride..]`.
    ///
    /// Rows may overlap in `a`: a convolution over `w` neighbours is a product with rows `w` times as long.
    pub(crate) fn mul(
        &self,
        a: &Quantized,
        rows: usize,
        starts: impl Fn(usize) -> usize,
        out: &mut [f32],
        stride: usize,
    ) {
        dispatch(Mul { weights: self, a, rows, starts, out, stride });
    }
}

struct Mul<'a, S> {
    weights: &'a Packed16,
    a: &'a Quantized,
    rows: usize,
    starts: S,
    out: &'a mut [f32],
    stride: usize,
}

impl<S: Fn(usize) -> usize> Task for Mul<'_, S> {
    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let (rows, panels) = (self.rows, self.weights.panels.len() / (self.weights.blocks * HALF));
        tiles::run::<I>(&mut self, rows, panels);
    }
}

impl<S: Fn(usize) -> usize> Tiles for Mul<'_, S> {
    #[inline(always)]
    fn tile<I: Isa, const M: usize>(&mut self, r: usize, p: usize) {
        let k = self.weights.blocks * HALF;
        let panel = &self.weights.panels[p * k..][..k];
        let starts: [usize; M] = std::array::from_fn(|m| (self.starts)(r + m));
        let mut totals = [[0.0f32; NR]; M];
        for (k, weights) in panel.as_chunks::<HALF>().0.iter().enumerate() {
            let a: [&[i32; HALF]; M] = std::array::from_fn(|m| {
                self.a.pairs[(starts[m] + k) * HALF..].first_chunk().expect("the block lies in the activations")
            });
            let sums = I::pair_product::<M, HALF>(a, weights);
            for (m, total) in totals.iter_mut().enumerate() {
                let step = self.a.steps[starts[m] + k];
                for (t, sum) in total.iter_mut().zip(sums[m].0) {
                    *t += sum as f32 * step;
                }
            }
        }
        for (m, total) in totals.iter().enumerate() {
            let out = &mut self.out[(r + m) * self.stride + p * NR..][..NR];
            out.iter_mut().zip(total).for_each(|(o, t)| *o = t * self.weights.step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_plain_product_and_does_not_depend_on_the_batch() {
        let (k, n, rows) = (2 * BLOCK, 32, 41);
        let w = |i: usize, j: usize| ((i * 31 + j * 17) % 255) as i32 as i8;
        let packed = Packed16::new(k, n, 0.25, w);
        // Rows of two blocks, each sharing one with the next; the first values are the largest there can be.
        let values: Vec<f32> = (0..(rows + 1) * BLOCK)
            .map(|i| if i < 2 * BLOCK { 1e6 } else { ((i * 131) % 2003) as f32 / 90.0 - 11.0 })
            .collect();
        let mut a = Quantized::default();
        a.resize(rows + 1);
        a.set(0, &values);
        let mut out = vec![0.0; rows * n];
        packed.mul(&a, rows, |r| r, &mut out, n);
        for r in 0..rows {
            for j in 0..n {
                let row = &values[r * BLOCK..][..k];
                let want: f64 = (0..k).map(|i| f64::from(row[i]) * f64::from(w(i, j)) * 0.25).sum();
                let size: f64 = (0..k).map(|i| f64::from(row[i].abs()) * f64::from(w(i, j)).abs() * 0.25).sum();
                let error = (f64::from(out[r * n + j]) - want).abs() / size;
                assert!(error < 1e-5, "row {r} column {j}: {error}");
            }
            let mut alone = vec![0.0; n];
            packed.mul(&a, 1, |_| r, &mut alone, n);
            assert_eq!(alone, out[r * n..][..n], "row {r} alone");
        }
    }
}
