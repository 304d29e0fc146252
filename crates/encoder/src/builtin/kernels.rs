//! The elementwise parts of the network: normalisation, rectified sums, tanh. Matrix products are in [`crate::matmul`].

use crate::simd::{Isa, Task, dispatch};

/// Lanes of a partial sum; fixed, so that sums do not depend on the processor's width.
const LANES: usize = 16;

#[inline(always)]
fn sum(x: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for part in x.as_chunks::<LANES>().0 {
        for (l, v) in lanes.iter_mut().zip(part) {
            *l += v;
        }
    }
    lanes.iter().sum()
}

#[inline(always)]
fn sum_of_squares(x: &[f32], mean: f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for part in x.as_chunks::<LANES>().0 {
        for (l, v) in lanes.iter_mut().zip(part) {
            *l += (v - mean) * (v - mean);
        }
    }
    lanes.iter().sum()
}

/// Mean and reciprocal standard deviation of a row whose length is a multiple of [`LANES`].
#[inline(always)]
fn moments(x: &[f32], eps: f32) -> (f32, f32) {
    let n = x.len() as f32;
    let mean = sum(x) / n;
    (mean, 1.0 / (sum_of_squares(x, mean) / n + eps).sqrt())
}

/// Layer normalisation of rows in place, `x + bias` first: `gain · (x − mean) / deviation + shift`.
pub(super) struct LayerNorm<'a> {
    pub(super) rows: &'a mut [f32],
    pub(super) bias: &'a [f32],
    pub(super) gain: &'a [f32],
    pub(super) shift: &'a [f32],
    pub(super) eps: f32,
}

impl LayerNorm<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl Task for LayerNorm<'_> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        for x in self.rows.chunks_exact_mut(self.bias.len()) {
            for (v, b) in x.iter_mut().zip(self.bias) {
                *v += b;
            }
            let (mean, scale) = moments(x, self.eps);
            for ((v, g), s) in x.iter_mut().zip(self.gain).zip(self.shift) {
                *v = (*v - mean) * scale * g + s;
            }
        }
    }
}

/// Adds each row of `rows`, brought to mean 0 and deviation 1, to `total`, in the order of the rows.
pub(super) struct AddNormalized<'a> {
    pub(super) rows: &'a [f32],
    pub(super) total: &'a mut [f32],
    pub(super) eps: f32,
}

impl AddNormalized<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl Task for AddNormalized<'_> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        for x in self.rows.chunks_exact(self.total.len()) {
            let (mean, scale) = moments(x, self.eps);
            for (t, v) in self.total.iter_mut().zip(x) {
                *t += (v - mean) * scale;
            }
        }
    }
}

/// `out = max(0, bias + Σ parts) + residual`: the first convolution, whose parts are products kept per token.
pub(super) struct AddParts<'a, const N: usize> {
    pub(super) out: &'a mut [f32],
    pub(super) bias: &'a [f32],
    pub(super) parts: [&'a [f32]; N],
    pub(super) residual: &'a [f32],
}

impl<const N: usize> AddParts<'_, N> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl<const N: usize> Task for AddParts<'_, N> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.out.len();
        let parts: [&[f32]; N] = self.parts.map(|p| &p[..n]);
        let (bias, residual) = (&self.bias[..n], &self.residual[..n]);
        for (i, v) in self.out.iter_mut().enumerate() {
            let mut x = bias[i];
            for p in parts {
                x += p[i];
            }
            *v = x.max(0.0) + residual[i];
        }
    }
}

/// `row = max(0, row + bias) + residual(row)` for rows `width` long that stand `stride` apart in `rows`.
pub(super) struct Rectify<'a, R> {
    pub(super) rows: &'a mut [f32],
    pub(super) stride: usize,
    pub(super) bias: &'a [f32],
    pub(super) residual: R,
}

impl<'a, R: Fn(usize) -> &'a [f32]> Rectify<'_, R> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl<'a, R: Fn(usize) -> &'a [f32]> Task for Rectify<'_, R> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        for (r, row) in self.rows.chunks_mut(self.stride).enumerate() {
            for ((v, b), x) in row.iter_mut().zip(self.bias).zip((self.residual)(r)) {
                *v = (*v + b).max(0.0) + x;
            }
        }
    }
}

/// `x = max(0, x)` on the first `width` of rows `stride` long.
pub(super) struct Relu<'a>(pub(super) &'a mut [f32]);

impl Relu<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl Task for Relu<'_> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        for v in self.0 {
            *v = v.max(0.0);
        }
    }
}

/// tanh of every value, then rows of `width` brought to length 1.
pub(super) struct TanhUnit<'a> {
    pub(super) rows: &'a mut [f32],
    pub(super) width: usize,
    pub(super) eps: f32,
}

impl TanhUnit<'_> {
    pub(super) fn apply(self) {
        dispatch(self);
    }
}

impl Task for TanhUnit<'_> {
    #[inline(always)]
    fn run<I: Isa>(self) {
        for row in self.rows.chunks_exact_mut(self.width) {
            for v in &mut *row {
                *v = tanh(*v);
            }
            let scale = 1.0 / sum_of_squares(row, 0.0).max(self.eps).sqrt();
            for v in row {
                *v *= scale;
            }
        }
    }
}

/// tanh to within 4e-7, without a library call and so alike on every platform.
///
/// Continued fraction of Lambert on the reduced argument: tanh(x) from tanh(x/2) by the doubling formula, and
/// tanh(y) = y·(10395 + 1260y² + 21y⁴) / (10395 + 4725y² + 210y⁴ + y⁶) on |y| ≤ 1.125, twice doubled.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    // Beyond 9 the nearest f32 is 1.
    let y = x.clamp(-9.0, 9.0) * 0.125;
    let s = y * y;
    let mut t = y * (10395.0 + s * (1260.0 + s * 21.0)) / (10395.0 + s * (4725.0 + s * (210.0 + s)));
    for _ in 0..3 {
        t = 2.0 * t / (1.0 + t * t);
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanh_is_close_everywhere() {
        for i in -120_000..=120_000 {
            let x = i as f32 / 10_000.0;
            let (got, want) = (tanh(x), f64::from(x).tanh());
            assert!((f64::from(got) - want).abs() < 4e-7, "tanh({x}) = {got}, expected {want}");
        }
    }
}
