//! The core's one error type. Nothing here knows of files: callers add the path.

/// What can go wrong in the core.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Spans are `u32`: a text has a size limit.
    #[error("the text has {bytes} bytes; the limit is {limit}: split it into parts")]
    TextTooLarge {
        /// Size of the text in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Segments that are not in order, overlap or lie outside the text.
    #[error("segment {index} does not follow the one before it or lies outside the text")]
    BadSegment {
        /// Index of the first wrong segment, 0-based.
        index: usize,
    },
    /// A language tag that is not BCP-47.
    #[error("'{tag}' is not a language tag; write for instance en, ru, zh-Hant or pt-BR")]
    BadLanguage {
        /// The tag as given.
        tag: String,
    },
    /// An encoder failed or returned what cannot be used.
    #[error("the encoder {id} failed: {reason}")]
    Encoder {
        /// [`crate::encode::Encoder::id`] of the encoder.
        id: String,
        /// What went wrong.
        reason: String,
    },
    /// Vectors whose number of rows is not the number of segments.
    #[error("{rows} rows of vectors for {segments} segments")]
    VectorRows {
        /// Rows given.
        rows: usize,
        /// Segments of the document.
        segments: usize,
    },
    /// Fixed beads that contradict each other or name segments that do not exist.
    #[error("fixed bead {index}: {reason}")]
    BadAnchor {
        /// Index of the bead, 0-based.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
}
