//! Reading: bytes become text.
//!
//! Not here: cutting text into segments (`hexapla_core::segment`).

pub mod beads;
mod sniff;
pub mod text;
