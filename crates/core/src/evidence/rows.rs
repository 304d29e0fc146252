//! Scores of all beads that start in a few rows of the band: what several beads have in common is made once.
//!
//! Beads of one type that start in one row and end in the band are neighbours, so each type is a run of columns: the
//! length's part of it is plain arithmetic over slices, and no bead is asked whether it ends in the band.
//!
//! Not here: what each kind of evidence says of a bead (`length`, `lexical`, `trust`, `structure`).

use std::ops::Range;

use super::lexical::{Hits, Scratch};
use super::trust::{Edge, Trust};
use super::{Evidence, LEXICAL_BOUND, LEXICAL_WEIGHT, lower};
use crate::align::band::Band;
use crate::align::beads::{COUNT, INDEX, MOST, TYPES};

/// The bead types looked at: how far they reach.
struct Shape {
    /// Most segments of a side.
    most: usize,
    /// Most target segments beside n source segments, at n; 0 where there is no such type.
    widest: [usize; MOST + 1],
    /// The same the other way round.
    tallest: [usize; MOST + 1],
}

impl Shape {
    fn of(types: usize) -> Self {
        let (mut widest, mut tallest) = ([0; MOST + 1], [0; MOST + 1]);
        for &(n, m) in &TYPES[..types] {
            let (n, m) = (usize::from(n), usize::from(m));
            widest[n] = widest[n].max(m);
            tallest[m] = tallest[m].max(n);
        }
        let most = (1..=MOST).rev().find(|&l| widest[l] + tallest[l] > 0).unwrap_or(1);
        Self { most, widest, tallest }
    }

    /// One past the last target segment of the beads of `n` source segments that start in row `i`, at most.
    fn end(&self, band: &Band, i: usize, n: usize) -> usize {
        (band.row(i).1 + self.widest[n]).min(band.row(i + n).1)
    }
}

/// Spans of one side that begin in a range of its segments.
struct Spans {
    from: usize,
    /// Lengths of all spans of 1 + b segments, at b; 0 of those that run over the end.
    lengths: Vec<Vec<f32>>,
    /// [`super::Lengths::backgrounds`], likewise.
    backgrounds: Vec<Vec<f32>>,
    /// What the first and the last segment of a span of 2 + b segments may gain, [`MOST`] − 1 a segment.
    edges: Vec<[Edge; 2]>,
}

impl Evidence<'_> {
    /// Scores of the beads that start in rows `first..last`, into `out`, where nothing but −∞ stands.
    pub(super) fn score_rows(&self, band: &Band, types: usize, (first, last): (usize, usize), out: &mut [f32]) {
        let shape = Shape::of(types);
        let rows = band.rows() - 1;
        let mut scratch = Scratch::default();
        let hits: Vec<Hits> = (first..(last + shape.most - 1).min(rows))
            .map(|p| self.hits(band, &shape, p, first..last, &mut scratch))
            .collect();
        let targets = self.targets(band.row(first).0..band.row(last - 1).1 + 1, shape.most);
        let (mut forward, mut lengths) = (Vec::new(), Vec::new());
        for i in first..last {
            let (low, high) = band.row(i);
            let at = |j: usize| band.first(i) - band.first(first) + j - low;
            let spans = shape.most.min(rows - i);
            let ends: Vec<usize> = (1..=spans).map(|n| shape.end(band, i, n)).collect();
            let to = ends.iter().copied().max().unwrap_or(low);
            let near = &hits[i - first..i - first + spans];
            self.lexical.forward(i, near, (low, to), &ends, &mut scratch, &mut forward);
            let width = to - low + 1;
            let edges = self.source_edges(i, spans);
            for (k, &(n, m)) in TYPES[..types].iter().enumerate() {
                let (n, m) = (usize::from(n), usize::from(m));
                if n > spans {
                    continue;
                }
                let below = band.row(i + n);
                let columns = low.max(below.0.saturating_sub(m))..(high + 1).min((below.1 + 1).saturating_sub(m));
                let s = self.source.span(i, i + n);
                if columns.is_empty() || s <= 0.0 {
                    continue; // an empty segment is a null, never part of a bead by itself
                }
                let place = columns.start - targets.from..columns.end - targets.from;
                let spans = &targets.lengths[m - 1][place.clone()];
                lengths.clear();
                if self.usage.length {
                    let backgrounds = &targets.backgrounds[m - 1][place];
                    lengths.extend(spans.iter().zip(backgrounds).map(|(&t, &b)| self.length.score(s, t, b)));
                } else {
                    lengths.resize(spans.len(), 0.0);
                }
                let row = &forward[(n - 1) * width..n * width];
                for ((&t, &length), j) in spans.iter().zip(&lengths).zip(columns) {
                    if t <= 0.0 {
                        continue;
                    }
                    let ahead = row[j + m - low] - row[j - low];
                    let back: f32 = near[..n].iter().map(|h| h.backward(j, m)).sum();
                    let lexical = (LEXICAL_WEIGHT * 0.5 * (ahead + back)).clamp(-LEXICAL_BOUND, LEXICAL_BOUND);
                    let semantic = self.semantic.as_ref().map_or(0.0, |(x, trust)| {
                        let pair = trust.pair(x[(band.first(i) + j - low) * types + k], (s * t).sqrt());
                        let edges = (&*edges, targets.edges_of(j));
                        self.usage.semantic_weight * self.gained(pair, band, types, (i, j), (n, m), x, trust, edges)
                    });
                    let structure = self.structure.map_or(0.0, |x| x.score((i, j), (n, m)));
                    out[at(j) * types + k] = length + lexical + structure + semantic;
                }
            }
        }
    }

    /// What source segment `p` has to do with the target, as far as beads ask that start in `rows`.
    fn hits(&self, band: &Band, shape: &Shape, p: usize, rows: Range<usize>, scratch: &mut Scratch) -> Hits {
        let (most, last) = (shape.most, band.rows() - 1);
        // Rows whose beads of `n` source segments may hold p.
        let above = |n: usize| (p + 1).saturating_sub(n).max(rows.start)..(p + 1).min(rows.end);
        let from = band.row(above(most).start).0;
        let ends = above(most).flat_map(|i| (p + 1 - i..=most.min(last - i)).map(move |n| shape.end(band, i, n)));
        let to = ends.max().unwrap_or(from);
        let asked = (1..=most).map(|m| {
            let rows = above(shape.tallest[m]);
            if rows.is_empty() { 0..0 } else { band.row(rows.start).0..band.row(rows.end - 1).1 + 1 }
        });
        self.lexical.hits(p, (from, to), &asked.collect::<Vec<_>>(), scratch)
    }

    /// All target spans that begin in `columns`.
    fn targets(&self, columns: Range<usize>, most: usize) -> Spans {
        let (from, end) = (columns.start, self.target.len());
        let length = |j: usize, m: usize| if j + m <= end { self.target.span(j, j + m) } else { 0.0 };
        let background = |j: usize, m: usize| if j < end { self.backgrounds[j * MOST + m - 1] } else { 0.0 };
        let lengths = (1..=most).map(|m| columns.clone().map(|j| length(j, m)).collect()).collect();
        let backgrounds = (1..=most).map(|m| columns.clone().map(|j| background(j, m)).collect()).collect();
        let mut edges = Vec::new();
        if self.asks_gains() {
            for j in columns {
                edges.extend((2..=MOST).map(|m| {
                    let last = if j + m <= end { length(j + m - 1, 1) } else { 0.0 };
                    [length(j, 1), last].map(|edge| Edge::of(edge / length(j, m)))
                }));
            }
        }
        Spans { from, lengths, backgrounds, edges }
    }

    /// [`Spans::edges`] of the source spans that begin at `i` and have up to `most` segments.
    fn source_edges(&self, i: usize, most: usize) -> Vec<[Edge; 2]> {
        let most = if self.asks_gains() { most } else { 1 };
        let share = |at: usize, n: usize| self.source.span(at, at + 1) / self.source.span(i, i + n);
        (2..=most).map(|n| [share(i, n), share(i + n - 1, n)].map(Edge::of)).collect()
    }

    fn asks_gains(&self) -> bool {
        self.usage.gain && self.semantic.is_some()
    }

    /// What meaning says of a bead: of the `pair`, and on every merged side the lower gain of its two edges.
    #[expect(clippy::too_many_arguments)]
    #[inline]
    fn gained(
        &self,
        pair: f32,
        band: &Band,
        types: usize,
        (i, j): (usize, usize),
        (n, m): (usize, usize),
        x: &[f32],
        trust: &Trust,
        (source, target): (&[[Edge; 2]], &[[Edge; 2]]),
    ) -> f32 {
        if !self.usage.gain {
            return pair;
        }
        let at = |i: usize, j: usize, n: usize, m: usize| {
            let k = usize::from(INDEX[n][m]);
            band.node(i, j).filter(|_| k < COUNT).map(|node| x[node * types + k])
        };
        let Some(whole) = at(i, j, n, m) else { return pair };
        // In an n-m bead an edge has a partner anyhow: that it fits is no reason to merge, that it does not is one not to.
        let most = if n > 1 && m > 1 { 0.0 } else { f32::INFINITY };
        let mut sum = pair;
        if n > 1 {
            let first = at(i + 1, j, n - 1, m).map(|x| trust.gain(whole - x, &source[n - 2][0]));
            let last = at(i, j, n - 1, m).map(|x| trust.gain(whole - x, &source[n - 2][1]));
            sum += lower(first, last).min(most);
        }
        if m > 1 {
            let first = at(i, j + 1, n, m - 1).map(|x| trust.gain(whole - x, &target[m - 2][0]));
            let last = at(i, j, n, m - 1).map(|x| trust.gain(whole - x, &target[m - 2][1]));
            sum += lower(first, last).min(most);
        }
        sum
    }
}

impl Spans {
    /// Edges of the spans that begin at segment `j`.
    fn edges_of(&self, j: usize) -> &[[Edge; 2]] {
        let at = (j - self.from) * (MOST - 1);
        self.edges.get(at..at + MOST - 1).unwrap_or_default()
    }
}
