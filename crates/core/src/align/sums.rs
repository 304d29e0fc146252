//! Sums over all paths through a band: what is probable.
//!
//! States, steps and the order of both are those of `dp`. Time and memory are linear in the band: 40 bytes a node beside
//! the scores, in whose place the posteriors come to stand.

use std::ops::Range;

use super::band::Band;
use super::beads::Priors;
use super::dp::{NONE, Run, Steps};
use super::table::Table;
use crate::evidence::fastmath::{exp, ln_f64};

/// Posterior probabilities over all paths in a band.
#[derive(Clone, Debug)]
pub(crate) struct Posterior {
    /// The probability of exactly this bead.
    pub(crate) bead: Table,
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
const MASS: f64 = 1e-4;

/// Ignored below this difference to the largest summand (e⁻³⁰).
const NEGLIGIBLE: f64 = 30.0;

/// Forward and backward sums. `scores` is turned into posteriors in place.
pub(crate) fn posterior(band: &Band, scores: Table, priors: &Priors) -> Posterior {
    let steps = Steps::new(priors);
    let odds = Odds::new(&steps);
    let forward = Forward::of(band, &scores, &steps, &odds.into);
    backward(band, scores, &steps, &odds.from, &forward)
}

/// ln of the sum over all ways to a node, in each state, and with a bead to follow.
struct Forward {
    m: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    open: Vec<f64>,
    /// Of the whole.
    total: f64,
}

impl Forward {
    fn of(band: &Band, scores: &Table, p: &Steps, [into_open, into_x, into_y]: &[[f64; 3]; 3]) -> Self {
        let nodes = band.nodes();
        let none = || vec![NONE; nodes];
        let (mut m, mut x, mut y, mut open) = (none(), none(), none(), none());
        let mut terms = Terms::default();
        m[0] = 0.0;
        for i in 0..band.rows() {
            let (low, high) = band.row(i);
            terms.clear(high - low + 1);
            for (k, run) in Run::ending(band, i, scores) {
                let before = open[run.nodes].iter();
                terms.add(k, run.here, before.zip(run.values).map(|(o, s)| o + f64::from(p.bead[k] + s)));
            }
            let first = band.first(i);
            if i > 0 {
                terms.sum(&mut m[first..first + high - low + 1]);
            }
            for at in first..=first + high - low {
                // Nulls were carried here from the nodes above and on the left.
                let here = Sums::of(m[at], x[at], y[at]);
                open[at] = here.ln(*into_open);
                if let Some(below) = band.node(i + 1, at - first + low) {
                    x[below] = here.ln(*into_x);
                }
                if at < first + high - low {
                    y[at + 1] = here.ln(*into_y);
                }
            }
        }
        let end = nodes - 1;
        let total = Sums::of(m[end], x[end], y[end]).ln([1.0; 3]);
        Self { m, x, y, open, total }
    }
}

/// What is still to come from a node in each state, row by row from the end; and with it and what was before, all
/// posteriors.
fn backward(
    band: &Band,
    mut scores: Table,
    p: &Steps,
    [from_m, from_x, from_y]: &[[f64; 3]; 3],
    Forward { m, x, y, open, total }: &Forward,
) -> Posterior {
    let total = *total;
    let (rows, target, end) = (band.rows(), band.target(), band.nodes() - 1);
    let mut to_m = vec![NONE; band.nodes()];
    // From the nodes of the row below in a run of source nulls.
    let (mut to_x, mut below) = (Vec::new(), Vec::new());
    let (mut source_null, mut target_null) = (vec![0.0; rows - 1], vec![0.0; target]);
    let mut opened = [0.0f64; 2];
    let (mut limits, mut middle) = (vec![(u32::MAX, 0u32); rows], vec![0u32; rows]);
    let (mut terms, mut from_open) = (Terms::default(), Vec::new());
    for i in (0..rows).rev() {
        let (low, high) = band.row(i);
        let (first, width) = (band.first(i), high - low + 1);
        terms.clear(width);
        for (k, run) in Run::starting(band, i, &scores) {
            let after = to_m[run.nodes].iter();
            terms.add(k, run.here, run.values.iter().zip(after).map(|(s, to)| f64::from(p.bead[k] + s) + to));
        }
        from_open.clear();
        from_open.resize(width, NONE);
        terms.sum(&mut from_open);
        terms.posteriors(&open[first..first + width], total, scores.row_mut(band, i));
        std::mem::swap(&mut to_x, &mut below);
        to_x.clear();
        to_x.resize(width, NONE);
        let mut to_y = NONE;
        let (mut passed, mut weighted) = (0.0, 0.0);
        for j in (low..=high).rev() {
            let at = first + j - low;
            if at == end {
                (to_m[at], to_x[j - low], to_y) = (0.0, 0.0, 0.0);
                limits[i] = (j as u32, j as u32);
                (passed, weighted) = (1.0, j as f64);
                continue;
            }
            let down = band.node(i + 1, j).map_or(NONE, |node| below[node - band.first(i + 1)]);
            let right = if j < high { to_y } else { NONE };
            let ahead = Sums::of(from_open[j - low], down, right);
            to_m[at] = ahead.ln(*from_m);
            to_x[j - low] = ahead.ln(*from_x);
            to_y = ahead.ln(*from_y);
            let (by_m, by_x, by_y) = (m[at] + to_m[at] - total, x[at] + to_x[j - low] - total, y[at] + to_y - total);
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
    let (source_null, target_null) = (bounded(source_null), bounded(target_null));
    Posterior { bead: scores, limits, middle, source_null, target_null, opened, total }
}

/// Logarithms to be summed at each node of a row: of the beads that end there, or start there.
#[derive(Default)]
struct Terms {
    width: usize,
    /// The largest at each node.
    top: Vec<f64>,
    /// Type, nodes, and where their values begin in `values`.
    runs: Vec<(usize, Range<usize>, usize)>,
    values: Vec<f64>,
    sums: Vec<f64>,
}

impl Terms {
    fn clear(&mut self, width: usize) {
        self.width = width;
        self.top.clear();
        self.top.resize(width, NONE);
        self.runs.clear();
        self.values.clear();
    }

    /// Adds a term at each of the nodes `here`.
    fn add(&mut self, k: usize, here: Range<usize>, terms: impl Iterator<Item = f64>) {
        let from = self.values.len();
        self.values.extend(terms);
        for (top, &v) in self.top[here.clone()].iter_mut().zip(&self.values[from..]) {
            *top = if v > *top { v } else { *top };
        }
        self.runs.push((k, here, from));
    }

    /// ln of the sum at each node, into `out`; −∞ where there is nothing.
    fn sum(&mut self, out: &mut [f64]) {
        self.sums.clear();
        self.sums.resize(self.width, 0.0);
        for (_, here, from) in &self.runs {
            let sums = self.sums[here.clone()].iter_mut().zip(&self.top[here.clone()]);
            for ((sum, &top), &v) in sums.zip(&self.values[*from..]) {
                // A finite top: −∞ less −∞ is no number.
                *sum += exp(v - top.max(f64::MIN));
            }
        }
        for ((out, &top), &sum) in out.iter_mut().zip(&self.top).zip(&self.sums) {
            *out = if top > NONE { top + ln_f64(sum) } else { NONE };
        }
    }

    /// Probabilities of the beads, into the row's values: `open` is what is before the nodes.
    fn posteriors(&self, open: &[f64], total: f64, out: &mut [f32]) {
        out.fill(0.0);
        for (k, here, from) in &self.runs {
            let out = out[k * self.width..][here.clone()].iter_mut();
            for ((out, &open), &v) in out.zip(&open[here.clone()]).zip(&self.values[*from..]) {
                let p = open + v - total;
                *out = if p > -NEGLIGIBLE { exp(p.min(0.0)) as f32 } else { 0.0 };
            }
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
