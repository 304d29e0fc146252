//! Which document is begun next: the largest first, so that none is left over at the end; within the memory budget, so
//! that large ones run alone and small ones together.
//!
//! ```text
//! waiting (largest first)   [900M] [400M] [400M] [30M] [30M] [1M] …
//! budget 1G                 900M + 30M + 30M          one large, what fits beside it
//!                           400M + 400M + 1M …        then together
//! ```
//!
//! A document that does not fit at the moment may be passed by smaller ones, but not for ever ([`PATIENCE`]).
//!
//! Not here: running documents, and the order of results, which never depends on any of this.

use std::collections::VecDeque;

/// How many smaller documents may pass the largest that waits; then it waits for the memory alone.
const PATIENCE: usize = 64;

/// A document that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Its number in the batch.
    pub(crate) number: usize,
    /// Memory it takes, in bytes.
    pub(crate) memory: u64,
}

/// The documents that wait.
#[derive(Debug)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    budget: u64,
    passed: usize,
}

impl Queue {
    /// A queue of `documents` that together may take `budget` bytes at a time.
    pub(crate) fn new(mut documents: Vec<Waiting>, budget: u64) -> Self {
        documents.sort_by_key(|w| (std::cmp::Reverse(w.memory), w.number));
        Self { waiting: documents.into(), budget, passed: 0 }
    }

    /// The next document to begin, while others take `used` bytes; `None` where it has to wait.
    pub(crate) fn next(&mut self, used: u64) -> Option<Waiting> {
        let left = self.budget.saturating_sub(used);
        if self.waiting.front()?.memory <= left {
            self.passed = 0;
            return self.waiting.pop_front();
        }
        if self.passed >= PATIENCE {
            return None;
        }
        // Sorted: all from the first that fits on do.
        let at = self.waiting.partition_point(|w| w.memory > left);
        let found = self.waiting.remove(at)?;
        self.passed += 1;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(sizes: &[u64], budget: u64) -> Queue {
        Queue::new(sizes.iter().enumerate().map(|(number, &memory)| Waiting { number, memory }).collect(), budget)
    }

    #[test]
    fn the_largest_goes_first_and_small_ones_beside_it() {
        let mut q = queue(&[1, 9, 4, 4, 1], 10);
        assert_eq!(q.next(0).unwrap().number, 1);
        assert_eq!(q.next(9).unwrap().number, 0, "4 does not fit beside 9");
        assert_eq!(q.next(10), None);
        assert_eq!(q.next(0).unwrap().number, 2, "of equal ones the first");
        assert_eq!(q.next(4).unwrap().number, 3);
        assert_eq!(q.next(8).unwrap().number, 4);
        assert_eq!(q.next(0), None);
    }

    #[test]
    fn nothing_waits_for_ever() {
        let mut q = queue(&[&[6][..], &[1; 500]].concat(), 10);
        let begun = std::iter::from_fn(|| q.next(5)).count();
        assert_eq!(begun, PATIENCE);
        assert_eq!(q.next(4).unwrap().number, 0);
    }

    #[test]
    fn the_budget_is_never_passed() {
        let sizes: Vec<u64> = (0..300).map(|k| (k * 7919) % 97 + 1).collect();
        let mut q = queue(&sizes, 100);
        let (mut running, mut used, mut done) = (VecDeque::new(), 0, 0);
        while done < sizes.len() {
            while let Some(w) = q.next(used) {
                used += w.memory;
                running.push_back(w);
                assert!(used <= 100);
            }
            used -= running.pop_front().expect("something runs, or nothing is left").memory;
            done += 1;
        }
    }
}
