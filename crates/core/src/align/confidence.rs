//! From posteriors to confidences.
//!
//! Posteriors choose beads, and are softened for that (`decode`) as all kinds of evidence alike need it. As probabilities
//! they are still too sure where meaning counts, which looks at the words of the other kinds once more, and a little too
//! modest where it does not: so the log-odds of every bead are multiplied by a slope, 1 if nothing were to mend (Cox 1958;
//! Platt's scaling without its intercept). And some beads are not what gold has however clear the evidence is: a share
//! that nothing explains. Figures, and how they were chosen: docs/accuracy.md, calibration.

use super::options::AlignOptions;

/// What makes confidences of posteriors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Confidence {
    /// What log-odds are multiplied by.
    slope: f32,
    /// The share by which all are lower.
    unexplained: f32,
}

const SLOPE_WITH_MEANING: f32 = 0.8;
const SLOPE: f32 = 1.1;

impl Confidence {
    /// As `options` have it, where meaning counts or where it does not.
    pub(super) fn of(options: &AlignOptions, meaning: bool) -> Self {
        let measured = if meaning { SLOPE_WITH_MEANING } else { SLOPE };
        Self { slope: options.slope.unwrap_or(measured), unexplained: options.unexplained }
    }

    /// The probability, 0 to 1, that a bead of this posterior is right.
    pub(super) fn at(self, posterior: f32) -> f32 {
        // Odds to a power would be infinite at 1.
        let (right, wrong) = (posterior.powf(self.slope), (1.0 - posterior).max(0.0).powf(self.slope));
        right / (right + wrong) * (1.0 - self.unexplained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_odds_are_multiplied_and_all_lack_the_share() {
        let options = AlignOptions { slope: Some(0.5), unexplained: 0.1, ..AlignOptions::default() };
        let how = Confidence::of(&options, true);
        let odds = |p: f32| p / (1.0 - p);
        for posterior in [0.01, 0.3, 0.5, 0.8, 0.999] {
            let found = odds(how.at(posterior) / 0.9);
            let asked = odds(posterior).sqrt();
            assert!((found / asked - 1.0).abs() < 1e-3, "{posterior}: {found} for {asked}");
        }
        assert_eq!((how.at(0.0), how.at(1.0)), (0.0, 0.9));
        assert!(how.at(1.0 + f32::EPSILON) <= 1.0, "sums of posteriors may be over 1 by what rounding leaves");
    }

    #[test]
    fn meaning_makes_more_modest_unless_a_slope_is_given() {
        let of = |slope, meaning| {
            let options = AlignOptions { slope, ..AlignOptions::default() };
            Confidence::of(&options, meaning).at(0.9)
        };
        assert!(of(None, true) < of(None, false));
        assert_eq!(of(Some(1.0), true), of(Some(1.0), false));
    }
}
