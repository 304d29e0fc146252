//! Beads and alignments of two versions.

use serde::{Deserialize, Serialize};

/// How a bead came about, where it is not an ordinary step of the monotone path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// On the monotone path.
    #[default]
    Path,
    /// Found off the path: the passage stands elsewhere in the other version.
    Moved,
    /// Given by the user.
    Fixed,
}

/// Segments of the source that answer segments of the target. An empty side is a null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bead {
    /// Source segments, 0-based, ascending.
    pub source: Vec<u32>,
    /// Target segments, 0-based, ascending.
    pub target: Vec<u32>,
    /// Probability that exactly this bead is right, 0 to 1: its posterior, calibrated (docs/accuracy.md, calibration).
    pub confidence: f32,
    /// How it came about.
    pub mark: Mark,
}

impl Bead {
    /// Whether one side is empty.
    pub fn is_null(&self) -> bool {
        self.source.is_empty() || self.target.is_empty()
    }
}

/// The alignment of two versions: every segment of both sides stands in exactly one bead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// The beads, ordered by source, nulls of the target where the path passed them.
    pub beads: Vec<Bead>,
    /// How far the two texts are translations of each other at all, 0 to 1.
    pub quality: f32,
}
