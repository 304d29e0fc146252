//! Runs numeric kernels with the widest instructions that are worth it on this processor.
//!
//! The kernels are safe Rust over fixed-size arrays, written so that the compiler turns them into vector code; this
//! module only chooses the instruction set they are compiled for, and has the one instruction the compiler does not find by
//! itself ([`pair_product`]). It holds all of the crate's `unsafe`.
//!
//! Bytes are the same on every run and for any number of threads on one machine; between machines with and without
//! fused multiply-add they may differ in the last bit.

/// A kernel. Only [`dispatch`] calls `run`: with `FMA` on x86-64, AVX2 is there too, which [`pair_product`] counts on.
/// `run` must be `#[inline(always)]`, so that it is compiled into the caller that has the wide instructions.
pub(crate) trait Task {
    /// Does the work; `FMA`: whether fused multiply-add is one instruction here.
    fn run<const FMA: bool>(self);
}

/// `a * b + c`, fused where that is one instruction.
#[inline(always)]
pub(crate) fn mul_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Runs a kernel.
#[inline]
pub(crate) fn dispatch<T: Task>(task: T) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn wide<T: Task>(task: T) {
            task.run::<true>();
        }
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            // SAFETY: `wide` is safe code whose one requirement is that the processor has AVX2 and FMA, and the line
            // above has just asked the processor.
            #[allow(unsafe_code)]
            return unsafe { wide(task) };
        }
    }
    // Every 64-bit ARM processor has fused multiply-add.
    if cfg!(target_arch = "aarch64") { task.run::<true>() } else { task.run::<false>() }
}

/// Eight pairs of 16-bit integers (the first in the low half), or eight 32-bit sums.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub(crate) struct Pairs(pub(crate) [i32; 8]);

/// `sums[m][h][j] = Σ_i a[m][i] · weights[i][h][j]`, where a product of two pairs is the sum of their two products.
///
/// `WIDE` is the `FMA` of the [`Task`] that calls this. Nothing may overflow: no value is −32,768.
#[inline(always)]
pub(crate) fn pair_product<const WIDE: bool, const M: usize, const K: usize>(
    a: [&[i32; K]; M],
    weights: &[[Pairs; 2]; K],
) -> [[Pairs; 2]; M] {
    #[cfg(target_arch = "x86_64")]
    if WIDE {
        use std::arch::x86_64::{
            __m256i, _mm256_add_epi32, _mm256_madd_epi16, _mm256_set1_epi32, _mm256_setzero_si256,
        };
        // SAFETY: the intrinsics need AVX2. `WIDE` is `Task::run`'s parameter, which is true on x86-64 only where
        // `dispatch` has found AVX2. `Pairs` and `__m256i` are both 32 bytes, aligned to 32, and any bits are valid in
        // either.
        #[allow(unsafe_code)]
        return unsafe {
            let mut sums = [[_mm256_setzero_si256(); 2]; M];
            for i in 0..K {
                let b = weights[i].map(|w| std::mem::transmute::<Pairs, __m256i>(w));
                for m in 0..M {
                    let x = _mm256_set1_epi32(a[m][i]);
                    for h in 0..2 {
                        sums[m][h] = _mm256_add_epi32(sums[m][h], _mm256_madd_epi16(x, b[h]));
                    }
                }
            }
            sums.map(|s| s.map(|v| std::mem::transmute::<__m256i, Pairs>(v)))
        };
    }
    let mut sums = [[Pairs([0; 8]); 2]; M];
    for (i, w) in weights.iter().enumerate() {
        for m in 0..M {
            let (x, y) = (i32::from(a[m][i] as i16), a[m][i] >> 16);
            for h in 0..2 {
                for j in 0..8 {
                    let w = w[h].0[j];
                    sums[m][h].0[j] += x * i32::from(w as i16) + y * (w >> 16);
                }
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_plain_integers_are_equal() {
        struct Both;
        impl Task for Both {
            #[inline(always)]
            fn run<const FMA: bool>(self) {
                let pair = |i: usize| ((i * 7919) as i32 - 40_000) & 0x7fff_7fff;
                let (a, b): ([i32; 64], [i32; 64]) = (std::array::from_fn(pair), std::array::from_fn(|i| !pair(i + 9)));
                let weights: [[Pairs; 2]; 64] = std::array::from_fn(|i| {
                    [0, 1].map(|h| Pairs(std::array::from_fn(|j| pair(i * 16 + h * 8 + j) >> 4 & 0x007f_007f)))
                });
                let wide = pair_product::<FMA, 2, 64>([&a, &b], &weights);
                let plain = pair_product::<false, 2, 64>([&a, &b], &weights);
                assert_eq!(wide.map(|m| m.map(|p| p.0)), plain.map(|m| m.map(|p| p.0)));
            }
        }
        dispatch(Both);
    }
}
