//! Evidence from meaning: similarities of span vectors inside the band.
//!
//! Not here: how vectors are made (`hexapla-encoder`), what a similarity is worth (`trust`).

use crate::Error;
use crate::align::band::Band;
use crate::align::beads::TYPES;
use crate::encode::{Encoder, Features, Meaning};
use crate::parallel;

/// Rows whose spans are projected together.
const BLOCK: usize = 64;

/// Cosine similarity of every bead of the first `types` types in the band: `types` values a node, 0 where the bead's
/// end lies outside.
pub(crate) fn similarities(meaning: Meaning<'_>, band: &Band, types: usize) -> Result<Vec<f32>, Error> {
    let mut out = vec![0.0f32; band.nodes() * types];
    let blocks = band.blocks(BLOCK, types, &mut out);
    let failed = parallel::map_items(blocks, |(first, last, slice)| block(meaning, band, types, first, last, slice));
    failed.into_iter().collect::<Result<(), Error>>()?;
    Ok(out)
}

/// Unit vectors of all spans of 1 to `most` segments that start in `from..to`, `most` a segment; spans that run over
/// the end are zero.
fn spans(encoder: &dyn Encoder, features: &Features, from: usize, to: usize, most: usize) -> Result<Vec<f32>, Error> {
    let (dim, out) = (features.dim, encoder.dim());
    let mut sums = vec![0.0f32; (to - from) * most * dim];
    for i in from..to {
        for n in 0..most.min(features.rows() - i) {
            let at = ((i - from) * most + n) * dim;
            if n > 0 {
                sums.copy_within(at - dim..at, at);
            }
            for (s, f) in sums[at..at + dim].iter_mut().zip(features.row(i + n)) {
                *s += f;
            }
        }
    }
    let mut vectors = vec![0.0f32; (to - from) * most * out];
    encoder.project(&sums, &mut vectors)?;
    Ok(vectors)
}

fn block(
    meaning: Meaning<'_>,
    band: &Band,
    types: usize,
    first: usize,
    last: usize,
    out: &mut [f32],
) -> Result<(), Error> {
    let rows = band.rows() - 1;
    let most = TYPES[..types].iter().map(|t| usize::from(t.0.max(t.1))).max().unwrap_or(1);
    let dim = meaning.encoder.dim();
    let source = spans(meaning.encoder, meaning.source, first, last, most)?;
    let (from, to) = (band.row(first).0, band.row((last - 1 + most).min(rows)).1);
    let target = spans(meaning.encoder, meaning.target, from, to, most)?;
    for i in first..last {
        let (low, high) = band.row(i);
        for j in low..=high.min(to.saturating_sub(1)) {
            let at = (band.first(i) - band.first(first) + j - low) * types;
            for (k, &(n, m)) in TYPES[..types].iter().enumerate() {
                let (n, m) = (usize::from(n), usize::from(m));
                if band.node(i + n, j + m).is_some() {
                    let a = ((i - first) * most + n - 1) * dim;
                    let b = ((j - from) * most + m - 1) * dim;
                    out[at + k] = dot(&source[a..a + dim], &target[b..b + dim]);
                }
            }
        }
    }
    Ok(())
}

/// Dot product in 16 lanes, added in a fixed order.
#[inline]
fn dot(a: &[f32], b: &[f32]) -> f32 {
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
