//! Hexapla's core: text in, beads out.
//!
//! The road of the data, one direction only (docs/architecture.md draws it):
//!
//! ```text
//! text → segment → Document → evidence (length, lexicon, anchors, meaning) → align → Alignment → Multitext
//! ```
//!
//! What is *not* here: files, flags, printing, the network, formats (`hexapla-formats`), encoders
//! (`hexapla-encoder`; the seam is [`encode::Encoder`]).

#![deny(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod align;
pub mod bitext;
pub mod calibration;
pub mod document;
pub mod encode;
mod error;
pub mod evaluate;
mod evidence;
mod knowledge;
pub mod language;
pub mod multitext;
pub mod parallel;
pub mod segment;

pub use align::{AlignOptions, Kind, align};
pub use bitext::{Alignment, Bead, Mark};
pub use document::{Document, Segment, SegmentKind, Span};
pub use error::Error;
pub use knowledge::{Dictionary, Knowledge};
pub use language::Language;
pub use multitext::{Multitext, Row};

/// The stages of [`align()`] one by one, for benches. No interface: it changes with the stages.
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench_support {
    pub use crate::align::stages::{Base, Passed, Scored, Stage};
}
