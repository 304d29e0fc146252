//! Evidence from meaning: similarities of span vectors inside the band.
//!
//! Not here: how vectors are made (`hexapla-encoder`), what a similarity is worth (`trust`).

use std::ops::Range;

use crate::Error;
use crate::align::band::Band;
use crate::align::beads::MOST;
use crate::align::table;
use crate::encode::{Encoder, Features, Meaning};
use crate::evidence::trust::Pair;
use crate::parallel;

/// Most bytes of span vectors that are kept for all passes; beyond, every pass projects the spans of its band anew.
const KEPT: usize = 128 << 20;

/// Segments projected at a time while vectors are prepared.
const CHUNK: usize = 1024;

/// Span vectors of two documents.
#[derive(Clone)]
pub(crate) struct Spans<'a> {
    meaning: Meaning<'a>,
    /// All spans of both sides, [`MOST`] a segment, where they are few enough.
    kept: Option<(Vec<f32>, Vec<f32>)>,
}

impl<'a> Spans<'a> {
    /// Prepares the spans of both documents.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn new(meaning: Meaning<'a>) -> Result<Self, Error> {
        let segments = meaning.source.rows() + meaning.target.rows();
        let fits = segments.saturating_mul(MOST * meaning.encoder.dim() * size_of::<f32>()) <= KEPT;
        let all = |features: &Features| -> Result<Vec<f32>, Error> {
            let mut out = Vec::with_capacity(features.rows() * MOST * meaning.encoder.dim());
            for from in (0..features.rows()).step_by(CHUNK) {
                let to = (from + CHUNK).min(features.rows());
                out.extend(spans(meaning.encoder, features, from, to, MOST)?);
            }
            Ok(out)
        };
        let kept = if fits { Some((all(meaning.source)?, all(meaning.target)?)) } else { None };
        Ok(Self { meaning, kept })
    }

    /// Cosine similarities of some 1-1 pairs: (source segment, target segment, of no interest).
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn pairs(&self, pairs: &[Pair]) -> Result<Vec<f32>, Error> {
        let dim = self.meaning.encoder.dim();
        if let Some((source, target)) = &self.kept {
            let of = |i: usize| i * MOST * dim..i * MOST * dim + dim;
            return Ok(pairs.iter().map(|&(i, j, _)| dot(&source[of(i)], &target[of(j)])).collect());
        }
        let chunks: Vec<&[Pair]> = pairs.chunks(CHUNK).collect();
        let made = parallel::map(&chunks, |_, chunk| {
            let unit = |features: &Features, rows: &mut dyn Iterator<Item = usize>| -> Result<Vec<f32>, Error> {
                let rows: Vec<f32> = rows.flat_map(|i| features.row(i).iter().copied()).collect();
                let mut out = vec![0.0f32; chunk.len() * dim];
                self.meaning.encoder.project(&rows, &mut out)?;
                Ok(out)
            };
            let source = unit(self.meaning.source, &mut chunk.iter().map(|p| p.0))?;
            let target = unit(self.meaning.target, &mut chunk.iter().map(|p| p.1))?;
            Ok(source.chunks_exact(dim).zip(target.chunks_exact(dim)).map(|(a, b)| dot(a, b)).collect::<Vec<f32>>())
        });
        let made: Vec<Vec<f32>> = made.into_iter().collect::<Result<_, Error>>()?;
        Ok(made.concat())
    }

    /// Cosine similarity of every bead of the first `types` types that starts in `rows` and ends in the band.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn similar(&self, band: &Band, types: usize, rows: Range<usize>) -> Result<Similar, Error> {
        let last = band.rows() - 1;
        // A narrow band has no room for the spans of the odder types.
        let fits = |&(_, size): &(usize, (usize, usize))| rows.clone().any(|i| !band.starts(i, size).is_empty());
        let shape = table::types(types).filter(fits).fold((1, 1), |most, (_, (n, m))| (n.max(most.0), m.max(most.1)));
        let dim = self.meaning.encoder.dim();
        let (from, to) = (band.row(rows.start).0, band.row((rows.end - 1 + shape.0).min(last)).1);
        let made;
        // Vectors, spans a segment, and the first segments.
        let (source, target, strides, (s0, t0)) = match &self.kept {
            Some((source, target)) => (source, target, (MOST, MOST), (0, 0)),
            None => {
                let Meaning { encoder, source, target } = self.meaning;
                made = (
                    spans(encoder, source, rows.start, rows.end, shape.0)?,
                    spans(encoder, target, from, to, shape.1)?,
                );
                (&made.0, &made.1, shape, (rows.start, from))
            }
        };
        let mut out = Similar { first: rows.start, types, starts: Vec::new(), values: Vec::new() };
        for i in rows {
            for (_, (n, m)) in table::types(types) {
                out.starts.push(out.values.len());
                let starts = band.starts(i, (n, m));
                if starts.is_empty() {
                    continue;
                }
                let source = &source[((i - s0) * strides.0 + n - 1) * dim..][..dim];
                let of = |j: usize| &target[((j - t0) * strides.1 + m - 1) * dim..][..dim];
                out.values.extend(starts.map(|j| dot(source, of(j))));
            }
        }
        out.starts.push(out.values.len());
        Ok(out)
    }
}

/// Similarities of the beads that start in a few rows.
pub(super) struct Similar {
    first: usize,
    types: usize,
    /// Where in `values` those of every row and type begin, and the end.
    starts: Vec<usize>,
    values: Vec<f32>,
}

impl Similar {
    /// Those of type `k` in row `i`: a value for each of [`Band::starts`].
    #[inline]
    pub(super) fn run(&self, i: usize, k: usize) -> &[f32] {
        let at = (i - self.first) * self.types + k;
        &self.values[self.starts[at]..self.starts[at + 1]]
    }
}

/// Unit vectors of all spans of 1 to `most` segments that start in `from..to`, `most` a segment; spans that run over
/// the end are zero.
fn spans(encoder: &dyn Encoder, features: &Features, from: usize, to: usize, most: usize) -> Result<Vec<f32>, Error> {
    let (dim, out) = (features.dim, encoder.dim());
    // Spans that run over the end are left out where it costs something: they are many in a short text.
    let lengths = |i: usize| most.min(features.rows() - i);
    let count = (from..to).map(lengths).sum::<usize>();
    let mut sums: Vec<f32> = Vec::with_capacity(count * dim);
    for i in from..to {
        sums.extend_from_slice(features.row(i));
        for n in 1..lengths(i) {
            let before = sums.len() - dim;
            sums.extend_from_within(before..);
            for (s, f) in sums[before + dim..].iter_mut().zip(features.row(i + n)) {
                *s += f;
            }
        }
    }
    let mut vectors = vec![0.0f32; (to - from) * most * out];
    encoder.project(&sums, &mut vectors[..count * out])?;
    // Back to front, every segment's vectors come to stand in their place.
    let mut at = count;
    for i in (from..to).rev() {
        let place = (i - from) * most;
        at -= lengths(i);
        if at == place {
            break;
        }
        vectors.copy_within(at * out..(at + lengths(i)) * out, place * out);
        vectors[(place + lengths(i)) * out..(place + most) * out].fill(0.0);
    }
    Ok(vectors)
}

/// Dot product in 16 lanes, added in a fixed order.
#[inline]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 16];
    let (ca, cb) = (a.chunks_exact(16), b.chunks_exact(16));
    let tail: f32 = ca.remainder().iter().zip(cb.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in ca.zip(cb) {
        for k in 0..16 {
            lanes[k] += x[k] * y[k];
        }
    }
    lanes.iter().sum::<f32>() + tail
}
