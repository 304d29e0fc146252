//! Whether confidences are probabilities: beads by tenths of their confidence, and how many of them are right.
//!
//! Right is what equals a gold bead (strict, as in [`crate::evaluate`]). The expected calibration error is the mean
//! distance of stated and observed precision, tenths weighted by their beads (Naeini et al. 2015, equation 3).

use rustc_hash::FxHashSet;
use serde::Serialize;

use crate::evaluate::Links;

/// Beads whose confidence lies within one tenth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Tenth {
    /// How many there are.
    pub beads: u64,
    /// How many of them are gold beads.
    pub right: u64,
    /// The sum of their confidences.
    pub confidence: f64,
}

impl Tenth {
    /// Mean confidence, 0 to 1; 0 without beads.
    pub fn stated(&self) -> f64 {
        if self.beads > 0 { self.confidence / self.beads as f64 } else { 0.0 }
    }

    /// Share of right beads, 0 to 1; 0 without beads.
    pub fn observed(&self) -> f64 {
        if self.beads > 0 { self.right as f64 / self.beads as f64 } else { 0.0 }
    }
}

/// Beads by tenths of confidence: the last is 0.9 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// From the lowest confidence on.
    pub tenths: [Tenth; 10],
}

impl Calibration {
    /// Counts the beads of one document, each with its confidence (0 to 1), against its gold.
    pub fn of(gold: &[Links], predicted: &[(Links, f32)]) -> Self {
        let gold: FxHashSet<&Links> = gold.iter().collect();
        let mut out = Self::default();
        for (bead, confidence) in predicted {
            let tenth = &mut out.tenths[((confidence * 10.0) as usize).min(9)];
            tenth.beads += 1;
            tenth.right += u64::from(gold.contains(bead));
            tenth.confidence += f64::from(*confidence);
        }
        out
    }

    /// Adds another document's beads.
    pub fn add(&mut self, other: &Self) {
        for (a, b) in self.tenths.iter_mut().zip(&other.tenths) {
            a.beads += b.beads;
            a.right += b.right;
            a.confidence += b.confidence;
        }
    }

    /// Expected calibration error, 0 to 1; 0 without beads.
    pub fn expected_error(&self) -> f64 {
        let beads: u64 = self.tenths.iter().map(|t| t.beads).sum();
        let off: f64 = self.tenths.iter().map(|t| t.beads as f64 * (t.stated() - t.observed()).abs()).sum();
        if beads > 0 { off / beads as f64 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_hand() {
        let gold = vec![(vec![0], vec![0]), (vec![1], vec![1, 2])];
        let predicted = vec![
            ((vec![0], vec![0]), 0.95),
            ((vec![1], vec![1]), 0.35),
            ((vec![], vec![2]), 0.31),
            ((vec![9], vec![9]), 1.0),
        ];
        let c = Calibration::of(&gold, &predicted);
        assert_eq!((c.tenths[9].beads, c.tenths[9].right, c.tenths[3].beads, c.tenths[3].right), (2, 1, 2, 0));
        // Half of the beads are off by 0.475, half by 0.33.
        assert!((c.expected_error() - (0.5 * 0.475 + 0.5 * 0.33)).abs() < 1e-6, "{}", c.expected_error());
        let mut twice = c;
        twice.add(&c);
        assert_eq!(twice.tenths[9].beads, 4);
        assert!((twice.expected_error() - c.expected_error()).abs() < 1e-12);
    }
}
