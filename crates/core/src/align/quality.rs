//! How far two documents are translations of each other at all.
//!
//! The best path's score, against the documents being independent, is a log-odds; a segment's share of it is well
//! above zero for translations and about or below zero for unrelated texts, in which the path lives on accidents and
//! pays for its nulls. A logistic curve turns the share into a number between 0 and 1.

/// Share of log-odds a segment, in nats, at which both are as likely, and how steeply certainty grows from there: read
/// off documents of the development sets against shuffled ones (docs/accuracy.md): unrelated ones stay under 0.2,
/// translations of ten segments and more lie above 0.3 in nearly all cases.
const MIDDLE: f64 = 0.1;
const STEEPNESS: f64 = 14.0;

/// Quality, 0 to 1, of an alignment whose best path has `total` nats of log-odds, over `segments` segments of both sides.
pub(crate) fn quality(total: f64, segments: usize) -> f32 {
    if segments == 0 {
        return 0.0;
    }
    let share = total / segments as f64;
    (1.0 / (1.0 + (-(share - MIDDLE) * STEEPNESS).exp())) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accidents_are_low_and_translations_high() {
        assert!(quality(-20.0, 100) < 0.05);
        assert!(quality(60.0, 100) > 0.95);
        assert_eq!(quality(5.0, 0), 0.0);
    }
}
