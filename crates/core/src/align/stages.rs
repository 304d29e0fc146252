//! The stages of [`super::align`] one by one, so that benches can measure each. Only with the feature `bench`, and no
//! interface: it changes with the stages.
//!
//! Not here: fixed beads, dictionaries, meaning.

use super::band::Band;
use super::beads::{COUNT, FEW, MOST, Priors};
use super::coarse::Coarse;
use super::dp::{self, Posterior, Scores};
use super::{counts, examples};
use crate::Document;
use crate::evidence::Evidence;
use crate::evidence::cognate::Cognates;
use crate::evidence::length::{LengthModel, Lengths};
use crate::evidence::lexical::Lexical;
use crate::evidence::lexicon::Lexicon;
use crate::evidence::tokens::Tokens;

/// What is read off the documents once: tokens, look-alikes, lengths.
#[derive(Debug)]
pub struct Base {
    tokens: (Tokens, Tokens),
    cognates: Cognates,
    lengths: (Lengths, Lengths),
    backgrounds: Vec<f32>,
}

impl Base {
    /// Looks at both documents.
    pub fn of(source: &Document, target: &Document) -> Self {
        let tokens = (Tokens::of(source), Tokens::of(target));
        let cognates = Cognates::find(&tokens.0, &tokens.1);
        let lengths = (Lengths::of(source), Lengths::of(target));
        let backgrounds = lengths.1.backgrounds(MOST);
        Self { tokens, cognates, lengths, backgrounds }
    }
}

/// What a round scores by, and where.
#[derive(Debug)]
pub struct Stage<'a> {
    base: &'a Base,
    length: LengthModel,
    lexicon: Lexicon,
    priors: Priors,
    band: Band,
}

/// Scores of a band.
#[derive(Clone, Debug)]
pub struct Scored(Scores);

/// Posteriors of a band.
#[derive(Debug)]
pub struct Passed(Posterior);

impl<'a> Stage<'a> {
    /// Before anything is learned: what look-alikes say, and the band that the coarse path leaves.
    pub fn first(base: &'a Base) -> Self {
        let (tokens, lengths) = ((&base.tokens.0, &base.tokens.1), (&base.lengths.0, &base.lengths.1));
        let lexicon = Lexicon::learn(tokens.0, tokens.1, &base.cognates, &[]);
        let band = Coarse { tokens, lengths }.band(&lexicon);
        Self { base, length: LengthModel::priors(lengths.0, lengths.1)[0], lexicon, priors: Priors::base(), band }
    }

    /// The first pass, which only looks for the path.
    pub fn pass(&self) -> Passed {
        Passed(dp::posterior(&self.band, self.evidence().score(&self.band, FEW), &self.priors))
    }

    /// Learns lengths, priors and lexicon from a pass, and narrows the band.
    pub fn learned(&self, passed: &Passed) -> Self {
        let (tokens, lengths) = (&self.base.tokens, &self.base.lengths);
        let examples = examples(&self.band, &passed.0);
        let length = self.length.fit(examples.iter().map(|e| {
            let s = lengths.0.span(e.source.0 as usize, e.source.1 as usize);
            (s, lengths.1.span(e.target.0 as usize, e.target.1 as usize), e.weight)
        }));
        let lexicon = Lexicon::learn(&tokens.0, &tokens.1, &self.base.cognates, &examples);
        let band = Band::around(&passed.0.limits, &passed.0.middle, 3, lengths.1.len());
        Self { base: self.base, length, lexicon, priors: Priors::fit(&counts(&passed.0)), band }
    }

    /// Scores every bead of every type in the band.
    pub fn score(&self) -> Scored {
        Scored(self.evidence().score(&self.band, COUNT))
    }

    /// Length of the best path, in steps.
    pub fn path(&self, scored: &Scored) -> usize {
        dp::best_path(&self.band, &scored.0, &self.priors).steps.len()
    }

    /// Forward and backward sums.
    pub fn posterior(&self, scored: Scored) -> Passed {
        Passed(dp::posterior(&self.band, scored.0, &self.priors))
    }

    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            source: &self.base.lengths.0,
            target: &self.base.lengths.1,
            length: self.length,
            backgrounds: &self.base.backgrounds,
            lexical: Lexical::new(&self.base.tokens.0, &self.base.tokens.1, &self.lexicon),
            semantic: None,
        }
    }
}
