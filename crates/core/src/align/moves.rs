//! Crossings: passages that stand elsewhere in the other version, from a sentence to a chapter.
//!
//! A moved passage leaves nulls on both sides of a monotone path. What the path most likely left out is put together
//! again, in order, and aligned with itself by the same evidence and the same dynamic program:
//!
//! ```text
//! path:    s0–t0  s1–·  s2–·  s3–t1  s4–t2  ·–t3  ·–t4          left out:  ‖ s1 s2 ‖   and   ‖ t3 t4 ‖
//! found:   s1–t3  s2–t4                                          ‖ is a separator: an empty segment
//! ```
//!
//! A separator parts what was not together; no bead reaches across it, so every passage is left and entered through
//! nulls and pays the **price** of a moved passage once, be it a sentence or a chapter:
//! ln (segments left out on the longer side) + [`RARE`]. The first is the choice of a place: the more segments wait for
//! a partner, the more look like one by accident; the second is how rarely a segment without partner moved. A segment
//! that the path has not surely left out pays the logarithm of that probability as well.
//!
//! One pass finds what moved together, in its order; passes go on until one finds nothing, so chapters in any order
//! come out. What was found is taken out, and the path is made again from the rest, which need not make room for it
//! any more. Cost: a pass over what was left out, in a band where that is much; nothing where nothing was left out on
//! one side.
//!
//! Not here: what is known to have moved (`fixed`).

use super::World;
use super::band::Band;
use super::beads::Priors;
use super::coarse::Coarse;
use super::crossing::{Crossing, keep, linked, links, numbered};
use super::decode::{beads_of, decode};
use super::dp;
use super::fixed::{Gate, Plan};
use super::passages::{LEFT_OUT, Nulls, WHOLE};
use super::sums::{self, Posterior};
use super::table::Table;
use crate::evidence::length::Lengths;
use crate::{Bead, Error, Mark};

/// How rarely a segment without partner has moved, as −ln p: one in fifty.
const RARE: f32 = 3.9;

/// Least confidence of a moved bead.
const LEAST: f32 = 0.5;

/// Target segments by which a bead may cross the passages at hand and still be another reading of them.
const SLACK: u32 = 8;

/// Most passes.
const PASSES: usize = 8;

/// Finds what moved among what the path left out.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn find(world: &World<'_>, path: &[Bead], nulls: &Nulls) -> Result<Vec<Bead>, Error> {
    let left = left_out(world, nulls);
    let monotone = path.iter().filter(|b| b.mark != Mark::Moved);
    let crossing = Crossing::of(linked(monotone), world.lengths.0.len(), world.lengths.1.len());
    let ln = |null: &[f32]| null.iter().map(|p| p.min(1.0).ln()).collect::<Vec<f32>>();
    search(world, left, &(ln(&nulls.0), ln(&nulls.1)), &crossing)
}

/// Finds what moved among the segments `left`, each of which costs what stands in `pays`.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn search(
    world: &World<'_>,
    mut left: (Vec<u32>, Vec<u32>),
    pays: &(Vec<f32>, Vec<f32>),
    crossing: &Crossing,
) -> Result<Vec<Bead>, Error> {
    let mut moved: Vec<Bead> = Vec::new();
    for _ in 0..PASSES {
        if left.0.is_empty() || left.1.is_empty() {
            break;
        }
        let mut found = pass(world, &left, pays, crossing)?;
        if found.is_empty() {
            break;
        }
        for bead in &found {
            left.0.retain(|i| !bead.source.contains(i));
            left.1.retain(|j| !bead.target.contains(j));
        }
        moved.append(&mut found);
    }
    Ok(moved)
}

/// Segments that the path likely left out; empty ones never moved.
pub(super) fn left_out(world: &World<'_>, nulls: &Nulls) -> (Vec<u32>, Vec<u32>) {
    let of = |null: &[f32], lengths: &Lengths| -> Vec<u32> {
        let out = |&i: &usize| null[i] >= LEFT_OUT && lengths.span(i, i + 1) > 0.0;
        (0..null.len()).filter(out).map(|i| i as u32).collect()
    };
    (of(&nulls.0, &world.lengths.0), of(&nulls.1, &world.lengths.1))
}

/// Segments in order with a separator before every one that does not follow the one before it.
fn with_separators(segments: &[u32]) -> Vec<Option<u32>> {
    let mut out = Vec::with_capacity(segments.len() * 2);
    for (k, &i) in segments.iter().enumerate() {
        if k == 0 || segments[k - 1] + 1 != i {
            out.push(None);
        }
        out.push(Some(i));
    }
    out
}

/// Aligns what was left out on one side with what was left out on the other.
fn pass(
    world: &World<'_>,
    left: &(Vec<u32>, Vec<u32>),
    pays: &(Vec<f32>, Vec<f32>),
    crossing: &Crossing,
) -> Result<Vec<Bead>, Error> {
    let (s, t) = (with_separators(&left.0), with_separators(&left.1));
    let part = world.part(&s, &t);
    let band = if (s.len() + 1) * (t.len() + 1) <= WHOLE {
        Band::full(s.len(), t.len())
    } else {
        let tokens = (&part.tokens.0, &part.tokens.1);
        Coarse { tokens, lengths: (&part.lengths.0, &part.lengths.1) }.band(&world.lexicon)
    };
    let mut scores = world.score(&part, &band)?;
    let paid = |pays: &[f32], list: &[Option<u32>]| -> Vec<f32> {
        list.iter().map(|i| i.map_or(f32::NEG_INFINITY, |i| pays[i as usize])).collect()
    };
    pay(&mut scores, &band, &paid(&pays.0, &s), &paid(&pays.1, &t));
    // What the path could have had, it did not want.
    keep(&mut scores, &band, (&s, &t), |x, y| crossing.by(x, y) > 0);
    let priors = priors(&world.priors, price(left));
    let best = dp::best_path(&band, &scores, &priors);
    // Of two chapters that changed places one is found now, the other next: it does not make this one doubtful.
    let chain = Crossing::of(links(&best.steps).into_iter(), s.len(), t.len());
    let (rows, columns) = (numbered(s.len()), numbered(t.len()));
    keep(&mut scores, &band, (&rows, &columns), |x, y| chain.by(x, y) <= SLACK);
    let posterior = sums::posterior(&band, scores, &priors);
    let mut found = beads_of(&best.steps, &band, &posterior);
    found.retain(|b| !b.is_null());
    found.retain(|b| b.confidence >= LEAST);
    for bead in &mut found {
        bead.mark = Mark::Moved;
        bead.source.iter_mut().for_each(|i| *i = s[*i as usize].unwrap_or(u32::MAX));
        bead.target.iter_mut().for_each(|j| *j = t[*j as usize].unwrap_or(u32::MAX));
    }
    Ok(found)
}

/// What a moved passage costs, one of which the segments `left` may be.
pub(super) fn price(left: &(Vec<u32>, Vec<u32>)) -> f32 {
    (left.0.len().max(left.1.len()) as f32).ln() + RARE
}

/// Takes from every bead what its segments pay: −∞ for a separator.
fn pay(scores: &mut Table, band: &Band, source: &[f32], target: &[f32]) {
    for i in 0..band.rows() {
        for (k, (n, m)) in scores.types() {
            let starts = band.starts(i, (n, m));
            let low = band.row(i).0;
            for j in starts {
                let nulls = source[i..i + n].iter().chain(&target[j..j + m]);
                scores.run_mut(band, i, k)[j - low] += nulls.sum::<f32>();
            }
        }
    }
}

/// Nulls cost nothing; a passage pays half the price where it leaves the nulls of the source, half where it leaves
/// those of the target.
fn priors(document: &Priors, price: f32) -> Priors {
    let half = -0.5 * price;
    Priors { source_null: 0.0, target_null: 0.0, stay: 0.0, leave_source: half, leave_target: half, ..document.clone() }
}

/// The path beside what moved.
pub(super) struct Rest {
    /// Beads of both.
    pub(super) beads: Vec<Bead>,
    /// What has no partner on the path; of what moved, 1.
    pub(super) nulls: Nulls,
    /// Total of the path.
    pub(super) total: f64,
}

/// The path through what is left without `moved`.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn again(world: &World<'_>, moved: Vec<Bead>, posterior: &Posterior, gates: &[Gate]) -> Result<Rest, Error> {
    let (n, m) = (world.lengths.0.len(), world.lengths.1.len());
    let mut taken = (vec![false; n], vec![false; m]);
    for bead in &moved {
        bead.source.iter().for_each(|&i| taken.0[i as usize] = true);
        bead.target.iter().for_each(|&j| taken.1[j as usize] = true);
    }
    let plan = Plan::around(moved, &taken);
    let all = |kept: &[u32]| -> Vec<Option<u32>> { kept.iter().map(|&i| Some(i)).collect() };
    let part = world.part(&all(&plan.source), &all(&plan.target));
    let column = |j: u32| plan.target.partition_point(|&x| x < j) as u32;
    let row = |i: u32| plan.source.partition_point(|&x| x < i) as u32;
    // Boundaries of what is left, where the documents had them.
    let rows: Vec<u32> = plan.source.iter().copied().chain([n as u32]).collect();
    let limits: Vec<(u32, u32)> = rows
        .iter()
        .map(|&i| posterior.limits[i as usize])
        .map(|(low, high)| if low > high { (low, high) } else { (column(low), column(high)) })
        .collect();
    let middle: Vec<u32> = rows.iter().map(|&i| column(posterior.middle[i as usize])).collect();
    let gates: Vec<Gate> = gates.iter().map(|&(i, j)| (row(i), column(j))).collect();
    let band = Band::around(&limits, &middle, 4, plan.target.len()).through(&gates);
    let mut scores = world.score(&part, &band)?;
    super::fixed::forbid(&gates, &band, &mut scores);
    let found = decode(&band, scores, &world.priors, world.decoding);
    let mut nulls = (vec![1.0; n], vec![1.0; m]);
    plan.source.iter().zip(&found.posterior.source_null).for_each(|(&i, &p)| nulls.0[i as usize] = p);
    plan.target.iter().zip(&found.posterior.target_null).for_each(|(&j, &p)| nulls.1[j as usize] = p);
    Ok(Rest { beads: plan.lift(found.beads), nulls, total: found.total })
}
