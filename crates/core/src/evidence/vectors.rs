//! Vectors of spans, as an encoder makes them of sums of features.

use std::ops::Range;

use crate::Error;
use crate::encode::{Encoder, Features};

/// Segments projected at a time.
pub(super) const CHUNK: usize = 1024;

/// Unit vectors of spans of one side.
#[derive(Default)]
pub(super) struct Vectors {
    /// Segment of the first spans, and segments of the shortest and the longest.
    from: usize,
    shortest: usize,
    pub(super) longest: usize,
    /// Where in `data`, in vectors, those of every segment begin, by length; spans that run over the end are left out.
    starts: Vec<usize>,
    dim: usize,
    data: Vec<f32>,
}

impl Vectors {
    /// Those of `lengths` segments that start in `segments`.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn of(
        encoder: &dyn Encoder,
        features: &Features,
        segments: Range<usize>,
        lengths: Range<usize>,
    ) -> Result<Self, Error> {
        if lengths.is_empty() {
            return Ok(Self::default());
        }
        let dim = encoder.dim();
        let mut out =
            Self { from: segments.start, shortest: lengths.start, longest: lengths.end - 1, dim, ..Self::default() };
        let mut sums: Vec<f32> = Vec::new();
        let mut sum = vec![0.0; features.dim];
        for first in segments.clone().step_by(CHUNK) {
            sums.clear();
            for i in first..(first + CHUNK).min(segments.end) {
                out.starts.push((out.data.len() / dim.max(1)) + sums.len() / features.dim.max(1));
                sum.copy_from_slice(features.row(i));
                for n in 1..lengths.end.min(features.rows() - i + 1) {
                    if n > 1 {
                        sum.iter_mut().zip(features.row(i + n - 1)).for_each(|(s, f)| *s += f);
                    }
                    if n >= lengths.start {
                        sums.extend_from_slice(&sum);
                    }
                }
            }
            let made = out.data.len();
            out.data.resize(made + sums.len() / features.dim.max(1) * dim, 0.0);
            encoder.project(&sums, &mut out.data[made..])?;
        }
        Ok(out)
    }

    /// The vector of `n` segments from segment `i` on.
    #[inline]
    pub(super) fn get(&self, i: usize, n: usize) -> &[f32] {
        let at = (self.starts[i - self.from] + n - self.shortest) * self.dim;
        &self.data[at..at + self.dim]
    }
}
