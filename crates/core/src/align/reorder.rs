//! A path, and what stands elsewhere in the other version: the order in which it is looked for, and learned from.
//!
//! Not here: what is looked at and what it costs (`moves`, `exchange`), passages as texts of their own (`passages`).

use super::World;
use super::decode::Decoded;
use super::fixed::Plan;
use super::moves::{again, find};
use super::words::Words;
use super::{exchange, moves, passages};
use crate::{Bead, Error, Mark};

/// From so many moved beads on, words are learned from them as well, and what moved is looked for again beside the path
/// that does without them, at most [`ROUNDS`] times: who swaps chapters leaves a path that has learned from neither, and
/// that fills their places with what does not belong there.
const MANY: usize = 3;
const ROUNDS: usize = 4;

/// The beads of a path and what moved; words are learned from both.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn with_moved(
    world: &mut World<'_>,
    words: &Words,
    plan: &Plan,
    found: Decoded,
) -> Result<Vec<Bead>, Error> {
    let mut nulls = (found.posterior.source_null.clone(), found.posterior.target_null.clone());
    let exchanged = exchange::find(world, words, plan, &found, &nulls)?;
    let Decoded { beads: mut path, posterior, .. } = found;
    let mut count = 0;
    if let Some(exchanged) = exchanged {
        count = exchanged.beads.iter().filter(|b| b.mark == Mark::Moved).count();
        world.relearn(words, plan, exchanged.beads.iter());
        (path, nulls) = (exchanged.beads, exchanged.nulls);
    }
    for _ in 0..ROUNDS {
        let moved = find(world, &path, &nulls)?;
        if moved.len() <= count {
            break;
        }
        count = moved.len();
        if count >= MANY {
            world.relearn(words, plan, path.iter().filter(|b| b.mark == Mark::Path).chain(&moved));
        }
        let passages::Refined { beads: mut moved, mut strays, .. } = passages::refine(world, moved, &nulls)?;
        moved.append(&mut strays);
        moves::Rest { beads: path, nulls, .. } = again(world, moved, &posterior, &plan.gates)?;
        if count < MANY {
            break;
        }
    }
    Ok(path)
}
