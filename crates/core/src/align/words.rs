//! Both documents' words and what is known of them before anything is aligned: look-alikes, a dictionary, synonyms.
//!
//! They are those of all segments, also of ones that fixed beads take out: what is learned is learned from everything.

use super::fixed::Plan;
use super::options::{AlignOptions, Kind};
use crate::encode::Meaning;
use crate::evidence::cognate::Cognates;
use crate::evidence::lexicon::Lexicon;
use crate::evidence::pairs::Example;
use crate::evidence::tokens::Tokens;
use crate::evidence::{dictionary, synonym};
use crate::knowledge::Dictionary;
use crate::{Document, Error};

/// Words of two documents.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) source: Tokens,
    pub(crate) target: Tokens,
    cognates: Cognates,
    /// Whether words are learned from beads.
    learning: bool,
}

impl Words {
    /// Looks at both documents.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn of(
        documents: (&Document, &Document),
        meaning: Option<Meaning<'_>>,
        dictionary: Option<&Dictionary>,
        options: &AlignOptions,
    ) -> Result<Self, Error> {
        let (source, target) = (Tokens::of(documents.0), Tokens::of(documents.1));
        let mut cognates = if options.with(Kind::Anchors) {
            Cognates::find(&source, &target)
        } else {
            Cognates::none(&source, &target)
        };
        if let Some(dictionary) = dictionary {
            cognates.add(&dictionary::pairs(dictionary, &source, &target));
        }
        if let Some(m) = meaning.filter(|_| options.with(Kind::Synonyms))
            && synonym::apply(m.encoder, documents.0.language(), documents.1.language())
        {
            cognates.add(&synonym::pairs(m.encoder, &source, &target)?);
        }
        Ok(Self { source, target, cognates, learning: options.with(Kind::Lexicon) })
    }

    /// The lexicon after `rounds` rounds over `examples`; they and what they taught are in the coordinates of what `plan`
    /// leaves.
    pub(crate) fn learn(&self, plan: &Plan, examples: &[Example], rounds: usize) -> Lexicon {
        let examples = if self.learning { plan.examples(examples) } else { Default::default() };
        let mut lexicon = Lexicon::learn(&self.source, &self.target, &self.cognates, &examples, rounds);
        if !plan.is_empty() {
            lexicon.held_out.select(&plan.source, &plan.target);
        }
        lexicon
    }
}
