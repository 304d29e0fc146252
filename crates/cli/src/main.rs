//! The `hexapla` binary.

fn main() {}
