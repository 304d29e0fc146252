//! Aligning two documents.

use serde::{Deserialize, Serialize};

use crate::encode::Meaning;
use crate::{Alignment, Bead, Document, Error, Mark};

/// Options of [`align`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AlignOptions {
    /// Most segments on the long side of a 1-n or n-1 bead.
    pub max_side: u8,
    /// Most segments on either side of an n-m bead.
    pub max_many: u8,
}

impl Default for AlignOptions {
    fn default() -> Self {
        Self { max_side: 8, max_many: 4 }
    }
}

/// Aligns `source` with `target`.
///
/// # Errors
/// [`Error::VectorRows`] where the vectors of `meaning` do not belong to the documents.
pub fn align(
    source: &Document,
    target: &Document,
    _meaning: Option<Meaning<'_>>,
    _options: &AlignOptions,
) -> Result<Alignment, Error> {
    // Placeholder until the dynamic program lands: the diagonal.
    let n = source.len().max(target.len()) as u32;
    let side = |k: u32, len: usize| if (k as usize) < len { vec![k] } else { Vec::new() };
    let beads = (0..n).map(|k| Bead {
        source: side(k, source.len()),
        target: side(k, target.len()),
        confidence: 0.5,
        mark: Mark::Path,
    });
    Ok(Alignment { beads: beads.collect(), quality: 0.5 })
}
