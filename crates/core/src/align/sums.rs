//! Sums over all paths through a band: what is probable.
//!
//! States, steps and the order of both are those of `dp`, with sums of products in place of maxima of sums. The values of
//! a row share one scale, which is moved where they would leave the range of f64 (Rabiner 1989, section V.A): a logarithm
//! a row, and none a node. A way to a node that is e¹⁰⁰⁰ times less probable than the likeliest to its row is lost; if
//! the sums of both directions differ for that, the likeliest path stands for all. Time and memory are linear in the
//! band: 48 bytes a node beside the scores, in whose place the posteriors come to stand.

use std::ops::Range;

use super::band::Band;
use super::beads::{COUNT, MOST, Priors};
use super::dp::{self, Run, Step, Steps};
use super::table::Table;
use crate::evidence::fastmath::{exp, exp_f32, ln_f64};

/// Posterior probabilities over all paths in a band.
#[derive(Clone, Debug)]
pub(crate) struct Posterior {
    /// The probability of exactly this bead.
    pub(crate) bead: Table,
    /// Per row, the first and the last node (j) that a path passes with a probability above [`MASS`].
    pub(crate) limits: Vec<(u32, u32)>,
    /// Per row, the mean node that paths pass.
    pub(crate) middle: Vec<u32>,
    /// Whether all paths but [`MASS`] pass one and the same node of a row.
    pub(crate) firm: Vec<bool>,
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

/// Where a row's largest value may lie, so that products of two of them and of a bead's odds are in the range of f64;
/// and where it is put.
const ROOM: Range<f64> = 1e100..1e130;
const MIDDLE: f64 = 1e115;

/// Sums of both directions that differ by more, in nats, have lost paths.
const LOST: f64 = 0.01;

/// Forward and backward sums. `scores` is turned into posteriors in place.
pub(crate) fn posterior(band: &Band, scores: Table, priors: &Priors) -> Posterior {
    let Products { beads, odds, .. } = Products::of(band, scores, priors);
    let (ahead, left) = (forward(band, &beads, &odds), backward(band, &beads, &odds));
    if (ahead.total - left.total).abs() < LOST && ahead.total.is_finite() {
        return both(band, beads, &odds, &ahead, &left);
    }
    likeliest(band, beads, priors)
}

/// Scores and priors as the factors that sums are made of.
#[derive(Clone, Debug)]
pub(crate) struct Products {
    /// What every bead is worth that starts and ends in the band; of others, anything.
    pub(crate) beads: Table,
    /// The other steps.
    odds: Odds,
    priors: Priors,
}

impl Products {
    pub(crate) fn of(band: &Band, mut scores: Table, priors: &Priors) -> Self {
        let steps = Steps::new(priors);
        for i in 0..band.rows() {
            let low = band.row(i).0;
            for (k, size) in scores.types() {
                // Nobody asks for the others.
                let starts = band.starts(i, size);
                if !starts.is_empty() {
                    let run = &mut scores.run_mut(band, i, k)[starts.start - low..starts.end - low];
                    run.iter_mut().for_each(|v| *v = exp_f32(steps.bead[k] + *v));
                }
            }
        }
        Self { beads: scores, odds: Odds::new(&steps), priors: priors.clone() }
    }

    /// ln of the sum over all paths, by the forward sums alone: half of the time of [`posterior`]. For bands so small
    /// that no way to a row is e¹⁰⁰⁰ times less probable than another and wins yet.
    pub(crate) fn total(&self, band: &Band) -> f64 {
        let total = forward(band, &self.beads, &self.odds).total;
        if total.is_finite() { total } else { likeliest(band, self.beads.clone(), &self.priors).total }
    }
}

/// Sums over the ways to every node in each state, or over those from it.
struct Sums {
    m: Vec<f64>,
    x: Vec<f64>,
    y: Vec<f64>,
    /// What the values of each row are to be multiplied with, as a logarithm.
    scale: Vec<f64>,
    /// ln of the sum over all paths.
    total: f64,
}

impl Sums {
    fn new(band: &Band) -> Self {
        let none = || vec![0.0; band.nodes()];
        Self { m: none(), x: none(), y: none(), scale: vec![0.0; band.rows()], total: 0.0 }
    }

    /// Puts row `i`, nodes `row`, into [`ROOM`].
    fn settle(&mut self, i: usize, row: Range<usize>) {
        let rows = [&mut self.m[row.clone()], &mut self.x[row.clone()], &mut self.y[row]];
        let top = rows.iter().flat_map(|row| row.iter()).fold(0.0f64, |top, &v| if v > top { v } else { top });
        if top > 0.0 && !ROOM.contains(&top) {
            let by = (MIDDLE / top).min(1.0 / f64::MIN_POSITIVE);
            rows.into_iter().flatten().for_each(|v| *v *= by);
            self.scale[i] -= ln_f64(by);
        }
    }
}

/// What lies before every node.
fn forward(band: &Band, beads: &Table, Odds { into: [into_open, into_x, into_y], .. }: &Odds) -> Sums {
    let mut sums = Sums::new(band);
    // With a bead to follow.
    let mut open = vec![0.0; band.nodes()];
    (sums.m[0], sums.scale[0]) = (MIDDLE, -ln_f64(MIDDLE));
    for i in 0..band.rows() {
        let row = places(band, i);
        if i > 0 {
            sums.scale[i] = sums.scale[i - 1];
            for (_, run) in Run::ending(band, i, beads) {
                let by = apart(sums.scale[run.row], sums.scale[i]);
                let to = &mut sums.m[row.clone()][run.here];
                to.iter_mut()
                    .zip(&open[run.nodes])
                    .zip(run.values)
                    .for_each(|((to, o), &v)| *to += o * by * f64::from(v));
            }
            let (above, here) = beside(band, i - 1);
            for (from, to) in above.zip(here) {
                sums.x[to] = dot(into_x, [sums.m[from], sums.x[from], sums.y[from]]);
            }
        }
        let mut left = 0.0;
        for at in row.clone() {
            sums.y[at] = left;
            left = dot(into_y, [sums.m[at], sums.x[at], left]);
        }
        sums.settle(i, row.clone());
        for at in row {
            open[at] = dot(into_open, [sums.m[at], sums.x[at], sums.y[at]]);
        }
    }
    let end = band.nodes() - 1;
    sums.total = log(sums.m[end] + sums.x[end] + sums.y[end]) + sums.scale[band.rows() - 1];
    sums
}

/// What is still to come from every node.
fn backward(band: &Band, beads: &Table, Odds { from: [from_m, from_x, from_y], .. }: &Odds) -> Sums {
    let mut sums = Sums::new(band);
    let last = band.rows() - 1;
    let (mut open, mut down) = (Vec::new(), Vec::new());
    for i in (0..=last).rev() {
        let row = places(band, i);
        sums.scale[i] = if i == last { -ln_f64(MIDDLE) } else { sums.scale[i + 1] };
        for next in [&mut open, &mut down] {
            next.clear();
            next.resize(row.len(), 0.0f64);
        }
        for (_, run) in Run::starting(band, i, beads) {
            let by = apart(sums.scale[run.row], sums.scale[i]);
            let (open, after) = (&mut open[run.here], &sums.m[run.nodes]);
            open.iter_mut().zip(after).zip(run.values).for_each(|((open, to), &v)| *open += to * by * f64::from(v));
        }
        if i < last {
            let (here, below) = beside(band, i);
            down[here.start - row.start..here.end - row.start].copy_from_slice(&sums.x[below]);
        }
        let mut right = 0.0;
        for at in row.clone().rev() {
            let next = [open[at - row.start], down[at - row.start], right];
            (sums.m[at], sums.x[at], right) = (dot(from_m, next), dot(from_x, next), dot(from_y, next));
            if at + 1 == band.nodes() {
                (sums.m[at], sums.x[at], right) = (MIDDLE, MIDDLE, MIDDLE);
            }
            sums.y[at] = right;
        }
        sums.settle(i, row);
    }
    sums.total = log(sums.m[0]) + sums.scale[0];
    sums
}

/// Posteriors from what lies before every node and what is still to come; `beads` are the beads' odds.
fn both(band: &Band, mut beads: Table, odds: &Odds, before: &Sums, after: &Sums) -> Posterior {
    let [into_open, into_x, into_y] = &odds.into;
    let (rows, target, total) = (band.rows(), band.target(), before.total);
    let (mut source_null, mut target_null) = (vec![0.0f64; rows - 1], vec![0.0f64; target]);
    let mut opened = [0.0f64; 2];
    let (mut limits, mut middle) = (vec![(u32::MAX, 0u32); rows], vec![0u32; rows]);
    let mut firm = vec![false; rows];
    let mut open = Vec::new();
    for i in 0..rows {
        let (low, _) = band.row(i);
        let row = places(band, i);
        // What makes a probability of a value of this row and one of the row `n` below, at n.
        let shares: [f64; MOST + 1] =
            std::array::from_fn(|n| after.scale.get(i + n).map_or(0.0, |scale| exp(before.scale[i] + scale - total)));
        let state = |at: usize, by: f64| [before.m[at] * by, before.x[at] * by, before.y[at] * by];
        open.clear();
        open.extend(row.clone().map(|at| dot(into_open, [before.m[at], before.x[at], before.y[at]])));
        for (k, (n, m)) in beads.types() {
            let starts = band.starts(i, (n, m));
            let values = beads.run_mut(band, i, k);
            if starts.is_empty() {
                values.fill(0.0);
                continue;
            }
            let (here, by) = (starts.start - low..starts.end - low, shares[n]);
            values[..here.start].fill(0.0);
            values[here.end..].fill(0.0);
            let to = &after.m[band.places(i + n, &(starts.start + m..starts.end + m))];
            for ((v, o), to) in values[here.clone()].iter_mut().zip(&open[here]).zip(to) {
                *v = (o * by * f64::from(*v) * to).min(1.0) as f32;
            }
        }
        if i + 1 < rows {
            let (here, below) = beside(band, i);
            let by = shares[1];
            for (at, down) in here.zip(&after.x[below]) {
                let [m, x, y] = state(at, by);
                let enter = (into_x[0] * m + into_x[2] * y) * down;
                opened[0] += enter;
                source_null[i] += enter + into_x[1] * x * down;
            }
        }
        let by = shares[0];
        let (mut passed, mut weighted) = (0.0, 0.0);
        for (at, j) in row.clone().zip(low..) {
            let [m, x, y] = state(at, by);
            if at + 1 < row.end {
                let enter = (into_y[0] * m + into_y[1] * x) * after.y[at + 1];
                opened[1] += enter;
                target_null[j] += enter + into_y[2] * y * after.y[at + 1];
            }
            let mass = m * after.m[at] + x * after.x[at] + y * after.y[at];
            passed += mass;
            weighted += mass * j as f64;
            if mass > MASS {
                limits[i] = (limits[i].0.min(j as u32), limits[i].1.max(j as u32));
                firm[i] |= mass > 1.0 - MASS;
            }
        }
        middle[i] = if passed > 0.0 { (weighted / passed) as u32 } else { low as u32 };
    }
    let bounded = |v: Vec<f64>| v.into_iter().map(|p| p.clamp(0.0, 1.0) as f32).collect();
    let (source_null, target_null) = (bounded(source_null), bounded(target_null));
    Posterior { bead: beads, limits, middle, firm, source_null, target_null, opened, total }
}

/// The likeliest path for all: every one of its steps is certain. `scores` are [`products`].
fn likeliest(band: &Band, scores: Table, priors: &Priors) -> Posterior {
    let scores = scores.map(f32::ln);
    let path = dp::best_path(band, &scores, &Priors { bead: [0.0; COUNT], ..priors.clone() });
    let (mut source_null, mut target_null) = (vec![0.0; band.rows() - 1], vec![0.0; band.target()]);
    let (mut limits, mut middle) = (vec![(u32::MAX, 0u32); band.rows()], vec![0u32; band.rows()]);
    let (mut opened, mut before) = ([0.0; 2], None);
    let mut bead = scores.map(|_| 0.0);
    let (mut i, mut j) = (0, 0);
    let mut pass = |i: usize, j: usize| {
        limits[i] = (limits[i].0.min(j as u32), limits[i].1.max(j as u32));
        middle[i] = j as u32;
    };
    pass(0, 0);
    for &step in &path.steps {
        match step {
            Step::Bead(k) => bead.run_mut(band, i, usize::from(k))[j - band.row(i).0] = 1.0,
            Step::SourceNull => source_null[i] = 1.0,
            Step::TargetNull => target_null[j] = 1.0,
        }
        if before != Some(step) {
            opened[0] += f64::from(u8::from(step == Step::SourceNull));
            opened[1] += f64::from(u8::from(step == Step::TargetNull));
        }
        before = Some(step);
        let (n, m) = step.size();
        (i, j) = (i + n, j + m);
        pass(i, j);
    }
    // Rows that a bead leaps: the band around is drawn between those it touches.
    for i in 1..band.rows() {
        if limits[i].0 > limits[i].1 {
            middle[i] = middle[i - 1];
        }
    }
    let firm = vec![false; band.rows()];
    Posterior { bead, limits, middle, firm, source_null, target_null, opened, total: path.total }
}

/// Flat indices of the nodes of row `i`.
fn places(band: &Band, i: usize) -> Range<usize> {
    band.first(i)..band.first(i) + band.width(i)
}

/// Flat indices of the nodes of row `i` that have one below them, and of those.
fn beside(band: &Band, i: usize) -> (Range<usize>, Range<usize>) {
    let (above, below) = (band.row(i), band.row(i + 1));
    let (low, high) = (above.0.max(below.0), (above.1 + 1).min(below.1 + 1));
    let high = high.max(low);
    let of = |i: usize, first: usize| band.first(i) + low - first..band.first(i) + high - first;
    (of(i, above.0), of(i + 1, below.0))
}

/// ln of a sum that may have lost all its paths.
fn log(sum: f64) -> f64 {
    if sum > 0.0 { ln_f64(sum) } else { f64::NEG_INFINITY }
}

/// What makes values of one scale those of another; most rows have that of their neighbours.
#[inline]
fn apart(from: f64, to: f64) -> f64 {
    if from == to { 1.0 } else { exp(from - to) }
}

#[inline]
fn dot(a: &[f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// What a step between states is worth, not as a logarithm.
#[derive(Clone, Debug)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_each_direction_loses_what_the_other_keeps_the_likeliest_path_stands() {
        // Twenty sure beads and twenty source nulls, in one order or in the other: half-way, each path has e¹⁵⁰⁰ times
        // what the other has.
        let band = Band::full(40, 20);
        let mut scores = Table::filled(&band, 1, f32::NEG_INFINITY);
        for i in 0..20 {
            scores.run_mut(&band, i, 0)[i] = 75.0;
            scores.run_mut(&band, i + 20, 0)[i] = 76.0;
        }
        let best = dp::best_path(&band, &scores, &Priors::base());
        let found = posterior(&band, scores, &Priors::base());
        assert!((found.total - best.total).abs() < 0.1, "{} is not {}", found.total, best.total);
        assert!((0..20).all(|i| found.source_null[i] == 1.0 && found.bead.at(&band, (i + 20, i), 0) == 1.0));
        assert!((0..20).all(|i| found.bead.at(&band, (i, i), 0) == 0.0) && found.opened == [1.0, 0.0]);
        assert_eq!((found.limits[20], found.limits[40]), ((0, 0), (20, 20)));
    }
}
