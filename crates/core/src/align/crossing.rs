//! Which links cross a path, and by how much.

use super::band::Band;
use super::dp::Step;
use super::table::Table;
use crate::Bead;

/// Which beads cross a path.
pub(super) struct Crossing {
    /// Per source segment: the highest target segment linked at or before it, and one more; 0 for none.
    highest: Vec<u32>,
    /// Per source segment: the lowest target segment linked at or after it.
    lowest: Vec<u32>,
}

/// First and last segments of a bead: source, target.
pub(super) type Link = ((u32, u32), (u32, u32));

/// What beads with both sides filled link.
pub(super) fn linked<'b>(beads: impl Iterator<Item = &'b Bead>) -> impl Iterator<Item = Link> {
    let ends = |x: &[u32]| (x[0], x[x.len() - 1]);
    beads.filter(|b| !b.is_null()).map(move |b| (ends(&b.source), ends(&b.target)))
}

/// What the beads of a path link.
pub(super) fn links(steps: &[Step]) -> Vec<Link> {
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    for step in steps {
        let (n, m) = step.size();
        let (n, m) = (n as u32, m as u32);
        if n > 0 && m > 0 {
            out.push(((i, i + n - 1), (j, j + m - 1)));
        }
        (i, j) = (i + n, j + m);
    }
    out
}

impl Crossing {
    pub(super) fn of(path: impl Iterator<Item = Link>, source: usize, target: usize) -> Self {
        let (mut highest, mut lowest) = (vec![0; source], vec![target as u32; source]);
        for ((first, last), (from, to)) in path {
            highest[first as usize..=last as usize].fill(to + 1);
            lowest[first as usize..=last as usize].fill(from);
        }
        for i in 1..source {
            highest[i] = highest[i].max(highest[i - 1]);
        }
        for i in (0..source.saturating_sub(1)).rev() {
            lowest[i] = lowest[i].min(lowest[i + 1]);
        }
        Self { highest, lowest }
    }

    /// By how many target segments a link crosses the path, at most; 0 where it does not.
    pub(super) fn by(&self, (first, last): (u32, u32), (from, to): (u32, u32)) -> u32 {
        let before = first.checked_sub(1).map_or(0, |i| self.highest[i as usize]);
        let after = self.lowest.get(last as usize + 1).copied().unwrap_or(u32::MAX);
        before.saturating_sub(from).max(to.saturating_sub(after))
    }
}

/// Forbids the beads of segments `s` and `t` that `wanted` does not want.
pub(super) fn keep(
    scores: &mut Table,
    band: &Band,
    (s, t): (&[Option<u32>], &[Option<u32>]),
    wanted: impl Fn((u32, u32), (u32, u32)) -> bool,
) {
    for i in 0..band.rows() {
        for (k, (n, m)) in scores.types() {
            let (starts, low) = (band.starts(i, (n, m)), band.row(i).0);
            for j in starts {
                let ends = (s[i], s[i + n - 1], t[j], t[j + m - 1]);
                if let (Some(first), Some(last), Some(from), Some(to)) = ends
                    && !wanted((first, last), (from, to))
                {
                    scores.run_mut(band, i, k)[j - low] = f32::NEG_INFINITY;
                }
            }
        }
    }
}

pub(super) fn numbered(n: usize) -> Vec<Option<u32>> {
    (0..n as u32).map(Some).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_crosses_by_the_segments_it_stands_behind_or_ahead() {
        // 0–0, 1–1, (2 null), 3–4
        let path = [((0, 0), (0, 0)), ((1, 1), (1, 1)), ((3, 3), (4, 4))];
        let crossing = Crossing::of(path.into_iter(), 4, 6);
        assert_eq!(crossing.by((2, 2), (2, 3)), 0, "between its neighbours");
        assert_eq!(crossing.by((2, 2), (0, 0)), 2, "ahead of what 0 and 1 have");
        assert_eq!(crossing.by((2, 2), (5, 5)), 1, "behind what 3 has");
    }

    #[test]
    fn links_are_the_beads_of_a_path() {
        let steps = [Step::Bead(0), Step::SourceNull, Step::Bead(1), Step::TargetNull, Step::Bead(2)];
        assert_eq!(links(&steps), [((0, 0), (0, 0)), ((2, 2), (1, 2)), ((3, 4), (4, 4))]);
    }
}
