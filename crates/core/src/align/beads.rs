//! The bead types with both sides filled, and the prior probabilities of all steps.

/// Most segments on one side of a bead.
pub(crate) const MOST: usize = 8;

/// (source segments, target segments) of every type. The order is the tie rule: the earlier type wins.
pub(crate) const TYPES: [(u8, u8); 24] = [
    (1, 1),
    (1, 2),
    (2, 1),
    (2, 2),
    (1, 3),
    (3, 1),
    (2, 3),
    (3, 2),
    (1, 4),
    (4, 1),
    (3, 3),
    (2, 4),
    (4, 2),
    (3, 4),
    (4, 3),
    (4, 4),
    (1, 5),
    (5, 1),
    (1, 6),
    (6, 1),
    (1, 7),
    (7, 1),
    (1, 8),
    (8, 1),
];

/// Number of bead types.
pub(crate) const COUNT: usize = TYPES.len();

/// Index of every type (n, m), at [n][m]; [`COUNT`] where there is none.
pub(crate) const INDEX: [[u8; MOST + 1]; MOST + 1] = {
    let mut out = [[COUNT as u8; MOST + 1]; MOST + 1];
    let mut k = 0;
    while k < COUNT {
        out[TYPES[k].0 as usize][TYPES[k].1 as usize] = k as u8;
        k += 1;
    }
    out
};

/// Probabilities of the next step, as logarithms.
///
/// A step is a bead of one type or the opening of a run of nulls on one side; a run goes on with probability
/// `stay`. Nulls come in bursts (captions, footers, a missing page), so going on is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Priors {
    /// ln p of every bead type.
    pub(crate) bead: [f32; COUNT],
    /// ln p of opening a run of source nulls.
    pub(crate) source_null: f32,
    /// ln p of opening a run of target nulls.
    pub(crate) target_null: f32,
    /// ln p of another null in a run.
    pub(crate) stay: f32,
    /// ln of what a step is worth that leaves a run of source nulls, over the same step elsewhere.
    pub(crate) leave_source: f32,
    /// The same for target nulls.
    pub(crate) leave_target: f32,
}

/// Prior weights of the step types, before a document has spoken: about what Gale & Church (1993, table 5) counted,
/// with more room for merges and nulls; each further segment on the long side makes a bead a quarter as likely.
fn base(n: u8, m: u8) -> f64 {
    let (small, large) = (n.min(m), n.max(m));
    match (small, large) {
        (1, 1) => 0.80,
        (1, _) => 0.055 * 0.25f64.powi(i32::from(large) - 2),
        _ => 0.012 * 0.25f64.powi(i32::from(n) + i32::from(m) - 4),
    }
}

/// Weights of the bead types before a document has spoken.
#[derive(Clone, Debug)]
pub(crate) struct Base([f64; COUNT]);

impl Base {
    /// As translations are on the whole.
    pub(crate) fn usual() -> Self {
        Self(TYPES.map(|(n, m)| base(n, m)))
    }

    /// As a whole translation is that has `ratio` target segments a source segment: of all distributions whose beads
    /// have so many on the mean, the one nearest to the usual (Csiszár 1975: its weights times exp θ(m − ratio n)).
    pub(crate) fn of_ratio(ratio: f64) -> Self {
        // What the mean lacks grows with θ; the clamp keeps its root where the types have one.
        let ratio = ratio.clamp(1.0 / 6.0, 6.0);
        let usual = Self::usual().0;
        let excess = |k: usize| f64::from(TYPES[k].1) - ratio * f64::from(TYPES[k].0);
        let tilted = |theta: f64| std::array::from_fn(|k| usual[k] * (theta * excess(k)).exp());
        let lack =
            |theta: f64| tilted(theta).iter().enumerate().map(|(k, w): (usize, &f64)| w * excess(k)).sum::<f64>();
        let (mut low, mut high) = (-20.0, 20.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if lack(middle) < 0.0 { low = middle } else { high = middle }
        }
        Self(tilted(low))
    }
}

/// Prior probability of opening a run of nulls, a side.
const NULL: f64 = 0.025;

/// Prior probability that a run of nulls goes on, and how many observations that is worth.
const STAY: (f64, f64) = (0.5, 20.0);

/// How many beads the base weights are worth against the document's own counts, and how many steps what they say of runs
/// of nulls: how segments are merged is a translator's habit, what is left out this document's alone.
const WEIGHT: f64 = 30.0;
const WEIGHT_OF_NULLS: f64 = 10.0;

/// Expected counts of steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Beads of every type.
    pub(crate) bead: [f64; COUNT],
    /// Runs opened: source, target.
    pub(crate) opened: [f64; 2],
    /// Nulls: source, target.
    pub(crate) nulls: [f64; 2],
}

/// The first so many of [`TYPES`], those of up to five segments, serve the first pass, which only looks for the path. What
/// is learned there depends on them: docs/accuracy.md, coarse to fine.
pub(crate) const FEW: usize = 8;

impl Priors {
    /// The base weights alone.
    pub(crate) fn base() -> Self {
        Self::fit(&Base::usual(), &Counts::default())
    }

    /// No step is likelier than another.
    pub(crate) fn none() -> Self {
        Self { bead: [0.0; COUNT], source_null: 0.0, target_null: 0.0, stay: 0.0, leave_source: 0.0, leave_target: 0.0 }
    }

    /// For blocks of text in the coarse pass: mostly a block for a block; skipping goes on cheaply, since what is
    /// missing there is a chapter.
    pub(crate) fn coarse() -> Self {
        let (open, stay) = (0.03f64, 0.9f64);
        let leave = ((1.0 - stay) / (1.0 - open)).ln() as f32;
        let mut bead = [f32::NEG_INFINITY; COUNT];
        bead[0] = (1.0 - 2.0 * open).ln() as f32;
        let open = open.ln() as f32;
        let stay = stay.ln() as f32;
        Self { bead, source_null: open, target_null: open, stay, leave_source: leave, leave_target: leave }
    }

    /// Priors as weak as scores that are divided by `temperature`.
    pub(crate) fn tempered(&self, temperature: f32) -> Self {
        Self {
            bead: self.bead.map(|p| p / temperature),
            source_null: self.source_null / temperature,
            target_null: self.target_null / temperature,
            stay: self.stay / temperature,
            leave_source: self.leave_source / temperature,
            leave_target: self.leave_target / temperature,
        }
    }

    /// Base weights and counts together.
    pub(crate) fn fit(base: &Base, counts: &Counts) -> Self {
        let weight = base.0;
        let sum: f64 = weight.iter().sum();
        let null = NULL / (sum + 2.0 * NULL);
        let beads: f64 = counts.bead.iter().sum();
        let steps = beads + counts.opened.iter().sum::<f64>();
        let open = counts.opened.map(|seen| (null * WEIGHT_OF_NULLS + seen) / (steps + WEIGHT_OF_NULLS));
        let filled = (1.0 - open[0] - open[1]) / (beads + WEIGHT);
        let bead = |k: usize| ((weight[k] / sum * WEIGHT + counts.bead[k]) * filled).ln() as f32;
        let nulls: f64 = counts.nulls.iter().sum();
        let opened: f64 = counts.opened.iter().sum();
        let stay = ((nulls - opened).max(0.0) + STAY.0 * STAY.1) / (nulls + STAY.1);
        let stay = stay.clamp(0.2, 0.97);
        let leave = |open: f64| ((1.0 - stay) / (1.0 - open)).ln() as f32;
        Self {
            bead: std::array::from_fn(bead),
            source_null: open[0].ln() as f32,
            target_null: open[1].ln() as f32,
            stay: stay.ln() as f32,
            leave_source: leave(open[0]),
            leave_target: leave(open[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_a_distribution() {
        let p = Priors::base();
        let sum: f32 = p.bead.iter().chain([&p.source_null, &p.target_null]).map(|x| x.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
    }

    #[test]
    fn a_base_has_the_ratio_asked_and_is_else_as_usual() {
        for ratio in [0.3, 0.6, 1.0, 1.7, 4.0] {
            let weights = Base::of_ratio(ratio).0;
            let mean = |side: fn((u8, u8)) -> u8| -> f64 {
                TYPES.iter().zip(&weights).map(|(&t, w)| f64::from(side(t)) * w).sum()
            };
            let is = mean(|t| t.1) / mean(|t| t.0);
            assert!((is / ratio - 1.0).abs() < 1e-6, "{is} for {ratio}");
        }
        let (same, usual) = (Base::of_ratio(1.0).0, Base::usual().0);
        assert!(same.iter().zip(&usual).all(|(a, b)| (a / b - 1.0).abs() < 1e-6));
    }
}
