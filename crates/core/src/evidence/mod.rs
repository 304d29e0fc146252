//! What speaks for a span pair being a translation: length, lexicon and look-alikes, meaning; and their sum.
//!
//! Every kind of evidence is a log-odds (translation against accident), so kinds add up. Not here: prior
//! probabilities of bead types and the search (`align`).

pub(crate) mod border;
pub(crate) mod clauses;
pub(crate) mod cognate;
pub(crate) mod dictionary;
mod ends;
pub(crate) mod fastmath;
mod held_out;
pub(crate) mod length;
pub(crate) mod lexical;
pub(crate) mod lexicon;
pub(crate) mod occurrences;
pub(crate) mod pairs;
mod products;
mod rows;
pub(crate) mod semantic;
pub(crate) mod structure;
pub(crate) mod synonym;
pub(crate) mod tokens;
pub(crate) mod trust;
mod vectors;

use crate::align::band::Band;
use crate::align::table::Table;
use crate::{Error, parallel};
use length::{LengthModel, Lengths};
use lexical::{Lexical, Scratch};
use semantic::Spans;
use structure::Structure;
use trust::Trust;

/// Weight of lexical evidence: tokens of a sentence are not independent, so their sum says less than it seems to.
pub(crate) const LEXICAL_WEIGHT: f32 = 0.6;

/// Bound of lexical evidence for one bead, in nats, either way.
const LEXICAL_BOUND: f32 = 25.0;

/// Weight of semantic evidence, likewise: it looks at the same words as the lexicon.
pub(crate) const SEMANTIC_WEIGHT: f32 = 0.6;

/// The same within one language, where equal words have said most of it already.
pub(crate) const SEMANTIC_WEIGHT_WITHIN: f32 = 0.3;

/// Rows scored by one worker at a time.
const BLOCK: usize = 64;

/// Which kinds of evidence count, where not all do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub(crate) length: bool,
    pub(crate) gain: bool,
    /// Weight of semantic evidence.
    pub(crate) semantic_weight: f32,
}

/// All evidence between two documents, ready to be asked for spans.
pub(crate) struct Evidence<'a> {
    pub(crate) source: &'a Lengths,
    pub(crate) target: &'a Lengths,
    pub(crate) length: LengthModel,
    /// [`Lengths::backgrounds`] of the target.
    pub(crate) backgrounds: &'a [Vec<f32>],
    pub(crate) lexical: Lexical<'a>,
    pub(crate) structure: Option<&'a Structure>,
    /// Vectors, and what their similarities are worth.
    pub(crate) semantic: Option<(&'a Spans<'a>, Trust)>,
    pub(crate) usage: Use,
}

impl Evidence<'_> {
    /// Log-odds of every bead of the first `types` types that starts and ends in the band.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn score(&self, band: &Band, types: usize) -> Result<Table, Error> {
        let mut out = Table::filled(band, types, f32::NEG_INFINITY);
        let blocks = out.blocks(band, BLOCK);
        let scored = parallel::map_with(blocks, Scratch::default, |scratch, (first, last, out)| {
            self.score_rows(band, types, first..last, scratch, out)
        });
        scored.into_iter().collect::<Result<(), Error>>()?;
        Ok(out)
    }
}
