//! Rows of numbers that were asked for lately, kept for the next call: texts of one kind have the same words.
//!
//! Two generations, so that what is kept is bounded and nothing is counted: what is asked for comes into the young one;
//! when that is full, it becomes the old one, and the old one goes.
//!
//! Only time may depend on what is kept: a row must be a function of its key alone. Not here: how rows are made.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// A row; whoever uses it has it for as long as needed, whatever is forgotten in the meantime.
pub(crate) type Row = Arc<[f32]>;

/// The rows that are kept, at most twice `most`.
pub(crate) struct Recent<K>(Mutex<Generations<K>>);

struct Generations<K> {
    young: FxHashMap<K, Row>,
    old: FxHashMap<K, Row>,
    most: usize,
}

impl<K: Hash + Eq> Recent<K> {
    /// Keeps up to `most` rows a generation.
    pub(crate) fn new(most: usize) -> Self {
        Self(Mutex::new(Generations { young: FxHashMap::default(), old: FxHashMap::default(), most }))
    }

    /// Rows of a generation, at most.
    pub(crate) fn most(&self) -> usize {
        self.with(|all| all.most)
    }

    /// Keeps up to `most` rows a generation from the next one on.
    pub(crate) fn set_most(&self, most: usize) {
        self.with(|all| all.most = most);
    }

    /// The row of every key, where it is kept.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, keys: &[impl Borrow<Q>]) -> Vec<Option<Row>>
    where
        K: Borrow<Q>,
    {
        self.with(|all| keys.iter().map(|key| all.get(key.borrow())).collect())
    }

    /// Keeps rows.
    pub(crate) fn keep(&self, rows: impl IntoIterator<Item = (K, Row)>) {
        self.with(|all| rows.into_iter().for_each(|(key, row)| all.put(key, row)));
    }

    fn with<R>(&self, f: impl FnOnce(&mut Generations<K>) -> R) -> R {
        // Whatever a panic left is a set of whole rows.
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<K: Hash + Eq> Generations<K> {
    fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<Row>
    where
        K: Borrow<Q>,
    {
        if let Some(row) = self.young.get(key) {
            return Some(row.clone());
        }
        let (key, row) = self.old.remove_entry(key)?;
        self.put(key, row.clone());
        Some(row)
    }

    fn put(&mut self, key: K, row: Row) {
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let recent: Recent<Box<str>> = Recent::new(4);
        let row = |x: f32| Row::from([x]);
        recent.keep([("always".into(), row(0.5))]);
        for k in 0..100u8 {
            recent.keep([(k.to_string().into(), row(f32::from(k)))]);
            assert_eq!(recent.get::<str>(&["always"]), [Some(row(0.5))], "{k}");
        }
        let kept = |key: String| recent.get::<str>(&[key])[0].clone();
        assert_eq!((kept("99".into()), kept("80".into())), (Some(row(99.0)), None));
        recent.with(|all| assert!(all.young.len() <= 4 && all.old.len() <= 4));
        recent.set_most(50);
        recent.keep((0..100u8).map(|k| (k.to_string().into(), row(f32::from(k)))));
        assert_eq!((recent.most(), kept("50".into())), (50, Some(row(50.0))));
    }
}
