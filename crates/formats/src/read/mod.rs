//! Reading: bytes become text.
//!
//! Not here: cutting text into segments (`hexapla_core::segment`).

pub mod beads;
pub mod dictionary;
mod sniff;
pub mod text;
