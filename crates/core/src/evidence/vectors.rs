//! Vectors of spans, as an encoder makes them of sums of features.

use std::sync::Arc;

use crate::Error;
use crate::encode::{Encoder, Features};

/// Segments projected at a time.
pub(super) const CHUNK: usize = 1024;

/// Unit vectors of spans of one side.
pub(super) struct Vectors {
    /// Segment of the first spans, and segments of the shortest.
    from: usize,
    shortest: usize,
    /// Where in `data`, in vectors, those of every segment begin, by length.
    starts: Vec<usize>,
    dim: usize,
    data: Vec<f32>,
}

impl Vectors {
    /// Those of spans of `shortest` segments and more: of those that begin at segment `from + k`, up to `longest[k]`. Spans
    /// that run over the end are left out.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn of(
        encoder: &dyn Encoder,
        features: &Features,
        from: usize,
        shortest: usize,
        longest: &[usize],
    ) -> Result<Self, Error> {
        let (dim, width) = (encoder.dim(), features.dim.max(1));
        let mut out = Self { from, shortest, starts: Vec::with_capacity(longest.len()), dim, data: Vec::new() };
        let mut sums: Vec<f32> = Vec::new();
        let mut sum = vec![0.0; features.dim];
        for (chunk, first) in longest.chunks(CHUNK).zip((from..).step_by(CHUNK)) {
            sums.clear();
            for (&longest, i) in chunk.iter().zip(first..) {
                out.starts.push(out.data.len() / dim.max(1) + sums.len() / width);
                let longest = longest.min(features.rows() - i);
                if longest < shortest {
                    continue;
                }
                sum.copy_from_slice(features.row(i));
                for n in 1..=longest {
                    if n > 1 {
                        sum.iter_mut().zip(features.row(i + n - 1)).for_each(|(s, f)| *s += f);
                    }
                    if n >= shortest {
                        sums.extend_from_slice(&sum);
                    }
                }
            }
            let made = out.data.len();
            out.data.resize(made + sums.len() / width * dim, 0.0);
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

/// Vectors of all spans of one side up to some length; longer ones can be added, and clones share what they have.
#[derive(Clone, Default)]
pub(super) struct All {
    /// Longest spans, and their vectors; each goes on where the one before ends.
    made: Vec<(usize, Arc<Vectors>)>,
}

impl All {
    /// Segments of the longest.
    pub(super) fn longest(&self) -> usize {
        self.made.last().map_or(0, |(longest, _)| *longest)
    }

    /// Makes those of up to `most` segments that are not there.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn extend(&mut self, encoder: &dyn Encoder, features: &Features, most: usize) -> Result<(), Error> {
        if most > self.longest() {
            let more = Vectors::of(encoder, features, 0, self.longest() + 1, &vec![most; features.rows()])?;
            self.made.push((most, Arc::new(more)));
        }
        Ok(())
    }

    /// Those with spans of `n` segments.
    #[inline]
    pub(super) fn of_size(&self, n: usize) -> Option<&Vectors> {
        self.made.iter().find(|(longest, _)| n <= *longest).map(|(_, vectors)| &**vectors)
    }
}
