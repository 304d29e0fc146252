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

/// Kinds of evidence look at the same words, so their sum is too sure of itself (Guo et al. 2017). From 1.3 to 1.5 the beads
/// that are chosen are equally good (docs/accuracy.md, calibration).
const TEMPERATURE: f32 = 1.4;

/// Share of beads that are not what the evidence says, however clear it is: a translator's slip, an aligner's of another
/// mind. Of beads whose posterior is 1, so many are not gold's.
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
    /// What scores are divided by before beads are chosen by their posteriors.
    pub temperature: f32,
    /// What the log-odds of posteriors are multiplied by before they are called confidences; `None` for what was measured
    /// for the evidence that the documents have.
    pub slope: Option<f32>,
    /// The share, 0 to 1, by which every confidence is lower than that.
    pub unexplained: f32,
    /// Kinds that are left out. For measuring: every one of them makes alignments better on the whole.
    pub without: Vec<Kind>,
}

impl AlignOptions {
    pub(crate) fn with(&self, kind: Kind) -> bool {
        !self.without.contains(&kind)
    }
}

impl Default for AlignOptions {
    fn default() -> Self {
        Self {
            rounds: 2,
            moved: true,
            temperature: TEMPERATURE,
            slope: None,
            unexplained: UNEXPLAINED,
            without: Vec::new(),
        }
    }
}
