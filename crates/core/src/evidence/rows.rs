//! Scores of all beads that start in a few rows of the band: what several beads have in common is made once.
//!
//! Beads of one type that start in one row and end in the band are neighbours, so each type is a run of columns: the
//! length's part of it is plain arithmetic over slices, and no bead is asked whether it ends in the band.
//!
//! Not here: what each kind of evidence says of a bead (`length`, `lexical`, `trust`, `structure`).

use std::ops::Range;

use super::lexical::{Hits, Scratch, Windows};
use super::semantic::Similar;
use super::trust::{Edge, Trust};
use super::{Evidence, LEXICAL_BOUND, LEXICAL_WEIGHT};
use crate::Error;
use crate::align::band::{Band, join};
use crate::align::beads::{INDEX, MOST};
use crate::align::table;

/// Which target segments the beads look at that start in some rows.
struct Reach {
    first: usize,
    /// Most segments of a side.
    most: usize,
    /// Per row: of the beads of 1 + k source segments, at k.
    rows: Vec<[Range<usize>; MOST]>,
}

impl Reach {
    fn of(band: &Band, types: usize, rows: Range<usize>) -> Self {
        let most = table::most(types);
        let of = |i: usize| {
            let mut out = [const { 0..0 }; MOST];
            for (_, (n, m)) in table::types(types) {
                let starts = band.starts(i, (n, m));
                if !starts.is_empty() {
                    join(&mut out[n - 1], starts.start..starts.end + m - 1);
                }
            }
            out
        };
        Self { first: rows.start, most, rows: rows.map(of).collect() }
    }

    /// Those of row `i`.
    fn row(&self, i: usize) -> &[Range<usize>; MOST] {
        &self.rows[i - self.first]
    }

    /// Most source segments of the beads that start in row `i`.
    fn longest(&self, i: usize) -> usize {
        self.row(i).iter().rposition(|reach| !reach.is_empty()).map_or(0, |k| k + 1)
    }

    /// The target segments that source segment `p` is held against, as far as these beads ask.
    fn windows(&self, band: &Band, types: usize, p: usize) -> Windows {
        let rows = (p + 1).saturating_sub(self.most).max(self.first)..(p + 1).min(self.first + self.rows.len());
        let mut all = 0..0;
        for i in rows.clone() {
            self.row(i)[p - i..].iter().filter(|reach| !reach.is_empty()).for_each(|r| join(&mut all, r.clone()));
        }
        let mut begin = vec![0..0; self.most];
        if !all.is_empty() {
            for (_, (n, m)) in table::types(types) {
                for i in rows.start.max((p + 1).saturating_sub(n))..rows.end {
                    let starts = band.starts(i, (n, m));
                    if !starts.is_empty() {
                        join(&mut begin[m - 1], starts);
                    }
                }
            }
        }
        Windows { from: all.start, to: all.end, begin }
    }
}

/// Spans of one side that begin in a range of its segments.
struct Spans {
    from: usize,
    /// Lengths of all spans of 1 + b segments, at b; 0 of those that run over the end.
    lengths: Vec<Vec<f32>>,
    /// [`super::Lengths::backgrounds`], likewise.
    backgrounds: Vec<Vec<f32>>,
    /// What the first and the last segment of spans of 2 + b segments may gain, at b; none where nobody asks.
    edges: Vec<[Vec<Edge>; 2]>,
}

/// A bead type in a row: where its beads are.
struct Run {
    /// Index of the type, source and target segments.
    k: usize,
    n: usize,
    m: usize,
    /// Row, and first target segments.
    i: usize,
    columns: Range<usize>,
}

/// Similarities of some rows and what they are worth.
struct Meanings<'a> {
    similar: Similar,
    trust: &'a Trust,
    /// Of the source spans that begin in the row at hand.
    source: Vec<[Edge; 2]>,
    target: &'a Spans,
    /// Lower gain of a side's two edges.
    lower: Vec<f32>,
}

impl Evidence<'_> {
    /// Scores of the beads that start in `rows`, into `out` (as [`table::Table::blocks`] cuts it), where nothing but −∞
    /// stands.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn score_rows(
        &self,
        band: &Band,
        types: usize,
        rows: Range<usize>,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) -> Result<(), Error> {
        let reach = Reach::of(band, types, rows.clone());
        let all = band.rows() - 1;
        let near = rows.start..(rows.end + reach.most - 1).min(all);
        let windows: Vec<Windows> = near.clone().map(|p| reach.windows(band, types, p)).collect();
        let looked = windows.iter().filter(|w| w.from < w.to);
        let from = looked.clone().map(|w| w.from).min().unwrap_or(0);
        scratch.look(&self.lexical, from..looked.map(|w| w.to).max().unwrap_or(from));
        let hits: Vec<Hits> = near.zip(&windows).map(|(p, w)| self.lexical.hits(p, w, scratch)).collect();
        let targets = self.targets(band.row(rows.start).0..band.row(rows.end - 1).1 + 1, reach.most);
        let mut meanings = match &self.semantic {
            Some((vectors, trust)) => {
                // Merges are compared with what is left of them without their first segment.
                let similar = vectors.similar(band, types, rows.start..(rows.end + 1).min(all))?;
                Some(Meanings { similar, trust, source: Vec::new(), target: &targets, lower: Vec::new() })
            }
            None => None,
        };
        let (mut forward, mut semantic) = (Vec::new(), Vec::new());
        for i in rows.clone() {
            let low = band.row(i).0;
            let spans = reach.longest(i);
            let near = &hits[i - rows.start..i - rows.start + spans];
            let reach = &reach.row(i)[..spans];
            let to = reach.iter().map(|reach| reach.end).max().unwrap_or(low).max(low);
            self.lexical.forward(i, near, (low, to), reach, scratch, &mut forward);
            if let Some(meanings) = &mut meanings {
                meanings.source = self.source_edges(i, spans);
            }
            for (k, (n, m)) in table::types(types) {
                let run = Run { k, n, m, i, columns: band.starts(i, (n, m)) };
                let s = self.source.span(i, (i + n).min(all));
                if run.columns.is_empty() || s <= 0.0 {
                    continue; // an empty segment is a null, never part of a bead by itself
                }
                let at = (band.first(i) - band.first(rows.start)) * types + k * band.width(i) + run.columns.start - low;
                let out = &mut out[at..at + run.columns.len()];
                let ahead = &forward[(n - 1) * (to - low + 1) + run.columns.start - low..];
                self.of_words(ahead, &near[..n], &run, out);
                let place = run.columns.start - targets.from..run.columns.end - targets.from;
                let lengths = &targets.lengths[m - 1][place.clone()];
                if self.usage.length {
                    let backgrounds = &targets.backgrounds[m - 1][place];
                    for ((out, &t), &b) in out.iter_mut().zip(lengths).zip(backgrounds) {
                        *out += self.length.score(s, t, b);
                    }
                }
                if let Some(structure) = self.structure {
                    structure.add(i, (n, m), &run.columns, out);
                }
                if let Some(meanings) = &mut meanings {
                    meanings.of(band, types, &run, (s, lengths), self.usage.gain, &mut semantic);
                    out.iter_mut().zip(&semantic).for_each(|(x, v)| *x += self.usage.semantic_weight * v);
                }
                for (out, &t) in out.iter_mut().zip(lengths) {
                    *out = if t > 0.0 { *out } else { f32::NEG_INFINITY };
                }
            }
        }
        Ok(())
    }

    /// What words say of the beads of `run`: `ahead` are prefix sums from their first target segment on.
    fn of_words(&self, ahead: &[f32], near: &[Hits], run: &Run, out: &mut [f32]) {
        for ((out, begin), end) in out.iter_mut().zip(ahead).zip(&ahead[run.m..]) {
            *out = end - begin;
        }
        for hits in near {
            out.iter_mut().zip(hits.backward(&run.columns, run.m)).for_each(|(out, back)| *out += back);
        }
        out.iter_mut().for_each(|x| *x = (LEXICAL_WEIGHT * 0.5 * *x).clamp(-LEXICAL_BOUND, LEXICAL_BOUND));
    }

    /// All target spans that begin in `columns`.
    fn targets(&self, columns: Range<usize>, most: usize) -> Spans {
        let (from, end) = (columns.start, self.target.len());
        let length = |j: usize, m: usize| if j + m <= end { self.target.span(j, j + m) } else { 0.0 };
        let background = |j: usize, m: usize| self.backgrounds[m - 1].get(j).copied().unwrap_or(0.0);
        let lengths = (1..=most).map(|m| columns.clone().map(|j| length(j, m)).collect()).collect();
        let backgrounds = (1..=most).map(|m| columns.clone().map(|j| background(j, m)).collect()).collect();
        let mut edges = Vec::new();
        if self.asks_gains() {
            edges.extend((2..=most).map(|m| {
                let of =
                    |j: usize, edge: usize| Edge::of(if j + m <= end { length(edge, 1) / length(j, m) } else { 0.0 });
                [columns.clone().map(|j| of(j, j)).collect(), columns.clone().map(|j| of(j, j + m - 1)).collect()]
            }));
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
}

impl Meanings<'_> {
    /// What meaning says of the beads of `run`, whose source side has `s` characters and whose target sides have `t`: of
    /// the pair, and on every merged side the lower gain of its two edges.
    fn of(&mut self, band: &Band, types: usize, run: &Run, (s, t): (f32, &[f32]), gain: bool, out: &mut Vec<f32>) {
        let &Run { k, n, m, i, ref columns } = run;
        let whole = self.similar.run(i, k);
        out.clear();
        out.extend(whole.iter().zip(t).map(|(&x, &t)| self.trust.pair(x, (s * t).sqrt())));
        if !gain {
            return;
        }
        // In an n-m bead an edge has a partner anyhow: that it fits is no reason to merge, that it does not is one not to.
        let most = if n > 1 && m > 1 { 0.0 } else { f32::MAX };
        let place = columns.start - self.target.from..columns.end - self.target.from;
        // A part: its row, how much further its columns begin, its segments.
        for (merged, parts) in [
            (n > 1, [(i + 1, 0, (n.wrapping_sub(1), m)), (i, 0, (n.wrapping_sub(1), m))]),
            (m > 1, [(i, 1, (n, m.wrapping_sub(1))), (i, 0, (n, m.wrapping_sub(1)))]),
        ] {
            if !merged {
                continue;
            }
            self.lower.clear();
            self.lower.resize(whole.len(), f32::INFINITY);
            let by_source = parts[0].0 > i;
            for (edge, (row, shift, size)) in parts.into_iter().enumerate() {
                let k = usize::from(INDEX[size.0][size.1]);
                if k >= types {
                    continue;
                }
                let theirs = band.starts(row, size);
                let common = columns.start.max(theirs.start.saturating_sub(shift))
                    ..columns.end.min(theirs.end.saturating_sub(shift));
                if common.is_empty() {
                    continue;
                }
                let here = common.start - columns.start..common.end - columns.start;
                let there = common.start + shift - theirs.start..common.end + shift - theirs.start;
                let part = &self.similar.run(row, k)[there];
                let lower = self.lower[here.clone()].iter_mut().zip(whole[here.clone()].iter().zip(part));
                if by_source {
                    let edge = &self.source[n - 2][edge];
                    lower.for_each(|(low, (x, part))| *low = low.min(self.trust.gain(x - part, edge)));
                } else {
                    let edges = &self.target.edges[m - 2][edge][place.clone()][here];
                    lower.zip(edges).for_each(|((low, (x, part)), e)| *low = low.min(self.trust.gain(x - part, e)));
                }
            }
            for (out, &low) in out.iter_mut().zip(&self.lower) {
                *out += if low < f32::INFINITY { low.min(most) } else { 0.0 };
            }
        }
    }
}
