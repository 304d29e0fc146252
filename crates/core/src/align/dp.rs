//! The dynamic program: states and steps, and the best path through a band.
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
//! Time and memory are linear in the band: 24 types a node at most, 34 bytes a node beside the scores. Not here: sums over
//! all paths (`sums`).

use std::ops::Range;

use super::band::Band;
use super::beads::{COUNT, Priors, TYPES};
use super::table::Table;

pub(super) const NONE: f64 = f64::NEG_INFINITY;

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

impl Step {
    /// Source and target segments that the step takes.
    pub(crate) fn size(self) -> (usize, usize) {
        match self {
            Self::Bead(k) => (usize::from(TYPES[usize::from(k)].0), usize::from(TYPES[usize::from(k)].1)),
            Self::SourceNull => (1, 0),
            Self::TargetNull => (0, 1),
        }
    }
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

/// The best path through `band`; `scores` as [`crate::evidence::Evidence::score`] gives them, −∞ where a bead is not
/// allowed.
pub(crate) fn best_path(band: &Band, scores: &Table, priors: &Priors) -> Path {
    let nodes = band.nodes();
    // `open` is O; X and Y are only needed one row back, but rows vary in width, so all are kept.
    let (mut open, mut x, mut y, mut m) = (vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes], vec![NONE; nodes]);
    let (mut bead_byte, mut null_byte) = (vec![31u8; nodes], vec![0u8; nodes]);
    let p = Steps::new(priors);
    m[0] = 0.0;
    for i in 0..band.rows() {
        let (low, high) = band.row(i);
        // Beads begin in rows above, so those that end in this row are looked at all together.
        let row = band.places(i, &(low..high + 1));
        let (behind, kinds) = (&mut m[row.clone()], &mut bead_byte[row]);
        for (k, run) in Run::ending(band, i, scores) {
            let before = &open[run.nodes.clone()];
            let (behind, kinds) = (&mut behind[run.here.clone()], &mut kinds[run.here]);
            for (((to, kind), &open), &score) in behind.iter_mut().zip(kinds).zip(before).zip(run.values) {
                let v = open + f64::from(p.bead[k] + score);
                if v > *to {
                    (*to, *kind) = (v, k as u8);
                }
            }
        }
        for j in low..=high {
            let at = band.first(i) + j - low;
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
            let (v, s) = best3(m[at], x[at] + p.leave_x, y[at] + p.leave_y);
            open[at] = v;
            bead_byte[at] |= s << 5;
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

/// Beads of one type that end in one row, or start in it: neighbours.
pub(super) struct Run<'a> {
    /// Where in the row their nodes of that row are.
    pub(super) here: Range<usize>,
    /// The row of their other nodes, and flat indices of these.
    pub(super) row: usize,
    pub(super) nodes: Range<usize>,
    /// Values of the beads.
    pub(super) values: &'a [f32],
}

impl<'a> Run<'a> {
    /// The beads that end in row `i`, type by type.
    pub(super) fn ending(band: &Band, i: usize, table: &'a Table) -> impl Iterator<Item = (usize, Self)> {
        let low = band.row(i).0;
        table.types().filter_map(move |(k, (n, m))| {
            let above = i.checked_sub(n)?;
            let starts = band.starts(above, (n, m));
            let first = band.row(above).0;
            (!starts.is_empty()).then(|| {
                let here = starts.start + m - low..starts.end + m - low;
                let values = &table.run(band, above, k)[starts.start - first..starts.end - first];
                (k, Self { here, row: above, nodes: band.places(above, &starts), values })
            })
        })
    }

    /// The beads that start in row `i` and end in the band, type by type.
    pub(super) fn starting(band: &Band, i: usize, table: &'a Table) -> impl Iterator<Item = (usize, Self)> {
        let low = band.row(i).0;
        table.types().filter_map(move |(k, (n, m))| {
            let starts = band.starts(i, (n, m));
            (!starts.is_empty()).then(|| {
                let here = starts.start - low..starts.end - low;
                let values = &table.run(band, i, k)[here.clone()];
                (k, Self { here, row: i + n, nodes: band.places(i + n, &(starts.start + m..starts.end + m)), values })
            })
        })
    }
}

/// Priors as f64 sums.
pub(super) struct Steps {
    pub(super) bead: [f32; COUNT],
    pub(super) open_x: f64,
    pub(super) open_y: f64,
    pub(super) stay: f64,
    pub(super) leave_x: f64,
    pub(super) leave_y: f64,
}

impl Steps {
    pub(super) fn new(p: &Priors) -> Self {
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
