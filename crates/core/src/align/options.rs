//! What a caller may choose.

use serde::{Deserialize, Serialize};

/// A kind of evidence, or of search, that can be left out: to see what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Lengths of spans.
    Length,
    /// Words that occur together, learned from the documents.
    Lexicon,
    /// Equal numbers, names, look-alikes, punctuation.
    Anchors,
    /// Words that the encoder pairs.
    Synonyms,
    /// Similarities of spans, as the encoder has them.
    Meaning,
    /// What merging a segment adds to a similarity.
    Gain,
    /// Ends of paragraphs, headings, items; how segments begin and end.
    Structure,
    /// Clauses that run over a border.
    Overrun,
    /// Choosing beads for their own probabilities, and not the likeliest path.
    Utility,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Length,
        Self::Lexicon,
        Self::Anchors,
        Self::Synonyms,
        Self::Meaning,
        Self::Gain,
        Self::Structure,
        Self::Overrun,
        Self::Utility,
    ];

    /// Its name in lower case, as it is serialised.
    pub fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Lexicon => "lexicon",
            Self::Anchors => "anchors",
            Self::Synonyms => "synonyms",
            Self::Meaning => "meaning",
            Self::Gain => "gain",
            Self::Structure => "structure",
            Self::Overrun => "overrun",
            Self::Utility => "utility",
        }
    }
}

/// Kinds of evidence look at the same words, so their sum is too sure of itself (Guo et al. 2017), and more so where
/// meaning is one of them. Measured on documents that they were not chosen on (docs/accuracy.md, calibration).
const TEMPERATURE: f32 = 1.4;
const TEMPERATURE_WITH_MEANING: f32 = 1.5;

/// Share of beads that are not what the evidence says, however clear it is: a translator's slip, an aligner's of another
/// mind. Measured with the temperature.
const UNEXPLAINED: f32 = 0.005;

/// Options of [`crate::align()`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AlignOptions {
    /// Rounds of learning from the documents after the first path.
    pub rounds: u8,
    /// Whether passages are searched that stand elsewhere in the other version, and segments that stand inside a
    /// bead without belonging to it; the beads come out with [`crate::Mark::Moved`]. Without it, moved passages have no
    /// partner.
    pub moved: bool,
    /// What posteriors are softened by before they are called confidences; `None` for what was measured for the evidence
    /// that the documents have.
    pub temperature: Option<f32>,
    /// The share, 0 to 1, by which every confidence is lower than its posterior.
    pub unexplained: f32,
    /// Kinds that are left out. For measuring: every one of them makes alignments better on the whole.
    pub without: Vec<Kind>,
}

impl AlignOptions {
    pub(crate) fn with(&self, kind: Kind) -> bool {
        !self.without.contains(&kind)
    }

    /// What posteriors are softened by where meaning counts, or where it does not.
    pub(crate) fn softening(&self, meaning: bool) -> f32 {
        self.temperature.unwrap_or(if meaning { TEMPERATURE_WITH_MEANING } else { TEMPERATURE })
    }
}

impl Default for AlignOptions {
    fn default() -> Self {
        Self { rounds: 2, moved: true, temperature: None, unexplained: UNEXPLAINED, without: Vec::new() }
    }
}
