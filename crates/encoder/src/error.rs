//! The crate's error type.

use std::path::PathBuf;

/// What can go wrong while an encoder is loaded or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The built-in model was left out of this build.
    #[error(
        "this build has no built-in encoder (cargo feature `builtin-model`): rebuild with it, name a model folder, or take --encoder none"
    )]
    NoBuiltin,
    /// The built-in model's file is damaged.
    #[error("the built-in model is damaged: {reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A segment could not be encoded.
    #[error(transparent)]
    Encode(#[from] hexapla_core::Error),
    /// A folder for vectors that cannot be written to.
    #[error("vectors cannot be kept in {}: {source}; name another folder, or leave the cache out", path.display())]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A model folder, or a file of vectors, that cannot be used.
    #[error("{}: {reason}", path.display())]
    Model {
        /// The folder or the file in it.
        path: PathBuf,
        /// What was found, what was expected, how to mend it.
        reason: String,
    },
}
