//! Runs numeric kernels with the widest instructions that are worth it on this processor.
//!
//! The kernels are safe Rust over fixed-size arrays, written so that the compiler turns them into vector code; this
//! module only chooses the instruction set they are compiled for. It holds the crate's one `unsafe` block.
//!
//! Bytes are the same on every run and for any number of threads on one machine; between machines with and without
//! fused multiply-add they may differ in the last bit.

/// A kernel. `run` must be `#[inline(always)]`, so that it is compiled into the caller that has the wide instructions.
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
