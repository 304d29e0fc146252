//! Precision, recall and F1 of alignments against gold: strict, lax and keyed.
//!
//! The convention is that of Thompson & Koehn (2019): precision is over all predicted beads, those with an empty side
//! included; recall is over gold beads with both sides filled. Not here: reading gold folders.

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

/// Segments of the source and of the target, in the order given.
pub type Links = (Vec<u32>, Vec<u32>);

/// Hits and totals, summed over any number of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Predicted beads that count as right.
    pub right: u64,
    /// Predicted beads.
    pub predicted: u64,
    /// Gold beads (both sides filled) that were found.
    pub found: u64,
    /// Gold beads with both sides filled.
    pub gold: u64,
}

impl Counts {
    /// Adds another document's counts.
    pub fn add(&mut self, other: Self) {
        self.right += other.right;
        self.predicted += other.predicted;
        self.found += other.found;
        self.gold += other.gold;
    }

    /// Right among predicted, 0 to 1; 0 where nothing was predicted.
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.predicted)
    }

    /// Found among gold, 0 to 1; 0 where there is no gold.
    pub fn recall(&self) -> f64 {
        ratio(self.found, self.gold)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

fn ratio(a: u64, b: u64) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

/// The three measures of one document or, summed, of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scores {
    /// A predicted bead equals a gold bead.
    pub strict: Counts,
    /// A predicted bead shares a source and a target segment with a gold bead's links.
    pub lax: Counts,
    /// Consecutive predicted beads inside one key are merged, then compared as `strict`; `None` without keys.
    pub keyed: Option<Counts>,
}

impl Scores {
    /// Adds another document's scores; keyed counts are summed over the documents that have keys.
    pub fn add(&mut self, other: &Self) {
        self.strict.add(other.strict);
        self.lax.add(other.lax);
        if let Some(k) = other.keyed {
            self.keyed.get_or_insert_default().add(k);
        }
    }
}

/// Scores `predicted` against `gold`; `keys` are the ids of the source's and the target's segments.
pub fn score(gold: &[Links], predicted: &[Links], keys: Option<(&[&str], &[&str])>) -> Scores {
    let (strict, lax) = compare(gold, predicted);
    let keyed = keys.map(|(s, t)| compare(gold, &collapse(predicted, s, t)).0);
    Scores { strict, lax, keyed }
}

/// Strict and lax counts.
fn compare(gold: &[Links], predicted: &[Links]) -> (Counts, Counts) {
    let full = |beads: &[Links]| -> Vec<Links> {
        beads.iter().filter(|b| !b.0.is_empty() && !b.1.is_empty()).cloned().collect()
    };
    let (ps, pl, pn) = hits(gold, predicted);
    let (rs, rl, rn) = hits(&full(predicted), &full(gold));
    (Counts { right: ps, predicted: pn, found: rs, gold: rn }, Counts { right: pl, predicted: pn, found: rl, gold: rn })
}

/// (strict, lax, total) of the distinct `test` beads judged against `gold`.
fn hits(gold: &[Links], test: &[Links]) -> (u64, u64, u64) {
    let gold_set: FxHashSet<&Links> = gold.iter().collect();
    let mut links: FxHashMap<u32, FxHashSet<u32>> = FxHashMap::default();
    for (s, t) in gold {
        for i in s {
            links.entry(*i).or_default().extend(t);
        }
    }
    let (mut strict, mut lax) = (0, 0);
    let mut seen = FxHashSet::default();
    for bead in test.iter().filter(|b| !b.0.is_empty() || !b.1.is_empty()) {
        if !seen.insert(bead) {
            continue;
        }
        if gold_set.contains(bead) {
            strict += 1;
            lax += 1;
        } else if bead.0.iter().any(|i| links.get(i).is_some_and(|l| bead.1.iter().any(|j| l.contains(j)))) {
            lax += 1;
        }
    }
    (strict, lax, seen.len() as u64)
}

/// Merges consecutive beads that lie inside one key.
fn collapse(predicted: &[Links], source_keys: &[&str], target_keys: &[&str]) -> Vec<Links> {
    let mut out: Vec<(Links, Option<&str>)> = Vec::new();
    let key = |keys: &[&str], i: u32| -> Option<usize> { keys.get(i as usize).map(|_| i as usize) };
    for (s, t) in predicted {
        let names: FxHashSet<&str> = (s.iter().filter_map(|&i| key(source_keys, i).map(|i| source_keys[i])))
            .chain(t.iter().filter_map(|&j| key(target_keys, j).map(|j| target_keys[j])))
            .collect();
        let one = if names.len() == 1 { names.iter().next().copied() } else { None };
        match out.last_mut() {
            Some((last, Some(k))) if Some(*k) == one => {
                last.0.extend(s);
                last.1.extend(t);
            }
            _ => out.push(((s.clone(), t.clone()), one)),
        }
    }
    out.into_iter().map(|(links, _)| links).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_count_for_precision_only() {
        let gold = vec![(vec![0], vec![0]), (vec![1], vec![]), (vec![2], vec![1, 2])];
        let predicted = vec![(vec![0], vec![0]), (vec![1], vec![]), (vec![2], vec![1]), (vec![], vec![2])];
        let s = score(&gold, &predicted, None);
        assert_eq!((s.strict.right, s.strict.predicted, s.strict.found, s.strict.gold), (2, 4, 1, 2));
        assert_eq!((s.lax.right, s.lax.found), (3, 2));
    }

    #[test]
    fn finer_beads_inside_a_key_are_right() {
        let gold = vec![(vec![0, 1], vec![0, 1])];
        let predicted = vec![(vec![0], vec![0]), (vec![1], vec![1])];
        let keys = ["v1", "v1"];
        let s = score(&gold, &predicted, Some((&keys, &keys)));
        assert_eq!(s.strict.right, 0);
        assert_eq!(s.keyed.unwrap().right, 1);
    }
}
