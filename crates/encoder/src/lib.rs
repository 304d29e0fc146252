//! Sentence encoders for Hexapla: the built-in one and loaders of others. The seam is [`hexapla_core::encode::Encoder`].
//!
//! | module | does |
//! | --- | --- |
//! | `builtin` | universal-sentence-encoder-multilingual v3: file, tokeniser, network |
//! | `load` | from `builtin`, `none` or a path to an encoder |
//! | `folder` | which kind a model folder is; what folders have in common |
//! | `model2vec` | Model2Vec folders (feature `model2vec`) |
//! | `transformer` | BERT and XLM-R folders, with candle (feature `transformers`; on a GPU `cuda`) |
//! | [`precomputed`] | vectors that another program made |
//! | `cache` | vectors kept between runs |
//! | `recent` | rows kept between calls |
//! | `units` | features of encoders that only see whole segments |
//! | `tensors`, `checksum` | numbers out of files |
//! | `matmul`, `simd` | products with fixed weights, compiled for what the processor has |
//!
//! Not here: what is made of the vectors (`hexapla_core::evidence`), reading documents (`hexapla-formats`).

mod builtin;
mod cache;
mod checksum;
mod error;
mod folder;
mod kinds;
mod load;
mod matmul;
#[cfg(feature = "model2vec")]
mod model2vec;
pub mod precomputed;
mod recent;
mod simd;
mod tensors;
#[cfg(feature = "transformers")]
mod transformer;
mod units;

pub use builtin::Builtin;
pub use cache::Cached;
pub use error::Error;
pub use load::{EncoderChoice, Loaded, load};

/// The built-in encoder's model file (docs/encoder.md).
#[cfg(feature = "builtin-model")]
pub const BUILTIN_MODEL: &[u8] = include_bytes!("../../../data/models/use-multilingual-v3.hxm");
