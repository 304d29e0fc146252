//! Encoders that only see whole segments: their additive features are unit vectors times a weight.
//!
//! A span's vector is then the mean of its segments' vectors, weighted by their length, brought to length 1. It is not
//! what the model would say of the joined text, but it costs nothing, and for one segment it is exact.

use hexapla_core::encode::Features;
use hexapla_core::{Error, parallel};

/// Rows that one task normalises.
const ROWS: usize = 256;

/// Scales a row to `length`; a row of zeros stays.
pub(crate) fn scale_to(row: &mut [f32], length: f32) {
    let norm = norm(row);
    if norm > 0.0 {
        let scale = (f64::from(length) / norm) as f32;
        row.iter_mut().for_each(|x| *x *= scale);
    }
}

/// Length of a row; squares are added in 16 lanes, in a fixed order.
fn norm(row: &[f32]) -> f64 {
    let mut lanes = [0.0f32; 16];
    let chunks = row.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().map(|x| x * x).sum();
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(sum, x)| *sum += x * x);
    }
    lanes.iter().chain([&rest]).map(|x| f64::from(*x)).sum::<f64>().sqrt()
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

/// Segments that a document must have for half of its mean to be taken away.
const FEW: f32 = 10.0;

/// Takes away what all segments of a document have in common.
///
/// Transformers leave every pair of texts alike (multilingual-e5: cosines of 0.7 to 1), texts of one language most of
/// all. That part tells nothing about which segments belong together, and it differs from side to side. Less of it is
/// taken from short documents, where the mean is made of few segments and so of what they mean.
pub(crate) fn centre(features: &mut Features) {
    let dim = features.dim;
    let lengths: Vec<f64> = features.data.chunks_exact(dim.max(1)).map(norm).collect();
    let rows = lengths.iter().filter(|l| **l > 0.0).count() as f32;
    let total: f64 = lengths.iter().sum();
    if total == 0.0 {
        return;
    }
    let mut mean = vec![0.0f64; dim];
    for row in features.data.chunks_exact(dim) {
        mean.iter_mut().zip(row).for_each(|(m, x)| *m += f64::from(*x) / total);
    }
    let share = f64::from(rows / (rows + FEW));
    for (row, length) in features.data.chunks_exact_mut(dim).zip(lengths) {
        row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= (length * share * m) as f32);
    }
}

/// Refuses buffers that do not fit; slicing them would panic.
pub(crate) fn fits(id: &str, got: usize, want: usize) -> Result<(), Error> {
    if got == want {
        return Ok(());
    }
    Err(Error::Encoder { id: id.into(), reason: format!("a buffer of {got} values where {want} are needed") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_segments_share_is_taken_away() {
        // Unit vectors near (1, 0, 0) that differ in the other two values, times lengths; one empty segment.
        let vectors: Vec<[f32; 3]> = (0..200).map(|i| [0.9, [0.4, -0.4][i % 2], [0.1, 0.1, -0.2][i % 3]]).collect();
        let mut data: Vec<f32> = vectors.iter().flat_map(|v| v.map(|x| x * 30.0)).collect();
        data.extend([0.0; 3]);
        let mut features = Features { dim: 3, data };
        centre(&mut features);
        for (row, v) in features.data.chunks_exact(3).zip(&vectors) {
            assert!(row[0] < 0.06 * v[0] * 30.0, "{row:?}");
            assert!((row[1] - v[1] * 30.0).abs() < 0.5 && (row[2] - v[2] * 30.0).abs() < 0.5, "{row:?} {v:?}");
        }
        assert_eq!(features.data[600..], [0.0; 3]);
        let mut one = Features { dim: 3, data: vec![0.9, 0.4, 0.1] };
        centre(&mut one);
        assert!(one.data[0] > 0.8, "a document of one segment hardly changes: {:?}", one.data);
        centre(&mut Features { dim: 3, data: vec![0.0; 6] });
    }
}
