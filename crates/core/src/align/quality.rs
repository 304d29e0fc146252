//! How far two documents are translations of each other at all.
//!
//! The best path's score, against the documents being independent, is a log-odds. A segment's share of it is well above
//! zero for translations; where it is [`CLEAR`], or the documents are long, it decides. In short texts it does not: a
//! true pair of which few words could be learned has no more than unrelated texts. So there the documents are weighed
//! without what was learned of words, over all paths, and the same is done with the target's segments in other orders:
//! what these reach is what accident gives with exactly these segments. For unrelated texts no order is better than
//! another, in any pair of languages; for translations the order that stands is. The other orders are the text read
//! backwards, from one place or another, and round its end: neighbours stay neighbours, so that one table of scores
//! serves all orders, and of a translation's beads no path has more than one or two.
//!
//! ```text
//! lead = ( ln Σ over paths, as it stands − mean over orders of ln Σ over paths ) / √ segments of both sides
//! ```
//!
//! The root, for what accident gives or takes grows like it. Logistic curves turn share and lead into a number between
//! 0 and 1. Figures, and how they are obtained: docs/accuracy.md.

use super::band::Band;
use super::beads::FEW;
use super::sums::Products;
use super::table::Table;
use super::world::World;
use crate::Error;

/// A logistic curve: where both are as likely, and how steeply certainty grows from there.
struct Curve {
    middle: f64,
    steepness: f64,
}

/// Of the best path's share of log-odds a segment, in nats: read off documents of the development sets against shuffled
/// ones.
const SHARE: Curve = Curve { middle: 0.08, steepness: 25.0 };

/// Of the lead, in nats: fit to 134 true and 268 unrelated pieces of 12, 24 and 60 segments of eleven gold sets (every
/// second piece of each), both kinds as likely beforehand.
const LEAD: Curve = Curve { middle: 0.8, steepness: 4.0 };

/// From this share on, nothing else is asked: of 1,712 unrelated pieces (docs/accuracy.md, quality) none is above 0.08.
const CLEAR: f64 = 0.2;

/// Nodes that are scored at most; in longer documents the best path tells.
const SCORED: usize = 20_000;

/// Nodes that paths are summed over for all orders together, and how many orders that may be: the mean of few of them is
/// noise.
const NODES: usize = 160_000;
const ORDERS: (usize, usize) = (4, 32);

/// No more orders are looked at where more of them would hardly move the quality any more.
const DOUBT: f32 = 0.05;

/// Quality, 0 to 1, of two documents whose best path has `total` nats of log-odds; `unlearned` gives what is known of
/// them without what that path taught of words.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn quality<'a>(
    total: f64,
    (source, target): (usize, usize),
    unlearned: impl FnOnce() -> World<'a>,
) -> Result<f32, Error> {
    let segments = source + target;
    if segments == 0 {
        return Ok(0.0);
    }
    let share = total / segments as f64;
    let nodes = (source + 1) * (target + 1);
    let orders_tell = nodes <= SCORED && source > 1 && target > 1;
    if share >= CLEAR || !orders_tell {
        return Ok(SHARE.at(share));
    }
    let orders = (NODES / nodes).clamp(ORDERS.0, ORDERS.1);
    Ok(LEAD.at(ahead(&unlearned(), orders)?))
}

impl Curve {
    fn at(&self, x: f64) -> f32 {
        (1.0 / (1.0 + (-(x - self.middle) * self.steepness).exp())) as f32
    }
}

/// How far the target's order is ahead of `orders` other ones, or of as many as it takes to tell, in nats over the root of
/// the segments.
fn ahead(world: &World<'_>, orders: usize) -> Result<f64, Error> {
    let all = |n: usize| (0..n as u32).map(Some).collect::<Vec<_>>();
    let (source, target) = (world.lengths.0.len(), world.lengths.1.len());
    let band = Band::full(source, target);
    let scores = world.score_few(&world.part(&all(source), &all(target)), &band, FEW)?;
    let products = Products::of(&band, scores, &world.priors);
    let stands = products.total(&band);
    let mut turned = products.clone();
    let root = ((source + target) as f64).sqrt();
    let mut places: Vec<usize> = (0..target).collect();
    Random(1).shuffle(&mut places);
    let (mut leads, mut mean) = (Vec::new(), 0.0);
    for place in places.into_iter().take(orders) {
        turn(&products.beads, &mut turned.beads, &band, place);
        leads.push((stands - turned.total(&band)) / root);
        let n = leads.len() as f64;
        mean = leads.iter().sum::<f64>() / n;
        let squares: f64 = leads.iter().map(|x| (x - mean).powi(2)).sum();
        // Twice the standard error of the mean.
        let doubt = 2.0 * (squares / (n * (n - 1.0).max(1.0))).sqrt();
        let open = LEAD.at(mean + doubt) - LEAD.at(mean - doubt);
        if leads.len() >= ORDERS.0 && open < DOUBT {
            break;
        }
    }
    Ok(mean)
}

/// What the beads of a full band are worth where the target's segments before `place` stand in reverse, and then those
/// from it on in reverse. Neighbours stay neighbours, so that every bead has its value in `beads`, but for those over the
/// seam, which are none.
fn turn(beads: &Table, turned: &mut Table, band: &Band, place: usize) {
    let target = band.target();
    for i in 0..band.rows() {
        for (k, (_, m)) in beads.types() {
            let from = beads.run(band, i, k);
            let to = turned.run_mut(band, i, k);
            to.fill(0.0);
            for part in [0..place, place..target] {
                // Where beads of `m` segments begin in this part.
                let starts = part.start..(part.end + 1).saturating_sub(m).max(part.start);
                to[starts.clone()].iter_mut().zip(from[starts].iter().rev()).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// Knuth's linear congruential generator (MMIX): the same orders in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    /// Fisher and Yates' shuffle.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for k in (1..items.len()).rev() {
            items.swap(k, self.below(k + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{AlignOptions, align};
    use crate::{Document, Knowledge, Language};

    #[test]
    fn accidents_are_low_and_translations_high() {
        assert!(SHARE.at(-0.1) < 0.05 && SHARE.at(0.25) > 0.95);
        assert!(LEAD.at(0.0) < 0.05 && LEAD.at(2.0) > 0.95);
        let never = || -> World<'_> { unreachable!("what is clear needs no other order") };
        assert!(quality(60.0, (50, 50), never).unwrap() > 0.95);
        assert_eq!(quality(5.0, (0, 0), never).unwrap(), 0.0);
        assert!(quality(-200.0, (1000, 1000), never).unwrap() < 0.1, "too long for other orders");
    }

    #[test]
    fn lengths_in_the_same_order_tell_a_translation() {
        // No word in common, nothing to learn: only how long the lines are.
        let document = |letter: char, lengths: &[usize], language: &str| {
            let lines: Vec<String> = (0u32..)
                .zip(lengths)
                .map(|(k, &n)| {
                    (0..n).map(|i| char::from_u32(letter as u32 + (k * 7 + i as u32 * 5) % 20).unwrap()).collect()
                })
                .collect();
            Document::from_lines(&lines, Language::parse(language).unwrap()).unwrap()
        };
        let lengths: Vec<usize> = (0..14).map(|k| 20 + (k * 37) % 101).collect();
        let other: Vec<usize> = (0..14).map(|k| 20 + (k * 53 + 60) % 101).collect();
        let source = document('a', &lengths, "en");
        let of = |lengths: &[usize]| {
            let target = document('α', lengths, "el");
            align(&source, &target, None, Knowledge::default(), &AlignOptions::default()).unwrap().quality
        };
        assert!(of(&lengths) > 0.9 && of(&other) < 0.3, "{} {}", of(&lengths), of(&other));
    }

    #[test]
    fn turned_beads_have_the_values_of_their_segments() {
        // Of four segments, what stands before 1 backwards, then the rest: 0, 3, 2, 1.
        let band = Band::full(1, 4);
        let mut beads = Table::filled(&band, FEW, 0.0);
        beads.run_mut(&band, 0, 0).copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 0.0]);
        beads.run_mut(&band, 0, 1).copy_from_slice(&[12.0, 23.0, 34.0, 0.0, 0.0]);
        let mut turned = beads.clone();
        turn(&beads, &mut turned, &band, 1);
        assert_eq!(turned.run(&band, 0, 0), [1.0, 4.0, 3.0, 2.0, 0.0]);
        assert_eq!(turned.run(&band, 0, 1), [0.0, 34.0, 23.0, 0.0, 0.0], "none over the seam");
        turn(&beads, &mut turned, &band, 0);
        assert_eq!(turned.run(&band, 0, 1), [34.0, 23.0, 12.0, 0.0, 0.0]);
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<u32> = (0..50).collect();
        Random(1).shuffle(&mut items);
        assert!(items.iter().zip(0..).filter(|(a, b)| **a != *b).count() > 40);
        items.sort_unstable();
        assert!(items.iter().copied().eq(0..50));
    }
}
