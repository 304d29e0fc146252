//! Evidence from meaning: similarities of span vectors inside the band.
//!
//! Where vectors are nothing but sums, inner products of segments are added up (`products`); elsewhere vectors of spans are
//! made (`vectors`), as many as there is room for only once. Not here: how features are made (`hexapla-encoder`), what a
//! similarity is worth (`trust`).

use std::ops::Range;
use std::sync::Arc;

use super::fastmath::dot;
use super::products::{Inverses, Products};
use super::trust::Pair;
use super::vectors::{All, CHUNK, Vectors};
use crate::Error;
use crate::align::band::Band;
use crate::align::table;
use crate::encode::{Features, Meaning};
use crate::parallel;

/// Most bytes of span vectors that are kept for all passes; others are projected where they are asked for.
const KEPT: usize = 128 << 20;

/// Spans of up to so many segments are asked for by every pass; longer ones by the last alone.
const OFTEN: usize = 3;

/// In a band with more nodes a row, longer spans as well are asked for from many places.
const WIDE: usize = 64;

/// Spans of two documents.
#[derive(Clone)]
pub(crate) struct Spans<'a> {
    meaning: Meaning<'a>,
    kept: Kept,
}

/// What is kept of the spans of both sides, up to some number of segments.
#[derive(Clone)]
enum Kept {
    Vectors([All; 2]),
    Inverses(Arc<[Inverses; 2]>),
}

impl<'a> Spans<'a> {
    /// Spans of both documents, none of them made.
    pub(crate) fn new(meaning: Meaning<'a>) -> Self {
        let adds = meaning.encoder.adds();
        Self { meaning, kept: if adds { Kept::Inverses(Arc::default()) } else { Kept::Vectors(Default::default()) } }
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
        match &mut self.kept {
            // They are little beside the features, so all are made at once.
            Kept::Inverses(kept) if kept[0].is_empty() => {
                *kept = Arc::new([Inverses::of(source), Inverses::of(target)]);
            }
            Kept::Inverses(_) => {}
            Kept::Vectors(kept) => {
                let one = (source.rows() + target.rows()).saturating_mul(encoder.dim() * size_of::<f32>());
                let most = most.min(KEPT / one.max(1));
                kept[0].extend(encoder, source, most)?;
                kept[1].extend(encoder, target, most)?;
            }
        }
        Ok(())
    }

    /// Cosine similarities of some 1-1 pairs: (source segment, target segment, of no interest).
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn pairs(&mut self, pairs: &[Pair]) -> Result<Vec<f32>, Error> {
        self.keep(1)?;
        match &self.kept {
            Kept::Inverses(kept) => {
                let (source, target) = (kept[0].of_size(1), kept[1].of_size(1));
                let product = |i: usize, j: usize| dot(self.meaning.source.row(i), self.meaning.target.row(j));
                return Ok(pairs.iter().map(|&(i, j, _)| product(i, j) * source[i] * target[j]).collect());
            }
            Kept::Vectors([source, target]) => {
                if let Some((source, target)) = source.of_size(1).zip(target.of_size(1)) {
                    return Ok(pairs.iter().map(|&(i, j, _)| dot(source.get(i, 1), target.get(j, 1))).collect());
                }
            }
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
        let mut out = Similar { first: rows.start, types, starts: Vec::new(), values: Vec::new() };
        match &self.kept {
            Kept::Inverses(kept) => self.added(kept, band, rows, &mut out),
            Kept::Vectors(kept) => self.made(kept, band, rows, &mut out)?,
        }
        out.starts.push(out.values.len());
        Ok(out)
    }

    /// [`Self::similar`] where inner products add up.
    fn added(&self, [source, target]: &[Inverses; 2], band: &Band, rows: Range<usize>, out: &mut Similar) {
        let products = Products::of(band, out.types, rows.clone(), self.meaning.source, self.meaning.target);
        for i in rows {
            for (_, (n, m)) in table::types(out.types) {
                let (starts, at) = (band.starts(i, (n, m)), out.values.len());
                out.starts.push(at);
                if !starts.is_empty() {
                    out.values.resize(at + starts.len(), 0.0);
                    let values = &mut out.values[at..];
                    products.add(i, (n, m), &starts, values);
                    let mine = source.of_size(n)[i];
                    values.iter_mut().zip(&target.of_size(m)[starts]).for_each(|(x, theirs)| *x *= mine * theirs);
                }
            }
        }
    }

    /// [`Self::similar`] where spans have vectors of their own.
    fn made(&self, kept: &[All; 2], band: &Band, rows: Range<usize>, out: &mut Similar) -> Result<(), Error> {
        let types = out.types;
        let beads =
            || rows.clone().flat_map(|i| table::types(types).map(move |(_, size)| (i, size, band.starts(i, size))));
        let beads = || beads().filter(|(_, _, starts)| !starts.is_empty());
        // Of every segment, only the spans that some bead has: a narrow band has no room for most of the longer ones.
        let from = beads().map(|(_, _, starts)| starts.start).min().unwrap_or(0);
        let to = beads().map(|(_, _, starts)| starts.end).max().unwrap_or(from);
        let (mut sources, mut targets) = (vec![0; rows.len()], vec![0; to - from]);
        for (i, (n, m), starts) in beads() {
            let most = &mut sources[i - rows.start];
            *most = n.max(*most);
            targets[starts.start - from..starts.end - from].iter_mut().for_each(|most| *most = m.max(*most));
        }
        let longer = |features: &Features, first: usize, longest: &[usize], kept: &All| {
            Vectors::of(self.meaning.encoder, features, first, kept.longest() + 1, longest)
        };
        let made = [
            longer(self.meaning.source, rows.start, &sources, &kept[0])?,
            longer(self.meaning.target, from, &targets, &kept[1])?,
        ];
        let of = |side: usize, n: usize| kept[side].of_size(n).unwrap_or(&made[side]);
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
        Ok(())
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
