//! Evidence from meaning: similarities of span vectors inside the band.
//!
//! Not here: how vectors are made (`hexapla-encoder`), what a similarity is worth (`trust`).

use std::ops::Range;
use std::sync::Arc;

use crate::Error;
use crate::align::band::Band;
use crate::align::table;
use crate::encode::{Encoder, Features, Meaning};
use crate::evidence::trust::Pair;
use crate::parallel;

/// Most bytes of span vectors that are kept for all passes; others are projected where they are asked for.
const KEPT: usize = 128 << 20;

/// Spans of up to so many segments are asked for by every pass; longer ones by the last alone.
const OFTEN: usize = 3;

/// In a band with more nodes a row, longer spans as well are asked for from many places.
const WIDE: usize = 64;

/// Segments projected at a time while vectors are prepared.
const CHUNK: usize = 1024;

/// Span vectors of two documents.
#[derive(Clone)]
pub(crate) struct Spans<'a> {
    meaning: Meaning<'a>,
    /// Spans of both sides, up to some number of segments.
    kept: Arc<[Vectors; 2]>,
}

impl<'a> Spans<'a> {
    /// Spans of both documents, none of them made.
    pub(crate) fn new(meaning: Meaning<'a>) -> Self {
        Self { meaning, kept: Arc::default() }
    }

    /// Makes the spans that a pass over `band` asks for more than once, as far as there is room for them.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn prepare(&mut self, band: &Band, types: usize) -> Result<(), Error> {
        let most = table::types(types).map(|(_, (n, m))| n.max(m)).max().unwrap_or(1);
        self.keep(if band.nodes() > WIDE * band.rows() { most } else { most.min(OFTEN) })
    }

    /// Keeps the spans of up to `most` segments, as far as there is room for them.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    fn keep(&mut self, most: usize) -> Result<(), Error> {
        let Meaning { encoder, source, target } = self.meaning;
        let one = (source.rows() + target.rows()).saturating_mul(encoder.dim() * size_of::<f32>());
        let most = most.min(KEPT / one.max(1));
        if most > self.kept[0].longest {
            let all = |features: &Features| Vectors::of(encoder, features, 0..features.rows(), 1..most + 1);
            self.kept = Arc::new([all(source)?, all(target)?]);
        }
        Ok(())
    }

    /// Cosine similarities of some 1-1 pairs: (source segment, target segment, of no interest).
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn pairs(&mut self, pairs: &[Pair]) -> Result<Vec<f32>, Error> {
        self.keep(1)?;
        let [source, target] = &*self.kept;
        if source.longest > 0 {
            return Ok(pairs.iter().map(|&(i, j, _)| dot(source.get(i, 1), target.get(j, 1))).collect());
        }
        let dim = self.meaning.encoder.dim();
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
        let (from, to) = (band.row(rows.start).0, band.row((rows.end - 1 + shape.0).min(last)).1);
        let kept = &*self.kept;
        let longer = |features: &Features, segments: Range<usize>, most: usize| {
            Vectors::of(self.meaning.encoder, features, segments, kept[0].longest + 1..most + 1)
        };
        let made =
            [longer(self.meaning.source, rows.clone(), shape.0)?, longer(self.meaning.target, from..to, shape.1)?];
        let of = |side: usize, n: usize| if n > kept[side].longest { &made[side] } else { &kept[side] };
        let mut out = Similar { first: rows.start, types, starts: Vec::new(), values: Vec::new() };
        for i in rows {
            for (_, (n, m)) in table::types(types) {
                out.starts.push(out.values.len());
                let starts = band.starts(i, (n, m));
                if starts.is_empty() {
                    continue;
                }
                let (source, targets) = (of(0, n).get(i, n), of(1, m));
                out.values.extend(starts.map(|j| dot(source, targets.get(j, m))));
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

/// Unit vectors of spans of one side.
#[derive(Default)]
struct Vectors {
    /// Segment of the first spans, and segments of the shortest and the longest.
    from: usize,
    shortest: usize,
    longest: usize,
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
    fn of(
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
    fn get(&self, i: usize, n: usize) -> &[f32] {
        let at = (self.starts[i - self.from] + n - self.shortest) * self.dim;
        &self.data[at..at + self.dim]
    }
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
