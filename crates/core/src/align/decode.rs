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
use super::dp::{self, Step};
use super::options::{AlignOptions, Kind};
use super::sums::{self, Posterior};
use super::table::Table;
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

impl Decoding {
    /// As `options` have it.
    pub(super) fn of(options: &AlignOptions) -> Self {
        Self { temperature: options.temperature, likeliest: !options.with(Kind::Utility) }
    }
}

/// What came out of a band.
pub(super) struct Decoded {
    pub(super) beads: Vec<Bead>,
    /// Log-odds of every bead, 0 for nulls: the evidence, without priors.
    pub(super) evidence: Vec<f32>,
    pub(super) posterior: Posterior,
    /// Total of the likeliest path.
    pub(super) total: f64,
}

/// The beads of the most useful path, or of the likeliest; their confidences are their posteriors.
pub(super) fn decode(band: &Band, scores: Table, priors: &Priors, how: Decoding) -> Decoded {
    let path = dp::best_path(band, &scores, priors);
    let tempered = scores.clone().map(|score| score / how.temperature);
    let posterior = sums::posterior(band, tempered, &priors.tempered(how.temperature));
    let steps = if how.likeliest { path.steps } else { most_useful(band, &posterior) };
    let beads = beads_of(&steps, band, &posterior);
    let mut at = (0, 0);
    let evidence = steps.iter().map(|step| {
        let (node, (n, m)) = (at, step.size());
        at = (at.0 + n, at.1 + m);
        if let Step::Bead(k) = step { scores.at(band, node, usize::from(*k)) } else { 0.0 }
    });
    Decoded { evidence: evidence.collect(), beads, posterior, total: path.total }
}

fn most_useful(band: &Band, posterior: &Posterior) -> Vec<Step> {
    // A null has no score in the recurrence, so beads pay what their segments are worth as nulls.
    let as_nulls = |null: &[f32]| -> Vec<f32> { null.iter().map(|p| NULL * p - COST).collect() };
    let (source, target) = (as_nulls(&posterior.source_null), as_nulls(&posterior.target_null));
    let mut values = posterior.bead.clone();
    for i in 0..band.rows() {
        let low = band.row(i).0;
        for (k, (n, m)) in posterior.bead.types() {
            for (value, j) in values.run_mut(band, i, k).iter_mut().zip(low..) {
                *value = if *value >= LEAST {
                    *value - COST - source[i..i + n].iter().chain(&target[j..j + m]).sum::<f32>()
                } else {
                    f32::NEG_INFINITY
                };
            }
        }
    }
    dp::best_path(band, &values, &Priors::none()).steps
}

/// Beads of a path.
pub(super) fn beads_of(steps: &[Step], band: &Band, posterior: &Posterior) -> Vec<Bead> {
    let (mut i, mut j) = (0u32, 0u32);
    let mut out = Vec::with_capacity(steps.len());
    for &step in steps {
        let (n, m, confidence) = match step {
            Step::Bead(k) => {
                let (n, m) = TYPES[usize::from(k)];
                (u32::from(n), u32::from(m), posterior.bead.at(band, (i as usize, j as usize), usize::from(k)))
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
        let mut bead = Table::filled(&band, COUNT, 0.0);
        for ((i, k), p) in [((0, 0), 0.55), ((1, 0), 0.55), ((0, 3), 0.4)] {
            bead.run_mut(&band, i, k)[i] = p;
        }
        let posterior = Posterior {
            bead,
            limits: vec![(0, 2); 3],
            middle: vec![0, 1, 2],
            firm: vec![false; 3],
            source_null: vec![0.05; 2],
            target_null: vec![0.05; 2],
            opened: [0.0; 2],
            total: 0.0,
        };
        assert_eq!(most_useful(&band, &posterior), [Step::Bead(0), Step::Bead(0)]);
    }
}
