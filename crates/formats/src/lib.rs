//! Readers and writers of Hexapla, one file a format.
//!
//! - [`read`]: bytes of a file become text, with the encoding found and what could not be decoded counted.
//! - [`mod@write`]: rows of aligned segments become TMX, TSV, JSON Lines or beads.
//! - [`output`]: files that appear under their name only when they are whole.
//!
//! Not here: which file is read or written, and by which flag: that is the command line's business.

#![deny(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod error;
pub mod output;
pub mod read;
pub mod write;

pub use error::Error;
