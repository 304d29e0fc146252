//! Aligning two documents.
//!
//! | file | holds |
//! | --- | --- |
//! | `words`, `world` | what is known of two documents, and learned; scores of any choice of their segments |
//! | `coarse`, `band` | where the path may run |
//! | `beads`, `table` | bead types and their priors, a value for every bead of a band |
//! | `dp`, `sums`, `decode`, `confidence` | best path, posteriors, from posteriors to beads and to confidences |
//! | `guess` | what the documents' sizes may mean: a pass or two for each reading |
//! | `fixed` | what the user said stands |
//! | `reorder`, `moves`, `exchange`, `crossing`, `passages`, `gaps`, `overrun` | what a monotone path of whole segments cannot say |
//! | `quality` | whether the documents are translations of each other at all |

pub(crate) mod band;
pub(crate) mod beads;
mod coarse;
mod confidence;
mod crossing;
mod decode;
pub(crate) mod dp;
mod exchange;
mod fixed;
mod gaps;
mod guess;
mod halves;
mod moves;
mod options;
#[cfg(test)]
mod oracle;
mod overrun;
mod passages;
mod quality;
mod reorder;
#[cfg(feature = "bench")]
pub(crate) mod stages;
pub(crate) mod sums;
pub(crate) mod table;
mod words;
mod world;

pub use options::{AlignOptions, Kind};

use crate::encode::Meaning;
use crate::knowledge::{Dictionary, Knowledge};
use crate::{Alignment, Bead, Document, Error};
use beads::COUNT;
use confidence::Confidence;
use fixed::{Plan, Reduced};
use words::Words;
use world::World;

/// Nodes that the band keeps on both sides of what the pass before left possible, and of its neighbours' so many rows
/// away. With two, no development set has another F1 without an encoder; with it, four of 53 by 0.3 points either way.
const MARGIN: usize = 1;

/// Aligns `source` with `target`, respecting what the user knows.
///
/// # Errors
/// [`Error::VectorRows`] where the vectors of `meaning` do not belong to the documents; [`Error::BadAnchor`] where the
/// fixed beads of `knowledge` do not fit the documents or each other.
pub fn align(
    source: &Document,
    target: &Document,
    meaning: Option<Meaning<'_>>,
    knowledge: Knowledge<'_>,
    options: &AlignOptions,
) -> Result<Alignment, Error> {
    if let Some(m) = meaning {
        for (vectors, document) in [(m.source, source), (m.target, target)] {
            if vectors.rows() != document.len() {
                return Err(Error::VectorRows { rows: vectors.rows(), segments: document.len() });
            }
        }
    }
    let plan = Plan::of(knowledge.fixed, source.len(), target.len())?;
    let (beads, quality) = path((source, target), meaning, knowledge.dictionary, &plan, options)?;
    Ok(Alignment { beads: plan.lift(beads), quality })
}

/// The path through what `plan` leaves of the documents, in its coordinates, and the quality of the whole.
fn path(
    documents: (&Document, &Document),
    meaning: Option<Meaning<'_>>,
    dictionary: Option<&Dictionary>,
    plan: &Plan,
    options: &AlignOptions,
) -> Result<(Vec<Bead>, f32), Error> {
    let words = Words::of(documents, meaning, dictionary, options)?;
    let left = (fixed::reduce(documents.0, &plan.source)?, fixed::reduce(documents.1, &plan.target)?);
    let reduced = meaning.map(|m| Reduced::new(m, plan));
    let meaning = reduced.as_ref().map(Reduced::meaning);
    let start = World::new(&words, plan, (&left.0, &left.1), meaning, options)?;
    let (mut world, band) = guess::learned(start, &words, plan, options)?;
    let scores = world.pass(&band, COUNT, plan)?;
    let found = decode::decode(&band, scores, &world.priors, world.decoding);
    let quality = quality::quality(found.total, (left.0.len(), left.1.len()), || world.unlearned())?;
    let mut beads = if options.moved {
        let beads = reorder::with_moved(&mut world, &words, plan, found)?;
        gaps::open(&world, beads)?
    } else {
        found.beads
    };
    if options.with(Kind::Overrun) {
        beads = overrun::join(&world, beads, &plan.gates)?;
    }
    let confidence = Confidence::of(options, world.means());
    beads.iter_mut().for_each(|bead| bead.confidence = confidence.at(bead.confidence));
    Ok((beads, quality))
}
