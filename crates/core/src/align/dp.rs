//! The dynamic program: best path and forward-backward sums over a band.
//!
//! A path is a walk from node (0, 0) to node (n, m). At a node it is in one of three states: behind a bead (M), in a run
//! of source nulls (X), or in a run of target nulls (Y):
//!
//! ```text
//!            bead (a, b)                     M(i,j) = max over types (a,b) of  O(i−a, j−b) + prior + score
//!   (i−a,j−b) ─────────▶ (i,j)               X(i,j) = max( M + open, X + stay, Y + leave + open )   at (i−1, j)
//!     │ target null          │ source null   Y(i,j) = max( M + open, Y + stay, X + leave + open )   at (i, j−1)
//!     ▼                      ▼               O(i,j) = max( M, X + leave, Y + leave )    at (i, j): a bead may start
//! ```
//!
//! Two runs of nulls may follow each other in either order; the state order M, X, Y and the order of
//! [`super::beads::TYPES`] break ties. Scores are f32, totals f64 (f32 totals change the path on long texts).
//! Back-pointers: one byte a node for beads and O, one for X and Y:
//!
//! ```text
//! bead byte:  bits 0–4 type of the bead that ends here (31: none); bits 5–6 state O came from (0 M, 1 X, 2 Y)
//! null byte:  bits 0–1 state before X; bits 2–3 state before Y
//! ```
//!
//! Time and memory are linear in the band: 24 types a node, about 50 bytes a node at the peak (forward-backward).

use super::band::{Band, Row};
use super::beads::{COUNT, Priors, TYPES};
use crate::evidence::fastmath::{exp, ln_f64};

/// Scores of every bead that starts at a node: `types` values a node, for the first `types` of [`TYPES`].
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    /// Bead types looked at.
    pub(crate) types: usize,
    /// Log-odds, −∞ where the bead's end lies outside the band.
    pub(crate) values: Vec<f32>,
}

impl Scores {
    /// Scores of evidence that is `temperature` times less sure.
    pub(crate) fn tempered(mut self, temperature: f32) -> Self {
        self.values.iter_mut().for_each(|v| *v /= temperature);
        self
    }
}

const NONE: f64 = f64::NEG_INFINITY;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A bead of the type with this index.
    Bead(u8),
    /// A source segment without partner.
    SourceNull,
    /// A target segment without partner.
    TargetNull,
}

/// The best path and its total.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// Steps from the start.
    pub(crate) steps: Vec<Step>,
    /// Sum of priors and scores.
    pub(crate) total: f64,
}

/// The three ways into a state, with the tie rule: the first of the largest.
#[inline]
fn best3(a: f64, b: f64, c: f64) -> (f64, u8) {
    if a >= b && a >= c {
        (a, 0)
    } else if b >= c {
        (b, 1)
    } else {
        (c, 2)
    }
}

/// The best path through `band`; `scores` as [`crate::evidence::Evidence::score`] gives them.
pub(crate) fn best_path(band: &Band, scores: &Scores, priors: &Priors) -> Path {
    let (types, scores) = (scores.types, &scores.values);
    let nodes = band.nodes();
    // `open` is O; X and Y are only needed one row back, but rows vary in width, so all are kept.
    let (mut open, mut x, mut y, mut m) = (vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes]);
    let (mut bead_byte, mut null_byte) = (vec![31u8; nodes], vec![0u8; nodes]);
    let p = Steps::new(priors);
    for i in 0..band.rows() {
        let (low, high) = band.row(i);
        let before = TYPES.map(|(a, _)| i.checked_sub(usize::from(a)).map_or(Row::OUTSIDE, |i| band.line(i)));
        for j in low..=high {
            let at = band.first(i) + j - low;
            let mut behind = if i == 0 && j == 0 { 0.0 } else { NONE };
            let mut kind = 31;
            for (k, (row, &(_, b))) in before.iter().zip(&TYPES[..types]).enumerate() {
                let Some(from) = j.checked_sub(usize::from(b)).and_then(|j| row.node(j)) else { continue };
                let v = open[from] + f64::from(p.bead[k] + scores[from * types + k]);
                if v > behind {
                    behind = v;
                    kind = k as u8;
                }
            }
            m[at] = behind;
            let mut nulls = 0;
            if i > 0
                && let Some(f) = band.node(i - 1, j)
            {
                let (v, s) = best3(m[f] + p.open_x, x[f] + p.stay, y[f] + p.leave_y + p.open_x);
                x[at] = v;
                nulls |= s;
            }
            if j > low {
                let f = at - 1;
                let (v, s) = best3(m[f] + p.open_y, x[f] + p.leave_x + p.open_y, y[f] + p.stay);
                y[at] = v;
                nulls |= s << 2;
            }
            let (v, s) = best3(behind, x[at] + p.leave_x, y[at] + p.leave_y);
            open[at] = v;
            bead_byte[at] = kind | s << 5;
            null_byte[at] = nulls;
        }
    }
    let (mut i, mut j) = (band.rows() - 1, band.target());
    let end = nodes - 1;
    let (total, mut state) = best3(m[end], x[end], y[end]);
    let mut steps = Vec::new();
    while (i, j) != (0, 0) {
        let at = band.node(i, j).expect("a path stays in its band");
        match state {
            0 => {
                let k = bead_byte[at] & 31;
                let (a, b) = TYPES[usize::from(k)];
                steps.push(Step::Bead(k));
                i -= usize::from(a);
                j -= usize::from(b);
                let from = band.node(i, j).expect("a bead starts in its band");
                state = bead_byte[from] >> 5;
            }
            1 => {
                steps.push(Step::SourceNull);
                state = null_byte[at] & 3;
                i -= 1;
            }
            _ => {
                steps.push(Step::TargetNull);
                state = null_byte[at] >> 2 & 3;
                j -= 1;
            }
        }
    }
    steps.reverse();
    Path { steps, total }
}

/// Priors as f64 sums.
struct Steps {
    bead: [f32; COUNT],
    open_x: f64,
    open_y: f64,
    stay: f64,
    leave_x: f64,
    leave_y: f64,
}

impl Steps {
    fn new(p: &Priors) -> Self {
        Self {
            bead: p.bead,
            open_x: f64::from(p.source_null),
            open_y: f64::from(p.target_null),
            stay: f64::from(p.stay),
            leave_x: f64::from(p.leave_source),
            leave_y: f64::from(p.leave_target),
        }
    }
}

/// Three logarithms as multiples of the largest of them, so that sums of them cost one logarithm and no power.
struct Sums {
    top: f64,
    /// eᵃ⁻ᵗᵒᵖ and so on.
    parts: [f64; 3],
}

impl Sums {
    #[inline]
    fn of(a: f64, b: f64, c: f64) -> Self {
        let top = a.max(b).max(c);
        let parts = if top == NONE { [0.0; 3] } else { [exp(a - top), exp(b - top), exp(c - top)] };
        Self { top, parts }
    }

    /// ln(u eᵃ + v eᵇ + w eᶜ).
    #[inline]
    fn ln(&self, [u, v, w]: [f64; 3]) -> f64 {
        if self.top == NONE {
            return NONE;
        }
        self.top + ln_f64(u * self.parts[0] + v * self.parts[1] + w * self.parts[2])
    }
}

/// What a step between states is worth, not as a logarithm.
struct Odds {
    /// Into O, X and Y; of each, from M, X and Y.
    into: [[f64; 3]; 3],
    /// The same from M, X and Y; of each, into O, X and Y.
    from: [[f64; 3]; 3],
}

impl Odds {
    fn new(p: &Steps) -> Self {
        let [open_x, open_y, stay, leave_x, leave_y] = [p.open_x, p.open_y, p.stay, p.leave_x, p.leave_y].map(f64::exp);
        let into = [[1.0, leave_x, leave_y], [open_x, stay, leave_y * open_x], [open_y, leave_x * open_y, stay]];
        Self { into, from: std::array::from_fn(|state| into.map(|row| row[state])) }
    }
}

/// Posterior probabilities over all paths in a band.
#[derive(Clone, Debug)]
pub(crate) struct Posterior {
    /// Bead types looked at.
    pub(crate) types: usize,
    /// Per starting node and bead type, as [`Scores`]: the probability of exactly this bead.
    pub(crate) bead: Vec<f32>,
    /// Per row, the first and the last node (j) that a path passes with a probability above [`MASS`].
    pub(crate) limits: Vec<(u32, u32)>,
    /// Per row, the mean node that paths pass.
    pub(crate) middle: Vec<u32>,
    /// Probability that a source segment is null.
    pub(crate) source_null: Vec<f32>,
    /// Probability that a target segment is null.
    pub(crate) target_null: Vec<f32>,
    /// Expected number of runs of nulls opened: source, target.
    pub(crate) opened: [f64; 2],
    /// ln of the sum over all paths; tests hold it against an oracle.
    pub(crate) total: f64,
}

/// Nodes passed with less probability are left out of the next, narrower band.
const MASS: f64 = 1e-5;

/// Ignored below this difference to the largest summand (e⁻³⁰).
const NEGLIGIBLE: f64 = 30.0;

/// Forward and backward sums. `scores` is turned into posteriors in place.
pub(crate) fn posterior(band: &Band, scores: Scores, priors: &Priors) -> Posterior {
    let Scores { types, values: mut scores } = scores;
    let nodes = band.nodes();
    let p = Steps::new(priors);
    let (mut m, mut x, mut y, mut open) = (vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes]);
    let Odds { into: [into_open, into_x, into_y], from: [from_m, from_x, from_y] } = Odds::new(&p);
    let mut terms = [(0.0f64, 0usize); COUNT];
    for i in 0..band.rows() {
        let (low, high) = band.row(i);
        let before = TYPES.map(|(a, _)| i.checked_sub(usize::from(a)).map_or(Row::OUTSIDE, |i| band.line(i)));
        for j in low..=high {
            let at = band.first(i) + j - low;
            let mut count = 0;
            let mut top = if i == 0 && j == 0 { 0.0 } else { NONE };
            let start = top;
            for (k, (row, &(_, b))) in before.iter().zip(&TYPES[..types]).enumerate() {
                let Some(from) = j.checked_sub(usize::from(b)).and_then(|j| row.node(j)) else { continue };
                let v = open[from] + f64::from(p.bead[k] + scores[from * types + k]);
                if v > NONE {
                    terms[count] = (v, k);
                    count += 1;
                    top = top.max(v);
                }
            }
            if top > NONE {
                let mut sum = exp(start - top);
                for &(v, _) in &terms[..count] {
                    if top - v < NEGLIGIBLE {
                        sum += exp(v - top);
                    }
                }
                m[at] = top + ln_f64(sum);
            }
            // Nulls were carried here from the nodes above and on the left.
            let here = Sums::of(m[at], x[at], y[at]);
            open[at] = here.ln(into_open);
            if let Some(below) = band.node(i + 1, j) {
                x[below] = here.ln(into_x);
            }
            if j < high {
                y[at + 1] = here.ln(into_y);
            }
        }
    }
    let end = nodes - 1;
    let total = Sums::of(m[end], x[end], y[end]).ln([1.0; 3]);
    // Backward: what is still to come from a node in each state; `to_*` replace nothing, posteriors replace scores.
    let (mut to_m, mut to_x, mut to_y) = (vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes]);
    let (rows, target) = (band.rows(), band.target());
    let mut source_null = vec![0.0f64; rows - 1];
    let mut target_null = vec![0.0f64; target];
    let mut opened = [0.0f64; 2];
    let mut limits = vec![(u32::MAX, 0u32); rows];
    let mut middle = vec![0u32; rows];
    for i in (0..rows).rev() {
        let (low, high) = band.row(i);
        let (mut passed, mut weighted) = (0.0, 0.0);
        let after = TYPES.map(|(a, _)| band.line(i + usize::from(a)));
        for j in (low..=high).rev() {
            let at = band.first(i) + j - low;
            let mut count = 0;
            let mut top = NONE;
            for (k, ((row, &(_, b)), &s)) in
                after.iter().zip(&TYPES[..types]).zip(&scores[at * types..(at + 1) * types]).enumerate()
            {
                if s == f32::NEG_INFINITY {
                    continue;
                }
                let Some(next) = row.node(j + usize::from(b)) else { continue };
                let v = f64::from(p.bead[k] + s) + to_m[next];
                terms[count] = (v, k);
                count += 1;
                top = top.max(v);
            }
            let mut sum = 0.0;
            for &(v, _) in &terms[..count] {
                if top - v < NEGLIGIBLE {
                    sum += exp(v - top);
                }
            }
            let from_open = if top > NONE { top + ln_f64(sum) } else { NONE };
            let row = &mut scores[at * types..(at + 1) * types];
            row.fill(0.0);
            for &(v, k) in &terms[..count] {
                let p = open[at] + v - total;
                if p > -NEGLIGIBLE {
                    row[k] = exp(p.min(0.0)) as f32;
                }
            }
            if at == end {
                (to_m[at], to_x[at], to_y[at]) = (0.0, 0.0, 0.0);
                limits[i] = (j as u32, j as u32);
                (passed, weighted) = (1.0, j as f64);
                continue;
            }
            let down = if i + 1 < rows { band.node(i + 1, j).map_or(NONE, |f| to_x[f]) } else { NONE };
            let right = if j < high { to_y[at + 1] } else { NONE };
            let ahead = Sums::of(from_open, down, right);
            to_m[at] = ahead.ln(from_m);
            to_x[at] = ahead.ln(from_x);
            to_y[at] = ahead.ln(from_y);
            let (by_m, by_x, by_y) = (m[at] + to_m[at] - total, x[at] + to_x[at] - total, y[at] + to_y[at] - total);
            if by_m.max(by_x).max(by_y) < -NEGLIGIBLE {
                continue;
            }
            if down > NONE {
                let enter = exp(m[at] + p.open_x + down - total) + exp(y[at] + p.leave_y + p.open_x + down - total);
                opened[0] += enter;
                source_null[i] += enter + exp(x[at] + p.stay + down - total);
            }
            if right > NONE {
                let enter = exp(m[at] + p.open_y + right - total) + exp(x[at] + p.leave_x + p.open_y + right - total);
                opened[1] += enter;
                target_null[j] += enter + exp(y[at] + p.stay + right - total);
            }
            let mass = exp(by_m) + exp(by_x) + exp(by_y);
            passed += mass;
            weighted += mass * j as f64;
            if mass > MASS {
                limits[i] = (limits[i].0.min(j as u32), limits[i].1.max(j as u32));
            }
        }
        middle[i] = if passed > 0.0 { (weighted / passed) as u32 } else { low as u32 };
    }
    let bounded = |v: Vec<f64>| v.into_iter().map(|p| p.clamp(0.0, 1.0) as f32).collect();
    Posterior {
        types,
        bead: scores,
        limits,
        middle,
        source_null: bounded(source_null),
        target_null: bounded(target_null),
        opened,
        total,
    }
}
