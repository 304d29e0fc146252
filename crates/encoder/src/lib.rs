//! Sentence encoders for Hexapla: the built-in one and loaders of others. The seam is [`hexapla_core::encode::Encoder`].
//!
//! | module | does |
//! | --- | --- |
//! | `builtin` | universal-sentence-encoder-multilingual v3: file, tokeniser, network |
//! | `load` | from `builtin`, `none` or a path to an encoder |
//! | `matmul`, `simd` | products with fixed weights, compiled for what the processor has |
//!
//! Not here: what is made of the vectors (`hexapla_core::evidence`), reading documents (`hexapla-formats`).

mod builtin;
mod error;
mod load;
mod matmul;
mod simd;

pub use builtin::Builtin;
pub use error::Error;
pub use load::{EncoderChoice, load};

/// The built-in encoder's model file (docs/encoder.md).
#[cfg(feature = "builtin-model")]
pub const BUILTIN_MODEL: &[u8] = include_bytes!("../../../data/models/use-multilingual-v3.hxm");
