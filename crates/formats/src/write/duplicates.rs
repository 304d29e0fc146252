//! Units of a memory that say the same, and units that contradict each other.
//!
//! Of equal units one is kept. Of several translations of one source text all are kept, in an order that makes the
//! best one the last: that is the one that OmegaT takes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;

/// A source text with several translations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Conflict {
    /// The source text.
    pub source: String,
    /// How many different translations it has.
    pub translations: usize,
}

/// How many conflicts are told in full.
const EXAMPLES: usize = 10;

/// Which units are written, in which order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Numbers of the units.
    pub(super) order: Vec<u32>,
    /// Units left out, since an equal one is written.
    pub(super) repeated: usize,
    /// Sources with several translations.
    pub(super) conflicts: usize,
    /// The first of them.
    pub(super) examples: Vec<Conflict>,
}

/// One translation of a source text: where it stands, and what speaks for it.
struct Translation {
    /// The unit that is kept: the most confident one.
    kept: u32,
    kept_confidence: f32,
    /// Confidences of all equal units, summed: often and surely counts most.
    weight: f64,
    last: u32,
}

/// Plans `count` units. `source` and `target` give a unit's texts, `confidence` what speaks for it.
///
/// Units keep their place, except that translations of one source text change places among themselves: the weightier
/// stands later; of equal weight, the later stays later. Texts are compared in pairs of equal hash only, so memory is
/// 16 bytes a unit.
pub(super) fn plan(
    count: u32,
    source: impl Fn(u32) -> String,
    target: impl Fn(u32) -> String,
    confidence: impl Fn(u32) -> f32,
) -> Plan {
    let mut by_hash: Vec<(u64, u32)> = (0..count).map(|u| (hash(&source(u)), u)).collect();
    by_hash.sort_unstable();
    // What stands at each place in the end: a unit, or nothing.
    let mut placed: Vec<Option<u32>> = (0..count).map(Some).collect();
    let mut plan = Plan::default();
    let mut found: Vec<(u32, Conflict)> = Vec::new();
    for same_hash in by_hash.chunk_by(|a, b| a.0 == b.0).filter(|g| g.len() > 1) {
        let mut sources: Vec<(String, Vec<u32>)> = Vec::new();
        for &(_, unit) in same_hash {
            let text = source(unit);
            match sources.iter_mut().find(|s| s.0 == text) {
                Some(s) => s.1.push(unit),
                None => sources.push((text, vec![unit])),
            }
        }
        for (text, units) in sources.into_iter().filter(|s| s.1.len() > 1) {
            let translations = arrange(&units, &mut placed, &target, &confidence);
            plan.repeated += units.len() - translations;
            if translations > 1 {
                found.push((units[0], Conflict { source: text, translations }));
            }
        }
    }
    found.sort_by_key(|f| f.0);
    plan.conflicts = found.len();
    plan.examples = found.into_iter().take(EXAMPLES).map(|f| f.1).collect();
    plan.order = placed.into_iter().flatten().collect();
    plan
}

/// Arranges the units of one source text in `placed`; returns how many different translations there are.
fn arrange(
    units: &[u32],
    placed: &mut [Option<u32>],
    target: &impl Fn(u32) -> String,
    confidence: &impl Fn(u32) -> f32,
) -> usize {
    let mut translations: Vec<Translation> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for &unit in units {
        let (text, sure) = (target(unit), confidence(unit));
        let at = *index.entry(text).or_insert(translations.len());
        if at == translations.len() {
            translations.push(Translation { kept: unit, kept_confidence: sure, weight: 0.0, last: unit });
        }
        let t = &mut translations[at];
        t.weight += f64::from(sure);
        t.last = unit;
        if sure > t.kept_confidence {
            (t.kept, t.kept_confidence) = (unit, sure);
        }
    }
    let mut places: Vec<u32> = translations.iter().map(|t| t.kept).collect();
    places.sort_unstable();
    translations.sort_by(|a, b| a.weight.total_cmp(&b.weight).then(a.last.cmp(&b.last)));
    for &unit in units {
        placed[unit as usize] = None;
    }
    for (place, t) in places.into_iter().zip(&translations) {
        placed[place as usize] = Some(t.kept);
    }
    translations.len()
}

fn hash(text: &str) -> u64 {
    // The standard hasher with its fixed keys: the same in every run.
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(units: &[(&str, &str, f32)]) -> Plan {
        plan(
            units.len() as u32,
            |u| units[u as usize].0.into(),
            |u| units[u as usize].1.into(),
            |u| units[u as usize].2,
        )
    }

    #[test]
    fn equal_units_are_written_once() {
        let p = planned(&[("Yes.", "Да.", 0.5), ("No.", "Нет.", 0.5), ("Yes.", "Да.", 0.9)]);
        assert_eq!((p.order, p.repeated, p.conflicts), (vec![1, 2], 1, 0));
    }

    #[test]
    fn the_best_translation_comes_last() {
        let p = planned(&[("Yes.", "Да.", 0.9), ("No.", "Нет.", 0.5), ("Yes.", "Конечно.", 0.4)]);
        assert_eq!((p.order, p.conflicts), (vec![2, 1, 0], 1));
        assert_eq!(p.examples, [Conflict { source: "Yes.".into(), translations: 2 }]);
        // Twice weighs more than once with more confidence.
        let p = planned(&[("Yes.", "Да.", 0.5), ("Yes.", "Да.", 0.6), ("Yes.", "Конечно.", 0.9)]);
        assert_eq!((p.order, p.repeated), (vec![2, 1], 1));
        // Of equal weight, the order of the text stays.
        let p = planned(&[("Yes.", "Да.", 0.5), ("Yes.", "Конечно.", 0.5)]);
        assert_eq!(p.order, [0, 1]);
    }

    #[test]
    fn many_equal_sources_are_arranged_in_linear_time() {
        let p = plan(100_000, |_| "Same.".into(), |u| format!("{u}"), |_| 0.5);
        assert_eq!((p.order.len(), p.conflicts), (100_000, 1));
    }
}
