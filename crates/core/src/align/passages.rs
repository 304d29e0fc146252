//! Moved passages, aligned as texts of their own.
//!
//! `moves` finds beads of what the path left out, where nulls cost nothing. Once several of them show that a passage moved
//! as a whole, the passage is a text like any other: its rectangle, with what was left out around it, is aligned again
//! with the document's own priors.
//!
//! ```text
//! found:      ·  t30–s5  ·  t32–s7  t33–s8  ·          rectangle: s4…s9 × t29…t34
//! ```
//!
//! Not here: which beads moved (`moves`), the rest of the document (`moves::again`).

use std::ops::Range;

use super::World;
use super::band::Band;
use super::coarse::Coarse;
use super::decode::decode;
use crate::{Bead, Error, Mark};

/// Segments are looked at that the path left out with at least this probability.
pub(super) const LEFT_OUT: f32 = 0.1;

/// Up to this many nodes, everything left out is compared with everything.
pub(super) const WHOLE: usize = 400_000;

/// Probabilities that segments have no partner on the path: source, target.
pub(super) type Nulls = (Vec<f32>, Vec<f32>);

/// Least beads of a passage.
const LEAST: usize = 3;

/// Most segments between two beads of a passage, on either side.
const APART: u32 = 8;

/// A passage: the beads found, and its segments.
struct Passage {
    beads: Vec<Bead>,
    source: Range<u32>,
    target: Range<u32>,
}

fn range(segments: &[u32]) -> Range<u32> {
    segments[0]..segments[segments.len() - 1] + 1
}

fn apart(a: &Range<u32>, b: &Range<u32>) -> bool {
    a.end <= b.start || b.end <= a.start
}

/// Beads in the order of the source, as passages.
fn chains(mut moved: Vec<Bead>) -> Vec<Passage> {
    moved.sort_by_key(|b| b.source[0]);
    let mut out: Vec<Passage> = Vec::new();
    for bead in moved {
        let (s, t) = (range(&bead.source), range(&bead.target));
        let follows = |p: &Passage| {
            s.start >= p.source.end
                && t.start >= p.target.end
                && s.start - p.source.end <= APART
                && t.start - p.target.end <= APART
        };
        match out.iter_mut().rev().take(LEAST).find(|p| follows(p)) {
            Some(p) => {
                (p.source.end, p.target.end) = (s.end, t.end);
                p.beads.push(bead);
            }
            None => out.push(Passage { beads: vec![bead], source: s, target: t }),
        }
    }
    out
}

/// What moved, as passages.
pub(super) struct Refined {
    /// Beads of passages.
    pub(super) beads: Vec<Bead>,
    /// Beads that are no part of one.
    pub(super) strays: Vec<Bead>,
    /// Number of passages, and the sum of their paths' totals.
    pub(super) passages: usize,
    pub(super) total: f64,
}

/// `moved`, with every passage of [`LEAST`] beads and more aligned again.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn refine(world: &World<'_>, moved: Vec<Bead>, nulls: &Nulls) -> Result<Refined, Error> {
    let mut passages = chains(moved);
    // The longest first, so that it gets what two of them want.
    passages.sort_by_key(|p| (std::cmp::Reverse(p.beads.len()), p.source.start));
    let mut taken: Vec<(Range<u32>, Range<u32>)> = Vec::new();
    let mut out = Refined { beads: Vec::new(), strays: Vec::new(), passages: 0, total: 0.0 };
    for k in 0..passages.len() {
        let others: Vec<_> = passages[k + 1..].iter().map(|p| (p.source.clone(), p.target.clone())).collect();
        let p = &mut passages[k];
        let clear = |s: &Range<u32>, t: &Range<u32>| taken.iter().all(|x| apart(&x.0, s) && apart(&x.1, t));
        if p.beads.len() < LEAST || !clear(&p.source, &p.target) {
            let free = |b: &Bead| clear(&range(&b.source), &range(&b.target));
            out.strays.extend(p.beads.drain(..).filter(free));
            continue;
        }
        let all = || taken.iter().chain(&others);
        let source = widen(&p.source, &nulls.0, all().map(|x| &x.0));
        let target = widen(&p.target, &nulls.1, all().map(|x| &x.1));
        let (mut beads, worth) = aligned(world, &source, &target)?;
        out.beads.append(&mut beads);
        out.passages += 1;
        out.total += worth;
        taken.push((source, target));
    }
    Ok(out)
}

/// A range with what was left out on both sides of it, up to other passages.
fn widen<'a>(range: &Range<u32>, null: &[f32], others: impl Iterator<Item = &'a Range<u32>> + Clone) -> Range<u32> {
    let free = |i: u32| null[i as usize] >= LEFT_OUT && others.clone().all(|r| !r.contains(&i));
    let (mut from, mut to) = (range.start, range.end);
    while from > 0 && range.start - from < APART && free(from - 1) {
        from -= 1;
    }
    while (to as usize) < null.len() && to - range.end < APART && free(to) {
        to += 1;
    }
    from..to
}

/// The beads of a passage, with both sides filled, and its total.
fn aligned(world: &World<'_>, source: &Range<u32>, target: &Range<u32>) -> Result<(Vec<Bead>, f64), Error> {
    let all = |r: &Range<u32>| r.clone().map(Some).collect::<Vec<_>>();
    let part = world.part(&all(source), &all(target));
    let band = if (source.len() + 1) * (target.len() + 1) <= WHOLE {
        Band::full(source.len(), target.len())
    } else {
        let tokens = (&part.tokens.0, &part.tokens.1);
        Coarse { tokens, lengths: (&part.lengths.0, &part.lengths.1) }.band(&world.lexicon)
    };
    let found = decode(&band, world.score(&part, &band)?, &world.priors, world.decoding);
    let mut beads = found.beads;
    beads.retain(|b| !b.is_null());
    for bead in &mut beads {
        bead.mark = Mark::Moved;
        bead.source.iter_mut().for_each(|i| *i += source.start);
        bead.target.iter_mut().for_each(|j| *j += target.start);
    }
    Ok((beads, found.total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beads_in_order_and_near_are_a_passage() {
        let bead = |i: u32, j: u32| Bead { source: vec![i], target: vec![j], ..Bead::default() };
        let found = chains(vec![bead(7, 32), bead(5, 30), bead(6, 90), bead(9, 33), bead(40, 34)]);
        let spans: Vec<_> = found.iter().map(|p| (p.source.clone(), p.target.clone())).collect();
        assert_eq!(spans, [(5..10, 30..34), (6..7, 90..91), (40..41, 34..35)]);
    }

    #[test]
    fn what_was_left_out_around_belongs_to_it_up_to_another() {
        let null = [0.0, 0.9, 0.9, 0.9, 0.0, 0.9, 0.9, 0.9, 0.9];
        let other = 7..8;
        assert_eq!(widen(&(4..6), &null, std::iter::once(&other)), 1..7);
    }
}
