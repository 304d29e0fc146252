//! Chapters that changed places, where the path shows no gap.
//!
//! In a short text few words are learned, and a path that pairs two chapters with each other's translations costs less
//! than one that leaves all four halves without partner: nulls have their price, and wrong beads teach the words that
//! speak for them. `moves` then sees nothing left out. But such a stretch is **doubtful**: its beads have less evidence
//! than those of the rest. What doubtful stretches hold is searched for passages that cross the path; all that is found
//! is taken if it makes the whole likelier:
//!
//! ```text
//! total of the path without them + Σ (total of a passage − its price)  >  total of the path
//! ```
//!
//! Not here: what the path left out by itself, and prices (`moves`).

use super::World;
use super::crossing::{Crossing, linked};
use super::decode::Decoded;
use super::fixed::Plan;
use super::moves::{self, Rest};
use super::passages::{self, Nulls, Refined};
use super::words::Words;
use crate::Error;

/// Steps of the path on both sides that say with a step how much evidence there is around it.
const AROUND: usize = 4;

/// Steps whose surroundings have less than this share of the mean evidence are doubtful.
const SHARE: f32 = 0.5;

/// Most pairs of doubtful segments that are compared.
const MOST: usize = 100_000;

/// The path beside passages that changed places, where there are such. Words are then those of the path's other parts.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn find(
    world: &mut World<'_>,
    words: &Words,
    plan: &Plan,
    found: &Decoded,
    nulls: &Nulls,
) -> Result<Option<Rest>, Error> {
    let doubtful = doubtful(&found.evidence);
    let steps = || found.beads.iter().zip(&doubtful);
    let mut left = moves::left_out(world, nulls);
    for (bead, _) in steps().filter(|(_, d)| **d) {
        left.0.extend(&bead.source);
        left.1.extend(&bead.target);
    }
    for side in [&mut left.0, &mut left.1] {
        side.sort_unstable();
        side.dedup();
    }
    if left.0.len() * left.1.len() > MOST {
        return Ok(None);
    }
    let sure = || steps().filter(|(_, d)| !**d).map(|(b, _)| b);
    let crossing = Crossing::of(linked(sure()), world.lengths.0.len(), world.lengths.1.len());
    let look = |world: &World<'_>| -> Result<Refined, Error> {
        let free = (vec![0.0; nulls.0.len()], vec![0.0; nulls.1.len()]);
        passages::refine(world, moves::search(world, left.clone(), &free, &crossing)?, nulls)
    };
    if look(world)?.passages == 0 {
        return Ok(None);
    }
    // Neither reading may have taught the words that judge it.
    let taught = world.relearn(words, plan, sure());
    let moved = look(world)?;
    let path = moves::again(world, Vec::new(), &found.posterior, &plan.gates)?;
    let (total, passages) = (moved.total, moved.passages as f64);
    let rest = moves::again(world, moved.beads, &found.posterior, &plan.gates)?;
    if passages > 0.0 && rest.total + total - passages * f64::from(moves::price(&left)) > path.total {
        return Ok(Some(rest));
    }
    world.lexicon = taught;
    Ok(None)
}

/// Which steps of a path stand among little evidence.
fn doubtful(evidence: &[f32]) -> Vec<bool> {
    let mean = evidence.iter().sum::<f32>() / evidence.len().max(1) as f32;
    let around = |k: usize| {
        let near = &evidence[k.saturating_sub(AROUND)..(k + AROUND + 1).min(evidence.len())];
        near.iter().sum::<f32>() / near.len() as f32
    };
    (0..evidence.len()).map(|k| around(k) < SHARE * mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_doubtful_and_a_weak_step_is_not() {
        let mut evidence = vec![5.0; 40];
        evidence[8] = -1.0;
        evidence[20..32].fill(0.5);
        let doubtful = doubtful(&evidence);
        assert!(doubtful[22..30].iter().all(|d| *d) && doubtful.iter().filter(|d| **d).count() <= 12);
    }
}
