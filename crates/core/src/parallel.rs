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

/// Takes tasks while they are worked on: the hand of [`with_crew`].
pub struct Crew<'a, 'scope>(&'a rayon::Scope<'scope>);

impl<'scope> Crew<'_, 'scope> {
    /// Hands `task` to the crew; tasks begin in the order in which they are handed over, and a thread without a task
    /// helps inside those of others.
    pub fn hand(&self, task: impl FnOnce() + Send + 'scope) {
        self.0.spawn(move |_| task());
    }
}

/// Runs `feed` on the calling thread beside a crew of `jobs` threads (0: as many as there are cores), and returns when
/// all tasks that it handed over are done. The caller decides what is handed over, and keeps the order of results.
///
/// # Errors
/// What the operating system said when it refused the threads.
pub fn with_crew<'scope, R>(jobs: usize, feed: impl FnOnce(&Crew<'_, 'scope>) -> R) -> Result<R, String> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build().map_err(|e| e.to_string())?;
    Ok(pool.in_place_scope(|scope| feed(&Crew(scope))))
}

/// Threads that `jobs` stands for: itself, or for 0 the number of cores.
pub fn threads(jobs: usize) -> usize {
    if jobs > 0 { jobs } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

/// Runs `f` on every item; items may hold disjoint mutable slices.
pub fn for_each<T: Send>(items: Vec<T>, f: impl Fn(T) + Sync + Send) {
    items.into_par_iter().for_each(f);
}

/// Maps items with scratch space, made by `scratch` for every few items and not cleared between them: results must not
/// depend on what it holds. They stand in the order of the items.
pub fn map_with<T: Send, S, R: Send>(
    items: Vec<T>,
    scratch: impl Fn() -> S + Sync + Send,
    f: impl Fn(&mut S, T) -> R + Sync + Send,
) -> Vec<R> {
    items.into_par_iter().map_init(scratch, f).collect()
}

/// Maps items that may hold disjoint mutable slices; results stand in the order of the items.
pub fn map_items<T: Send, R: Send>(items: Vec<T>, f: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    items.into_par_iter().map(f).collect()
}
