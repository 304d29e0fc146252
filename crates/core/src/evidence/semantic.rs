//! Evidence from meaning: similarities of span vectors inside the band.
//!
//! Not here: how vectors are made (`hexapla-encoder`), what a similarity is worth (`trust`).

use crate::Error;
use crate::align::band::Band;
use crate::align::beads::{MOST, TYPES};
use crate::encode::{Encoder, Features, Meaning};
use crate::evidence::trust::Pair;
use crate::parallel;

/// Rows whose spans are projected together.
const BLOCK: usize = 64;

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

    /// Cosine similarity of every bead of the first `types` types in the band: `types` values a node, 0 where the
    /// bead's end lies outside.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn similarities(&self, band: &Band, types: usize) -> Result<Vec<f32>, Error> {
        let mut out = vec![0.0f32; band.nodes() * types];
        let blocks = band.blocks(BLOCK, types, &mut out);
        let failed = parallel::map_items(blocks, |(first, last, slice)| self.block(band, types, first, last, slice));
        failed.into_iter().collect::<Result<(), Error>>()?;
        Ok(out)
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

    fn block(&self, band: &Band, types: usize, first: usize, last: usize, out: &mut [f32]) -> Result<(), Error> {
        let rows = band.rows() - 1;
        let most = TYPES[..types].iter().map(|t| usize::from(t.0.max(t.1))).max().unwrap_or(1);
        let dim = self.meaning.encoder.dim();
        let (from, to) = (band.row(first).0, band.row((last - 1 + most).min(rows)).1);
        let made;
        // Vectors, spans a segment, and the first segments.
        let (source, target, stride, (s0, t0)) = match &self.kept {
            Some((source, target)) => (source, target, MOST, (0, 0)),
            None => {
                let Meaning { encoder, source, target } = self.meaning;
                made = (spans(encoder, source, first, last, most)?, spans(encoder, target, from, to, most)?);
                (&made.0, &made.1, most, (first, from))
            }
        };
        for i in first..last {
            let (low, high) = band.row(i);
            for j in low..=high.min(to.saturating_sub(1)) {
                let at = (band.first(i) - band.first(first) + j - low) * types;
                for (k, &(n, m)) in TYPES[..types].iter().enumerate() {
                    let (n, m) = (usize::from(n), usize::from(m));
                    if band.node(i + n, j + m).is_some() {
                        let a = ((i - s0) * stride + n - 1) * dim;
                        let b = ((j - t0) * stride + m - 1) * dim;
                        out[at + k] = dot(&source[a..a + dim], &target[b..b + dim]);
                    }
                }
            }
        }
        Ok(())
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
