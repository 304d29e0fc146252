//! Reading: bytes become text.
//!
//! Not here: cutting text into segments (`hexapla_core::segment`).

mod sniff;
pub mod text;
