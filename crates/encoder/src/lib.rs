//! Encoders for Hexapla: the built-in one and loaders of others. The seam is `hexapla_core::encode::Encoder`.
