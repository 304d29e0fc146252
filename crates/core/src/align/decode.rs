//! From posteriors to beads.
//!
//! The likeliest path is the most probable *whole*; what people count is how many of its beads are right. So the path is
//! taken whose beads have the highest sum of **utilities** (minimum Bayes risk: Goel & Byrne 2000): a bead with both sides
//! filled is worth its posterior probability, a null [`NULL`] of its own, and each costs [`COST`], since what is predicted
//! wrongly lowers precision. Without the cost, many small steps would be taken for a large bead.
//!
//! Not here: the recurrences (`dp`).

use super::band::Band;
use super::beads::{Priors, TYPES};
use super::dp::{self, Posterior, Scores, Step};
use crate::{Bead, Mark};

/// What a bead costs, and what a null's probability is worth against a bead's. Of six pairs tried, from (0, 1) to
/// (0.5, 0.8), the one with the best mean over the hand-made sets; keyed ones gain as well (docs/accuracy.md).
const COST: f32 = 0.3;
const NULL: f32 = 0.7;

/// A bead less probable than this is not looked at.
const LEAST: f32 = 1e-4;

/// How beads are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decoding {
    /// What posteriors are softened by.
    pub(super) temperature: f32,
    /// Whether the likeliest path is asked for, and not the most useful one.
    pub(super) likeliest: bool,
}

/// What came out of a band.
pub(super) struct Decoded {
    pub(super) beads: Vec<Bead>,
    pub(super) posterior: Posterior,
    /// Total of the likeliest path.
    pub(super) total: f64,
}

/// The beads of the most useful path, or of the likeliest, with their confidences.
pub(super) fn decode(band: &Band, scores: Scores, priors: &Priors, how: Decoding) -> Decoded {
    let path = dp::best_path(band, &scores, priors);
    let posterior = dp::posterior(band, scores.tempered(how.temperature), &priors.tempered(how.temperature));
    let steps = if how.likeliest { path.steps } else { most_useful(band, &posterior) };
    Decoded { beads: beads_of(&steps, band, &posterior), posterior, total: path.total }
}

fn most_useful(band: &Band, posterior: &Posterior) -> Vec<Step> {
    // A null has no score in the recurrence, so beads pay what their segments are worth as nulls.
    let as_nulls = |null: &[f32]| -> Vec<f32> { null.iter().map(|p| NULL * p - COST).collect() };
    let (source, target) = (as_nulls(&posterior.source_null), as_nulls(&posterior.target_null));
    let types = posterior.types;
    let mut values = vec![f32::NEG_INFINITY; posterior.bead.len()];
    for i in 0..band.rows() {
        let (low, high) = band.row(i);
        for j in low..=high {
            let at = (band.first(i) + j - low) * types;
            for (k, &(n, m)) in TYPES[..types].iter().enumerate() {
                let p = posterior.bead[at + k];
                if p >= LEAST {
                    let nulls: f32 = source[i..i + usize::from(n)].iter().chain(&target[j..j + usize::from(m)]).sum();
                    values[at + k] = p - COST - nulls;
                }
            }
        }
    }
    dp::best_path(band, &Scores { types, values }, &Priors::none()).steps
}

/// Beads of a path.
pub(super) fn beads_of(steps: &[Step], band: &Band, posterior: &Posterior) -> Vec<Bead> {
    let (mut i, mut j) = (0u32, 0u32);
    let mut out = Vec::with_capacity(steps.len());
    for &step in steps {
        let (n, m, confidence) = match step {
            Step::Bead(k) => {
                let (n, m) = TYPES[usize::from(k)];
                let at = band.node(i as usize, j as usize).expect("a path stays in its band");
                (u32::from(n), u32::from(m), posterior.bead[at * posterior.types + usize::from(k)])
            }
            Step::SourceNull => (1, 0, posterior.source_null[i as usize]),
            Step::TargetNull => (0, 1, posterior.target_null[j as usize]),
        };
        out.push(Bead { source: (i..i + n).collect(), target: (j..j + m).collect(), confidence, mark: Mark::Path });
        i += n;
        j += m;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::beads::COUNT;

    #[test]
    fn two_probable_beads_beat_an_improbable_one() {
        // One node grid of two by two: the merge is the likeliest single path, but each 1-1 is right in most others.
        let band = Band::full(2, 2);
        let mut bead = vec![0.0; band.nodes() * COUNT];
        let at = |i: usize, j: usize| band.node(i, j).unwrap() * COUNT;
        bead[at(0, 0)] = 0.55;
        bead[at(1, 1)] = 0.55;
        bead[at(0, 0) + 3] = 0.4;
        let posterior = Posterior {
            types: COUNT,
            bead,
            limits: vec![(0, 2); 3],
            middle: vec![0, 1, 2],
            source_null: vec![0.05; 2],
            target_null: vec![0.05; 2],
            opened: [0.0; 2],
            total: 0.0,
        };
        assert_eq!(most_useful(&band, &posterior), [Step::Bead(0), Step::Bead(0)]);
    }
}
