//! Products of activations with int8 weight matrices, in 16-bit integers.
//!
//! The model's matrices are int8 with one step each. Activations become 16-bit integers with a step for each block of
//! values (an error of 1/65,534 of the block's largest value: the cosine of embeddings changes in the ninth digit). Products
//! of a block are summed in 32-bit integers, where nothing is rounded: 256 × 127 × 32,767 is below 2³¹. Block sums are
//! scaled and added up in `f32`, in ascending order; so a row's result does not depend on the rows beside it, and not on the
//! processor either. A tile of some rows by one panel of columns is summed in registers.
//!
//! A block has `PAIRS` pairs of values: 128 where rows allow it, since a block's end costs as much as two pairs. Products in
//! `f32` take about twice the time ([`crate::simd`] has the instructions).

use crate::simd::{Isa, Pairs, Task, dispatch};

/// Columns of a panel.
const NR: usize = 16;

/// Rows that are taken through all panels together: with 1280 values each they stay in the second-level cache.
const ROWS: usize = 96;

/// Most pairs of a block whose sum is sure to fit.
const MOST_PAIRS: usize = 128;

/// Activations: rows of blocks of pairs of 16-bit integers, and a step for each block.
#[derive(Debug, Default)]
pub(crate) struct Quantized<const PAIRS: usize> {
    pairs: Vec<i32>,
    steps: Vec<f32>,
}

impl<const PAIRS: usize> Quantized<PAIRS> {
    /// Values that share a step.
    pub(crate) const BLOCK: usize = 2 * PAIRS;

    /// Makes room for `blocks` blocks; what stood there stays.
    pub(crate) fn resize(&mut self, blocks: usize) {
        self.pairs.resize(blocks * PAIRS, 0);
        self.steps.resize(blocks, 0.0);
    }

    /// Sets block `at` and the ones behind it to `values`, whose length is a multiple of [`Self::BLOCK`].
    pub(crate) fn set(&mut self, at: usize, values: &[f32]) {
        let blocks = values.len() / Self::BLOCK;
        let (pairs, steps) = (&mut self.pairs[at * PAIRS..][..blocks * PAIRS], &mut self.steps[at..][..blocks]);
        dispatch(Quantize::<PAIRS> { values, pairs, steps });
    }
}

struct Quantize<'a, const PAIRS: usize> {
    values: &'a [f32],
    pairs: &'a mut [i32],
    steps: &'a mut [f32],
}

impl<const PAIRS: usize> Task for Quantize<'_, PAIRS> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        let blocks = self.values.chunks_exact(2 * PAIRS).zip(self.pairs.as_chunks_mut::<PAIRS>().0);
        for ((x, out), step) in blocks.zip(self.steps) {
            // Without their sign, numbers are in the order of their bits; integers are compared in any order.
            let most = f32::from_bits(x.iter().map(|v| v.to_bits() & 0x7fff_ffff).max().unwrap_or(0));
            *step = most / 32767.0;
            let scale = if most > 0.0 { 32767.0 / most } else { 0.0 };
            // Adding 1.5 · 2²³ rounds to the nearest integer, ties to even, and leaves it in the lowest bits.
            const ROUND: f32 = 12_582_912.0;
            for (out, x) in out.as_chunks_mut::<NR>().0.iter_mut().zip(x.as_chunks::<{ 2 * NR }>().0) {
                let integers = x.map(|v| (v * scale + ROUND).to_bits() as i32);
                for (o, [a, b]) in out.iter_mut().zip(integers.as_chunks::<2>().0) {
                    *o = (a & 0xffff) | (b << 16);
                }
            }
        }
    }
}

/// An int8 matrix of `k` rows and `n` columns, packed for [`Packed::mul`].
#[derive(Debug)]
pub(crate) struct Packed<const PAIRS: usize> {
    /// Of every block of rows, what an integer of it stands for.
    steps: Vec<f32>,
    /// Panel by panel, pair of rows by pair of rows.
    panels: Vec<Pairs>,
}

impl<const PAIRS: usize> Packed<PAIRS> {
    /// Packs a matrix of `n` columns, a multiple of 16. `steps` has the step of every block of rows: the matrix' entries are
    /// that times `entry`.
    pub(crate) fn new(steps: Vec<f32>, n: usize, entry: impl Fn(usize, usize) -> i8) -> Self {
        const { assert!(PAIRS <= MOST_PAIRS && PAIRS.is_multiple_of(NR)) };
        assert!(n.is_multiple_of(NR), "{n} columns are not whole panels of {NR}");
        let pair = |i: usize, j: usize| (i32::from(entry(i, j)) & 0xffff) | (i32::from(entry(i + 1, j)) << 16);
        let panels = (0..n / NR)
            .flat_map(|p| (0..steps.len() * PAIRS).map(move |i| (p * NR, i * 2)))
            .map(|(j, i)| Pairs(std::array::from_fn(|c| pair(i, j + c))))
            .collect();
        Self { steps, panels }
    }

    /// Row `r` of the result is the product of the blocks of `a` from `starts(r)` on; it goes to `out[r * stride..]`.
    ///
    /// Rows may overlap in `a`: a convolution over `w` neighbours is a product with rows `w` times as long.
    pub(crate) fn mul(
        &self,
        a: &Quantized<PAIRS>,
        rows: usize,
        starts: impl Fn(usize) -> usize,
        out: &mut [f32],
        stride: usize,
    ) {
        dispatch(Mul { weights: self, a, rows, starts, out, stride });
    }
}

struct Mul<'a, S, const PAIRS: usize> {
    weights: &'a Packed<PAIRS>,
    a: &'a Quantized<PAIRS>,
    rows: usize,
    starts: S,
    out: &'a mut [f32],
    stride: usize,
}

impl<S: Fn(usize) -> usize, const PAIRS: usize> Task for Mul<'_, S, PAIRS> {
    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let panels = self.weights.panels.len() / (self.weights.steps.len() * PAIRS);
        for from in (0..self.rows).step_by(ROWS) {
            let to = (from + ROWS).min(self.rows);
            for p in 0..panels {
                let mut r = from;
                while r < to {
                    r += match (to - r).min(I::ROWS) {
                        12.. => self.tile::<I, 12>(r, p),
                        6.. => self.tile::<I, 6>(r, p),
                        5 => self.tile::<I, 5>(r, p),
                        4 => self.tile::<I, 4>(r, p),
                        3 => self.tile::<I, 3>(r, p),
                        2 => self.tile::<I, 2>(r, p),
                        _ => self.tile::<I, 1>(r, p),
                    };
                }
            }
        }
    }
}

impl<S: Fn(usize) -> usize, const PAIRS: usize> Mul<'_, S, PAIRS> {
    /// Computes `M` rows from `r` on, of panel `p`; gives their number.
    #[inline(always)]
    fn tile<I: Isa, const M: usize>(&mut self, r: usize, p: usize) -> usize {
        let k = self.weights.steps.len() * PAIRS;
        let panel = self.weights.panels[p * k..][..k].as_chunks::<PAIRS>().0;
        let starts: [usize; M] = std::array::from_fn(|m| (self.starts)(r + m));
        let mut totals = [[0.0f32; NR]; M];
        for (k, (weights, weight)) in panel.iter().zip(&self.weights.steps).enumerate() {
            let a: [&[i32; PAIRS]; M] = std::array::from_fn(|m| {
                self.a.pairs[(starts[m] + k) * PAIRS..].first_chunk().expect("the block lies in the activations")
            });
            let sums = I::pair_product::<M, PAIRS>(a, weights);
            for (m, total) in totals.iter_mut().enumerate() {
                let step = self.a.steps[starts[m] + k] * weight;
                for (t, sum) in total.iter_mut().zip(sums[m].0) {
                    *t += sum as f32 * step;
                }
            }
        }
        for (m, total) in totals.iter().enumerate() {
            self.out[(r + m) * self.stride + p * NR..][..NR].copy_from_slice(total);
        }
        M
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_plain_product_and_does_not_depend_on_the_batch() {
        of_blocks::<128>();
        of_blocks::<32>();
    }

    fn of_blocks<const PAIRS: usize>() {
        let (block, n, rows) = (2 * PAIRS, 32, 41);
        let k = 2 * block;
        let integer = |i: usize, j: usize| ((i * 31 + j * 17) % 255) as i32 as i8;
        let steps = [0.25, 0.125];
        let packed = Packed::<PAIRS>::new(steps.to_vec(), n, integer);
        let w = |i: usize, j: usize| f64::from(integer(i, j)) * f64::from(steps[i / block]);
        // Rows of two blocks, each sharing one with the next; the first values are the largest there can be.
        let values: Vec<f32> = (0..(rows + 1) * block)
            .map(|i| if i < 2 * block { 1e6 } else { ((i * 131) % 2003) as f32 / 90.0 - 11.0 })
            .collect();
        let mut a = Quantized::<PAIRS>::default();
        a.resize(rows + 1);
        a.set(0, &values);
        let mut out = vec![0.0; rows * n];
        packed.mul(&a, rows, |r| r, &mut out, n);
        for r in 0..rows {
            for j in 0..n {
                let row = &values[r * block..][..k];
                let want: f64 = (0..k).map(|i| f64::from(row[i]) * w(i, j)).sum();
                let size: f64 = (0..k).map(|i| f64::from(row[i].abs()) * w(i, j).abs()).sum();
                let error = (f64::from(out[r * n + j]) - want).abs() / size;
                assert!(error < 1e-5, "row {r} column {j}: {error}");
            }
            let mut alone = vec![0.0; n];
            packed.mul(&a, 1, |_| r, &mut alone, n);
            assert_eq!(alone, out[r * n..][..n], "row {r} alone");
        }
    }
}
