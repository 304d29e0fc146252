//! The geometry of the band: which nodes (i, j) of the matrix are looked at.
//!
//! Node (i, j) means: i source and j target segments lie behind. A row has the nodes `low..=high`; rows never step back,
//! and neighbouring rows overlap, so a path always exists. Not here: scores, recurrences.

use std::ops::Range;

/// A band of nodes, rows 0 to n, row-major in one flat index.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    low: Vec<u32>,
    high: Vec<u32>,
    first: Vec<usize>,
    /// Most source segments of a bead that starts in the row; 255 and more are the same.
    longest: Vec<u8>,
}

/// Most nodes of a row in a band of `rows` rows.
fn widest(rows: usize) -> u32 {
    (4_000_000 / rows.max(1)).clamp(48, 1000) as u32
}

impl Band {
    /// A band from each row's inclusive limits, mended so that it holds both corners, never steps back and has
    /// overlapping rows.
    pub(crate) fn new(mut low: Vec<u32>, mut high: Vec<u32>, target: usize) -> Self {
        let rows = low.len();
        low[0] = 0;
        high[rows - 1] = target as u32;
        for i in 1..rows {
            high[i] = high[i].max(high[i - 1]).min(target as u32);
        }
        for i in (0..rows - 1).rev() {
            low[i] = low[i].min(low[i + 1]);
        }
        for i in 1..rows {
            low[i] = low[i].min(high[i - 1]);
        }
        for i in (0..rows - 1).rev() {
            low[i] = low[i].min(low[i + 1]);
        }
        let mut first = Vec::with_capacity(rows + 1);
        let mut at = 0usize;
        for (l, h) in low.iter().zip(&high) {
            first.push(at);
            at += (h - l) as usize + 1;
        }
        first.push(at);
        let longest = (0..rows).rev().map(|left| left.min(usize::from(u8::MAX)) as u8).collect();
        Self { low, high, first, longest }
    }

    /// A band around what a pass left possible: `margin` nodes wider on both sides of each row's limits, and of its
    /// neighbours' within `margin` rows.
    pub(crate) fn around(limits: &[(u32, u32)], middle: &[u32], margin: usize, target: usize) -> Self {
        let rows = limits.len();
        let (mut low, mut high) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        for i in 0..rows {
            let near = &limits[i.saturating_sub(margin)..(i + margin + 1).min(rows)];
            low.push(near.iter().map(|l| l.0).min().unwrap_or(0).saturating_sub(margin as u32));
            high.push(near.iter().map(|l| l.1).max().unwrap_or(0).saturating_add(margin as u32).min(target as u32));
        }
        Self::clipped(low, high, middle, target)
    }

    /// The band narrowed so that every path passes the nodes `gates` (ascending on both sides): rows above a gate stay
    /// on its left, rows below on its right.
    pub(crate) fn through(self, gates: &[(u32, u32)]) -> Self {
        if gates.is_empty() {
            return self;
        }
        let target = self.target();
        let Self { mut low, mut high, .. } = self;
        let (mut passed, mut left) = (0, 0);
        for i in 0..low.len() {
            // Gates 0..passed lie above row i, gates left.. below it, those between in it.
            while passed < gates.len() && (gates[passed].0 as usize) < i {
                passed += 1;
            }
            while left < gates.len() && gates[left].0 as usize <= i {
                left += 1;
            }
            let least = if passed > 0 { gates[passed - 1].1 } else { 0 };
            let most = gates.get(left).map_or(target as u32, |g| g.1);
            (low[i], high[i]) = (low[i].clamp(least, most), high[i].clamp(least, most));
            for &(_, j) in &gates[passed..left] {
                (low[i], high[i]) = (low[i].min(j), high[i].max(j));
            }
        }
        Self::new(low, high, target)
    }

    /// The same nodes, but no bead leaps a row that is `firm` like all within `margin` rows of it.
    pub(crate) fn stopping(mut self, firm: &[bool], margin: usize) -> Self {
        let rows = self.rows();
        let stops = |i: usize| firm[i.saturating_sub(margin)..(i + margin + 1).min(rows)].iter().all(|&firm| firm);
        for i in (0..rows - 1).rev() {
            self.longest[i] = if stops(i + 1) { 1 } else { self.longest[i + 1].saturating_add(1) };
        }
        self
    }

    /// A band no wider than [`widest`] in any row, around `middle`: where nothing tells (one line repeated for ever,
    /// texts that have nothing to do with each other), time and memory stay linear.
    pub(crate) fn clipped(mut low: Vec<u32>, mut high: Vec<u32>, middle: &[u32], target: usize) -> Self {
        let half = widest(low.len()) / 2;
        for ((l, h), &m) in low.iter_mut().zip(&mut high).zip(middle) {
            // A row that every path leaps (inside a large bead) has no limits of its own: neighbours will mend it.
            if h.saturating_sub(*l) > 2 * half {
                *l = (*l).max(m.saturating_sub(half));
                *h = (*h).min(m + half).max(*l);
            }
        }
        Self::new(low, high, target)
    }

    /// Every node.
    pub(crate) fn full(source: usize, target: usize) -> Self {
        Self::new(vec![0; source + 1], vec![target as u32; source + 1], target)
    }

    /// Nodes in all.
    pub(crate) fn nodes(&self) -> usize {
        self.first[self.first.len() - 1]
    }

    /// Number of rows: source segments and one.
    pub(crate) fn rows(&self) -> usize {
        self.low.len()
    }

    /// Target segments.
    pub(crate) fn target(&self) -> usize {
        self.high[self.high.len() - 1] as usize
    }

    /// Inclusive limits of row `i`.
    pub(crate) fn row(&self, i: usize) -> (usize, usize) {
        (self.low[i] as usize, self.high[i] as usize)
    }

    /// Flat index of node (i, `row(i).0`).
    pub(crate) fn first(&self, i: usize) -> usize {
        self.first[i]
    }

    /// Nodes of row `i`.
    #[inline]
    pub(crate) fn width(&self, i: usize) -> usize {
        self.first[i + 1] - self.first[i]
    }

    /// Flat indices of the nodes `columns` of row `i`.
    #[inline]
    pub(crate) fn places(&self, i: usize, columns: &Range<usize>) -> Range<usize> {
        let at = |j: usize| self.first[i] + j - self.low[i] as usize;
        at(columns.start)..at(columns.end)
    }

    /// The nodes (i, j) of row `i` at which beads of `n` source and `m` target segments start that end in the band and
    /// leap nothing they must not; an empty range where there are none.
    #[inline]
    pub(crate) fn starts(&self, i: usize, (n, m): (usize, usize)) -> Range<usize> {
        let (low, high) = self.row(i);
        if n > usize::from(self.longest[i]) {
            return low..low;
        }
        let below = self.row(i + n);
        let from = low.max(below.0.saturating_sub(m));
        from..(high + 1).min((below.1 + 1).saturating_sub(m)).max(from)
    }

    /// Flat index of node (i, j), if it is in the band.
    #[inline]
    pub(crate) fn node(&self, i: usize, j: usize) -> Option<usize> {
        if i < self.low.len() && j >= self.low[i] as usize && j <= self.high[i] as usize {
            Some(self.first[i] + j - self.low[i] as usize)
        } else {
            None
        }
    }
}

/// The least range that holds both, of which the second is not empty.
pub(crate) fn join(a: &mut Range<usize>, b: Range<usize>) {
    *a = if a.start >= a.end { b } else { a.start.min(b.start)..a.end.max(b.end) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_every_path_leaps_are_mended() {
        // A 5-1 bead: the path passes rows 1 and 6 alone.
        let none = (u32::MAX, 0);
        let limits = [(0, 0), (1, 1), none, none, none, none, (2, 2), (3, 3)];
        let band = Band::around(&limits, &[0, 1, 0, 0, 0, 0, 2, 3], 1, 3);
        assert_eq!(band.row(7).1, 3);
        assert!((0..8).all(|i| band.row(i).0 <= band.row(i).1 && band.row(i).1 <= 3));
        assert!(band.node(1, 1).is_some() && band.node(6, 2).is_some() && band.node(4, 2).is_some());
    }

    #[test]
    fn limits_are_mended() {
        let b = Band::new(vec![3, 0, 6, 5], vec![4, 2, 7, 7], 9);
        assert_eq!(b.row(0).0, 0);
        assert_eq!(b.row(3).1, 9);
        for i in 1..b.rows() {
            assert!(b.row(i).0 >= b.row(i - 1).0 && b.row(i).1 >= b.row(i - 1).1);
            assert!(b.row(i).0 <= b.row(i - 1).1);
        }
        assert_eq!(b.node(0, 0), Some(0));
        assert_eq!(b.node(3, 9), Some(b.nodes() - 1));
    }
}
