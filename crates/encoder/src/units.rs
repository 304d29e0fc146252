//! Encoders that only see whole segments: their additive features are unit vectors times a weight.
//!
//! A span's vector is then the mean of its segments' vectors, weighted by their length, brought to length 1. It is not
//! what the model would say of the joined text, but it costs nothing, and for one segment it is exact.

use hexapla_core::{Error, parallel};

/// Rows that one task normalises.
const ROWS: usize = 256;

/// Scales a row to `length`; a row of zeros stays.
pub(crate) fn scale_to(row: &mut [f32], length: f32) {
    let norm = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if norm > 0.0 {
        let scale = (f64::from(length) / norm) as f32;
        row.iter_mut().for_each(|x| *x *= scale);
    }
}

/// `features` to unit vectors, row by row.
pub(crate) fn project(id: &str, dim: usize, features: &[f32], out: &mut [f32]) -> Result<(), Error> {
    fits(id, out.len(), features.len())?;
    parallel::for_each_chunk(out, ROWS * dim, |k, out| {
        out.copy_from_slice(&features[k * ROWS * dim..][..out.len()]);
        out.chunks_exact_mut(dim).for_each(|row| scale_to(row, 1.0));
    });
    Ok(())
}

/// Refuses buffers that do not fit; slicing them would panic.
pub(crate) fn fits(id: &str, got: usize, want: usize) -> Result<(), Error> {
    if got == want {
        return Ok(());
    }
    Err(Error::Encoder { id: id.into(), reason: format!("a buffer of {got} values where {want} are needed") })
}
