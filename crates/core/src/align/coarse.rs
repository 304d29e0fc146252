//! The coarse path: where in the target a source passage may have its counterpart, in linear time.
//!
//! Both texts are cut into blocks of equal expected length. A block pair's score comes from rare pairs of types (numbers,
//! names, look-alikes): Σ ln(1 + r / L) over their joint occurrences, above what the average pair of blocks has. One
//! step type (a block for a block) and runs of skipped blocks go through the same forward-backward sums as the fine
//! pass; what they leave possible is the band of the next, finer level. At the top there are at most [`TOP`] blocks a
//! side, each level is [`FINER`] times finer, so time is linear in the text.
//!
//! Not here: the fine pass (`super`), the geometry (`band`).

use super::band::Band;
use super::beads::Priors;
use super::sums;
use super::table::Table;
use crate::evidence::fastmath::ln;
use crate::evidence::length::Lengths;
use crate::evidence::lexicon::Lexicon;
use crate::evidence::tokens::Tokens;

/// Most blocks a side at the top level: a full matrix of them is cheap.
const TOP: usize = 512;

/// How much finer the next level is.
const FINER: usize = 8;

/// Segments a block at the finest level, about.
const FINEST: usize = 4;

/// Joint occurrences looked at a segment: the rarest pairs come first.
const BUDGET: usize = 40;

/// Most occurrences of a type, on either side, for it to be an anchor.
const RARE: u32 = 24;

/// Below this many nodes the whole matrix is looked at.
const SMALL: usize = 900;

/// Segments added on both sides of what the coarse levels leave possible.
const MARGIN: u32 = 2;

/// Boundaries of blocks, as segment numbers, from 0 to the number of segments.
type Partition = Vec<u32>;

/// A pair of rare types with what it is worth.
struct Anchor {
    source: u32,
    target: u32,
    ratio: f32,
}

/// What the coarse levels look at.
pub(crate) struct Coarse<'a> {
    /// Tokens of both sides.
    pub(crate) tokens: (&'a Tokens, &'a Tokens),
    /// Lengths of both sides.
    pub(crate) lengths: (&'a Lengths, &'a Lengths),
}

impl Coarse<'_> {
    /// The band that the fine pass starts with.
    pub(crate) fn band(&self, lexicon: &Lexicon) -> Band {
        let (n, m) = (self.lengths.0.len(), self.lengths.1.len());
        if (n + 1) * (m + 1) <= SMALL {
            return Band::full(n, m);
        }
        let anchors = self.anchors(lexicon);
        let segments = (self.tokens.0.segment_of_places(), self.tokens.1.segment_of_places());
        let longest = n.max(m);
        let mut size = longest.div_ceil(TOP).max(FINEST);
        let blocks = |size: usize| longest.div_ceil(size).max(1);
        let (mut s, mut t) = (partition(self.lengths.0, blocks(size)), partition(self.lengths.1, blocks(size)));
        let mut band = Band::full(s.len() - 1, t.len() - 1);
        loop {
            let (limits, middle) = self.pass(&band, &s, &t, &anchors, &segments);
            if size <= FINEST {
                let rows: Partition = (0..=n as u32).collect();
                let columns: Partition = (0..=m as u32).collect();
                return finer((&limits, &middle), &s, &t, &rows, &columns, MARGIN);
            }
            size = (size / FINER).max(FINEST);
            let next = (partition(self.lengths.0, blocks(size)), partition(self.lengths.1, blocks(size)));
            band = finer((&limits, &middle), &s, &t, &next.0, &next.1, 1);
            (s, t) = next;
        }
    }

    /// The rarest pairs of the lexicon, within the budget.
    fn anchors(&self, lexicon: &Lexicon) -> Vec<Anchor> {
        let (a, b) = self.tokens;
        let mut out = Vec::new();
        for s in 0..a.types.len() as u32 {
            if a.types[s as usize].count > RARE {
                continue;
            }
            for (_, t, ratio) in lexicon.row(s) {
                if b.types[t as usize].count <= RARE {
                    out.push(Anchor { source: s, target: t, ratio });
                }
            }
        }
        let joint = |x: &Anchor| (a.types[x.source as usize].count * b.types[x.target as usize].count) as usize;
        out.sort_by_key(|x| (joint(x), x.source, x.target));
        let mut left = BUDGET * (a.len() + b.len());
        let keep = out.iter().take_while(|x| {
            let cost = joint(x);
            let fits = cost <= left;
            left -= cost.min(left);
            fits
        });
        let keep = keep.count();
        out.truncate(keep);
        out
    }

    /// One level: what its forward-backward sums leave possible, a row a source block boundary.
    fn pass(
        &self,
        band: &Band,
        s: &Partition,
        t: &Partition,
        anchors: &[Anchor],
        (left, right): &(Vec<u32>, Vec<u32>),
    ) -> (Vec<(u32, u32)>, Vec<u32>) {
        let (of_s, of_t) = (block_of(s), block_of(t));
        let tokens = self.tokens.1.ids.len() as f32 / (t.len() - 1) as f32;
        let mut scores = Table::filled(band, 1, 0.0);
        let mut sum = 0.0f64;
        for x in anchors {
            let worth = ln(1.0 + x.ratio / (tokens + 1.0));
            for &i in self.tokens.0.places(x.source) {
                let row = of_s[left[i as usize] as usize] as usize;
                let low = band.row(row).0;
                let values = scores.run_mut(band, row, 0);
                for &j in self.tokens.1.places(x.target) {
                    let column = of_t[right[j as usize] as usize] as usize;
                    if let Some(value) = column.checked_sub(low).and_then(|c| values.get_mut(c)) {
                        *value += worth;
                        sum += f64::from(worth);
                    }
                }
            }
        }
        let cells: usize = (0..band.rows() - 1).map(|i| band.width(i)).sum();
        // What an accidental pair has, on average, speaks for nothing.
        let background = (sum / cells.max(1) as f64) as f32;
        let scores = scores.map(|value| (value - background).clamp(0.0, BOUND));
        let posterior = sums::posterior(band, scores, &Priors::coarse());
        (posterior.limits, posterior.middle)
    }
}

/// Most that one pair of blocks may say, in nats.
const BOUND: f32 = 12.0;

/// Cuts a document into at most `blocks` blocks of about equal length.
fn partition(lengths: &Lengths, blocks: usize) -> Partition {
    let share = lengths.total() as f32 / blocks as f32;
    let mut out = vec![0];
    let mut next = share;
    for i in 1..lengths.len() {
        // A boundary goes to the segment edge nearest to its place.
        let (before, after) = (lengths.span(0, i), lengths.span(0, i + 1));
        if next - before <= after - next || after >= next + share {
            out.push(i as u32);
            while next <= before.max(next - share * 0.5) {
                next += share;
            }
            if next <= before + share * 0.5 {
                next += share;
            }
        }
    }
    if lengths.len() > 0 {
        out.push(lengths.len() as u32);
    }
    out
}

/// The block of every segment.
fn block_of(partition: &Partition) -> Vec<u32> {
    let mut out = vec![0; partition[partition.len() - 1] as usize];
    for (k, w) in partition.windows(2).enumerate() {
        out[w[0] as usize..w[1] as usize].fill(k as u32);
    }
    out
}

/// Turns limits over coarse blocks into a band over finer ones, one coarse block and `margin` fine ones wider.
fn finer(
    (limits, middle): (&[(u32, u32)], &[u32]),
    s: &Partition,
    t: &Partition,
    rows: &Partition,
    columns: &Partition,
    margin: u32,
) -> Band {
    let last = *t.last().expect("a partition has both ends");
    let (mut low, mut high, mut mid) = (Vec::new(), Vec::new(), Vec::new());
    let mut block = 0;
    for &i in rows {
        while block + 2 < s.len() && s[block + 1] < i {
            block += 1;
        }
        let (a, b) = (limits[block], limits[(block + 1).min(limits.len() - 1)]);
        let from = t[(a.0.min(b.0) as usize).saturating_sub(1).min(t.len() - 1)];
        let to = t.get(a.1.max(b.1) as usize + 1).copied().unwrap_or(last);
        let from = columns.partition_point(|&c| c < from) as u32;
        let to = columns.partition_point(|&c| c < to) as u32;
        low.push(from.saturating_sub(margin));
        // The path runs straight through a block, as far as is known.
        let (x, y) = (s[block], s[(block + 1).min(s.len() - 1)]);
        let (u, v) = (t[middle[block] as usize], t[middle[(block + 1).min(middle.len() - 1)] as usize]);
        let along = f64::from(i.saturating_sub(x)) / f64::from((y - x).max(1));
        let place = f64::from(u) + along * f64::from(v.saturating_sub(u));
        mid.push(columns.partition_point(|&c| f64::from(c) < place) as u32);
        high.push((to + margin).min(columns.len() as u32 - 1));
    }
    Band::clipped(low, high, &mid, columns.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Language};

    #[test]
    fn partitions_cover_and_are_even() {
        let lines: Vec<String> = (0..100).map(|k| "x".repeat(5 + k % 7)).collect();
        let doc = Document::from_lines(&lines, Language::und()).unwrap();
        let p = partition(&Lengths::of(&doc), 20);
        assert_eq!((p[0], *p.last().unwrap()), (0, 100));
        assert!(p.windows(2).all(|w| w[0] < w[1] && w[1] - w[0] <= 8), "{p:?}");
        assert!((18..=22).contains(&(p.len() - 1)), "{}", p.len());
    }
}
