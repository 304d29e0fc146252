//! Two documents and what was learned of them: any choice of their segments can be scored again.
//!
//! Not here: learning (`super`), which segments are looked at again and why (`moves`).

use super::band::Band;
use super::beads::{COUNT, MOST, Priors};
use super::dp::Scores;
use crate::Error;
use crate::encode::{Features, Meaning};
use crate::evidence::length::{LengthModel, Lengths};
use crate::evidence::lexical::Lexical;
use crate::evidence::lexicon::Lexicon;
use crate::evidence::tokens::Tokens;
use crate::evidence::trust::Trust;
use crate::evidence::{Evidence, semantic};

/// Documents with all that was learned.
pub(super) struct World<'a> {
    pub(super) tokens: (&'a Tokens, &'a Tokens),
    pub(super) lengths: (&'a Lengths, &'a Lengths),
    pub(super) meaning: Option<Meaning<'a>>,
    pub(super) trust: Option<Trust>,
    pub(super) length: LengthModel,
    pub(super) lexicon: &'a Lexicon,
    pub(super) priors: &'a Priors,
}

/// Some segments of both documents, in the order chosen.
pub(super) struct Part {
    pub(super) tokens: (Tokens, Tokens),
    pub(super) lengths: (Lengths, Lengths),
    features: Option<(Features, Features)>,
}

impl World<'_> {
    /// The segments `source` and `target`; `None` is an empty segment.
    pub(super) fn part(&self, source: &[Option<u32>], target: &[Option<u32>]) -> Part {
        let (s, t) = (|| source.iter().copied(), || target.iter().copied());
        let features = self.meaning.filter(|_| self.trust.is_some());
        let features = features.map(|m| (rows(m.source, source), rows(m.target, target)));
        Part {
            tokens: (self.tokens.0.select(s()), self.tokens.1.select(t())),
            lengths: (self.lengths.0.select(s()), self.lengths.1.select(t())),
            features,
        }
    }

    /// Log-odds of every bead in `band`, whose coordinates are those of `part`.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn score(&self, part: &Part, band: &Band) -> Result<Scores, Error> {
        let meaning = self.meaning.zip(part.features.as_ref());
        let meaning = meaning.map(|(m, (source, target))| Meaning { source, target, ..m });
        let similarities = meaning.map(|m| semantic::Spans::new(m)?.similarities(band, COUNT)).transpose()?;
        let evidence = Evidence {
            source: &part.lengths.0,
            target: &part.lengths.1,
            length: self.length,
            backgrounds: &part.lengths.1.backgrounds(MOST),
            lexical: Lexical::new(&part.tokens.0, &part.tokens.1, self.lexicon),
            semantic: similarities.as_deref().zip(self.trust),
        };
        Ok(evidence.score(band, COUNT))
    }
}

/// Rows of features; zero for an empty segment.
fn rows(features: &Features, keep: &[Option<u32>]) -> Features {
    let mut data = vec![0.0; keep.len() * features.dim];
    for (row, i) in data.chunks_exact_mut(features.dim.max(1)).zip(keep) {
        if let Some(i) = i {
            row.copy_from_slice(features.row(*i as usize));
        }
    }
    Features { dim: features.dim, data }
}
