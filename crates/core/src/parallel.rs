//! The only file that imports rayon. Everything here keeps the order of its input, so that the number of threads
//! never shows in a result; there is no parallel sum of floats.

use rayon::prelude::*;

/// Maps `items` in parallel; results stand in the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], f: impl Fn(usize, &T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter().enumerate().map(|(i, x)| f(i, x)).collect()
}

/// Maps `0..n` in parallel; results stand in order.
pub fn map_range<R: Send>(n: usize, f: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    (0..n).into_par_iter().map(f).collect()
}

/// Runs `f` on disjoint slices of `out`, `width` elements each (the last may be shorter).
pub fn for_each_chunk<T: Send>(out: &mut [T], width: usize, f: impl Fn(usize, &mut [T]) + Sync + Send) {
    out.par_chunks_mut(width.max(1)).enumerate().for_each(|(k, chunk)| f(k, chunk));
}

/// Runs two closures, at the same time where a thread is free.
pub fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    rayon::join(a, b)
}

/// Runs `f` with at most `jobs` threads (0: as many as there are cores).
///
/// # Errors
/// What the operating system said when it refused the threads.
pub fn with_jobs<R: Send>(jobs: usize, f: impl FnOnce() -> R + Send) -> Result<R, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(|e| e.to_string())?;
    Ok(pool.install(f))
}

/// Runs `f` on every item; items may hold disjoint mutable slices.
pub fn for_each<T: Send>(items: Vec<T>, f: impl Fn(T) + Sync + Send) {
    items.into_par_iter().for_each(f);
}
