//! Runs numeric kernels with the widest instructions that are worth it on this processor.
//!
//! The kernels are safe Rust over fixed-size arrays, written so that the compiler turns them into vector code; this
//! module only chooses the instruction set they are compiled for, and has the one instruction the compiler does not find by
//! itself ([`Isa::pair_product`]). It holds all of the crate's `unsafe`.
//!
//! No bit depends on the instructions: lanes are fixed in the kernels, sums of integers are exact, and nothing is fused.

/// A set of instructions that kernels are compiled for.
///
/// Implementations whose functions need instructions of their own are handed to a [`Task`] by [`dispatch`] alone, which has
/// asked the processor for them.
pub(crate) trait Isa {
    /// Rows of a tile of 16 columns whose sums fill the registers, and leave some for operands.
    const ROWS: usize;

    /// `sums[m][j] = Σ_i a[m][i] · weights[i][j]`, where a product of two pairs is the sum of their two products.
    ///
    /// Nothing may overflow: no value is −32,768.
    fn pair_product<const M: usize, const K: usize>(a: [&[i32; K]; M], weights: &[Pairs; K]) -> [Pairs; M];
}

/// A kernel. `run` must be `#[inline(always)]`, so that it is compiled into the caller that has the wide instructions.
pub(crate) trait Task {
    /// Does the work.
    fn run<I: Isa>(self);
}

/// Sixteen pairs of 16-bit integers (the first in the low half), or sixteen 32-bit sums.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Pairs(pub(crate) [i32; 16]);

/// Runs a kernel.
#[inline]
pub(crate) fn dispatch<T: Task>(task: T) {
    #[cfg(target_arch = "x86_64")]
    {
        if x86::has_avx512() {
            // SAFETY: the processor has what `avx512` asks for.
            #[allow(unsafe_code)]
            return unsafe { x86::avx512(task) };
        }
        if x86::has_avx2() {
            // SAFETY: the processor has what `avx2` asks for.
            #[allow(unsafe_code)]
            return unsafe { x86::avx2(task) };
        }
    }
    task.run::<Plain>();
}

/// What every processor of the target has.
pub(crate) struct Plain;

impl Isa for Plain {
    const ROWS: usize = 6;

    #[inline(always)]
    fn pair_product<const M: usize, const K: usize>(a: [&[i32; K]; M], weights: &[Pairs; K]) -> [Pairs; M] {
        let mut sums = [Pairs([0; 16]); M];
        for (i, w) in weights.iter().enumerate() {
            for m in 0..M {
                let (x, y) = (i32::from(a[m][i] as i16), a[m][i] >> 16);
                for (sum, w) in sums[m].0.iter_mut().zip(w.0) {
                    *sum += x * i32::from(w as i16) + y * (w >> 16);
                }
            }
        }
        sums
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Isa, Pairs, Task};
    use std::arch::is_x86_feature_detected as has;
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi32, _mm256_madd_epi16, _mm256_set1_epi32, _mm256_setzero_si256,
        _mm512_dpwssd_epi32, _mm512_set1_epi32, _mm512_setzero_si512,
    };
    use std::mem::transmute;

    pub(super) fn has_avx2() -> bool {
        has!("avx2")
    }

    pub(super) fn has_avx512() -> bool {
        has_avx2() && has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512vnni")
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn avx2<T: Task>(task: T) {
        task.run::<Avx2>();
    }

    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) fn avx512<T: Task>(task: T) {
        task.run::<Avx512>();
    }

    /// AVX2: 16 registers of 256 bits; `vpmaddwd` multiplies 16 pairs and adds neighbours.
    struct Avx2;

    impl Isa for Avx2 {
        const ROWS: usize = 6;

        #[inline(always)]
        fn pair_product<const M: usize, const K: usize>(a: [&[i32; K]; M], weights: &[Pairs; K]) -> [Pairs; M] {
            // SAFETY: the intrinsics need AVX2, and `Avx2` reaches a task through `avx2` alone, which has it. `Pairs` and two
            // registers are both 64 bytes, and any bits are valid in either.
            #[allow(unsafe_code)]
            unsafe {
                let mut sums = [[_mm256_setzero_si256(); 2]; M];
                for i in 0..K {
                    let b = transmute::<Pairs, [__m256i; 2]>(weights[i]);
                    for m in 0..M {
                        let x = _mm256_set1_epi32(a[m][i]);
                        for h in 0..2 {
                            sums[m][h] = _mm256_add_epi32(sums[m][h], _mm256_madd_epi16(x, b[h]));
                        }
                    }
                }
                sums.map(|s| transmute::<[__m256i; 2], Pairs>(s))
            }
        }
    }

    /// AVX-512 with VNNI: 32 registers of 512 bits; `vpdpwssd` multiplies 32 pairs, adds neighbours, and adds to the sums.
    struct Avx512;

    impl Isa for Avx512 {
        // An instruction takes 5 cycles and two begin in each: ten sums or more keep the unit busy.
        const ROWS: usize = 12;

        #[inline(always)]
        fn pair_product<const M: usize, const K: usize>(a: [&[i32; K]; M], weights: &[Pairs; K]) -> [Pairs; M] {
            // SAFETY: the intrinsics need AVX-512 F and VNNI, and `Avx512` reaches a task through `avx512` alone, which has
            // them. `Pairs` and a register are both 64 bytes, and any bits are valid in either.
            #[allow(unsafe_code)]
            unsafe {
                let mut sums = [_mm512_setzero_si512(); M];
                for i in 0..K {
                    let b = transmute::<Pairs, __m512i>(weights[i]);
                    for m in 0..M {
                        sums[m] = _mm512_dpwssd_epi32(sums[m], _mm512_set1_epi32(a[m][i]), b);
                    }
                }
                sums.map(|s| transmute::<__m512i, Pairs>(s))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const M: usize = 7;
    const K: usize = 64;

    /// Writes the product of fixed numbers to its field, with the instructions it is run with.
    struct Product<'a>(&'a mut Option<[[i32; 16]; M]>);

    impl Task for Product<'_> {
        #[inline(always)]
        fn run<I: Isa>(self) {
            let pair = |i: usize| ((i * 7919) as i32 - 40_000) & 0x7fff_7fff;
            let rows: [[i32; K]; M] = std::array::from_fn(|m| {
                std::array::from_fn(|i| if m % 2 == 0 { pair(i + m) } else { !pair(i + 9 * m) })
            });
            let weights: [Pairs; K] =
                std::array::from_fn(|i| Pairs(std::array::from_fn(|j| pair(i * 16 + j) >> 4 & 0x007f_007f)));
            *self.0 = Some(I::pair_product::<M, K>(rows.each_ref(), &weights).map(|p| p.0));
        }
    }

    #[test]
    fn every_set_of_instructions_here_gives_the_same_integers() {
        let (mut plain, mut wide) = (None, None);
        Product(&mut plain).run::<Plain>();
        dispatch(Product(&mut wide));
        assert!(plain.is_some());
        assert_eq!(wide, plain);
        #[cfg(target_arch = "x86_64")]
        if x86::has_avx2() {
            let mut avx2 = None;
            // SAFETY: the line above has asked the processor.
            #[allow(unsafe_code)]
            unsafe {
                x86::avx2(Product(&mut avx2));
            }
            assert_eq!(avx2, plain);
        }
    }
}
