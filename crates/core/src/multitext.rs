//! One source and any number of versions: rows of N columns, joined from bitexts.
//!
//! Not here: how rows are written (`hexapla-formats`).

use crate::{Alignment, Document, Mark};

/// One row: what every version has for the same passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Segments of every version (ascending); cell 0 is the source's. Empty where a version has nothing.
    pub cells: Vec<Vec<u32>>,
    /// Confidence of every version's link to the source, 0 to 1; the lowest of the beads that were joined. The entry
    /// of the source itself is 1.
    pub confidence: Vec<f32>,
    /// Whether any of the joined beads was off the monotone path or fixed.
    pub mark: Mark,
}

impl Row {
    /// The lowest confidence among the versions that have something in this row.
    pub fn lowest_confidence(&self) -> f32 {
        let filled = self.cells.iter().zip(&self.confidence).skip(1).filter(|(c, _)| !c.is_empty());
        filled.map(|(_, p)| *p).fold(1.0, f32::min)
    }
}

/// Documents side by side: column 0 is the source.
#[derive(Clone, Debug)]
pub struct Multitext<'a> {
    /// The source, then its versions.
    pub documents: Vec<&'a Document>,
    /// Rows in the order of the source; a version's own additions stand after the row they follow.
    pub rows: Vec<Row>,
}

impl<'a> Multitext<'a> {
    /// Two columns: a bead is a row.
    pub fn from_bitext(source: &'a Document, target: &'a Document, alignment: &Alignment) -> Self {
        let rows = alignment.beads.iter().map(|b| Row {
            cells: vec![b.source.clone(), b.target.clone()],
            confidence: vec![1.0, b.confidence],
            mark: b.mark,
        });
        Self { documents: vec![source, target], rows: rows.collect() }
    }

    /// Joins the alignments of several versions with one source.
    ///
    /// Beads of different versions that share a source segment become one row, so a row is the smallest passage at
    /// whose edges all versions may be cut. What a version has beyond the source becomes a row of its own after the
    /// row that its bead follows.
    pub fn join(source: &'a Document, versions: &[(&'a Document, &Alignment)]) -> Self {
        let columns = versions.len() + 1;
        // Union-find over source segments: a bead ties its source segments together.
        let mut root: Vec<u32> = (0..source.len() as u32).collect();
        fn find(root: &mut [u32], mut x: u32) -> u32 {
            while root[x as usize] != x {
                root[x as usize] = root[root[x as usize] as usize];
                x = root[x as usize];
            }
            x
        }
        for (_, alignment) in versions {
            for bead in &alignment.beads {
                for pair in bead.source.windows(2) {
                    let (a, b) = (find(&mut root, pair[0]), find(&mut root, pair[1]));
                    // The smaller index leads, so that a row stands where its first segment does.
                    root[a.max(b) as usize] = a.min(b);
                }
            }
        }
        let mut row_of = vec![u32::MAX; source.len()];
        let mut rows: Vec<Row> = Vec::new();
        let blank = || Row { cells: vec![Vec::new(); columns], confidence: vec![1.0; columns], mark: Mark::Path };
        for i in 0..source.len() as u32 {
            let lead = find(&mut root, i) as usize;
            if row_of[lead] == u32::MAX {
                row_of[lead] = rows.len() as u32;
                rows.push(blank());
            }
            row_of[i as usize] = row_of[lead];
            rows[row_of[lead] as usize].cells[0].push(i);
        }
        // Additions: (row after which they stand, version, order) keeps them sorted and deterministic.
        let mut additions: Vec<(i64, usize, Row)> = Vec::new();
        for (v, (_, alignment)) in versions.iter().enumerate() {
            let column = v + 1;
            let mut after = -1i64;
            for bead in &alignment.beads {
                let Some(&first) = bead.source.first() else {
                    let mut row = blank();
                    row.cells[column] = bead.target.clone();
                    row.confidence[column] = bead.confidence;
                    row.mark = bead.mark;
                    additions.push((after, v, row));
                    continue;
                };
                let at = row_of[first as usize] as usize;
                after = at as i64;
                let row = &mut rows[at];
                row.cells[column].extend(&bead.target);
                row.confidence[column] = row.confidence[column].min(bead.confidence);
                if bead.mark != Mark::Path {
                    row.mark = bead.mark;
                }
            }
        }
        for row in &mut rows {
            for cell in &mut row.cells {
                cell.sort_unstable();
            }
        }
        additions.sort_by_key(|(after, v, _)| (*after, *v));
        let mut out = Vec::with_capacity(rows.len() + additions.len());
        let mut pending = additions.into_iter().peekable();
        while let Some((_, _, row)) = pending.next_if(|a| a.0 < 0) {
            out.push(row);
        }
        for (k, row) in rows.into_iter().enumerate() {
            out.push(row);
            while let Some((_, _, row)) = pending.next_if(|a| a.0 == k as i64) {
                out.push(row);
            }
        }
        let documents = std::iter::once(source).chain(versions.iter().map(|v| v.0)).collect();
        Self { documents, rows: out }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bead, Language};

    fn bead(source: &[u32], target: &[u32], confidence: f32) -> Bead {
        Bead { source: source.to_vec(), target: target.to_vec(), confidence, mark: Mark::Path }
    }

    #[test]
    fn rows_are_joined_through_shared_source_segments() {
        let doc = |n: usize| Document::from_lines(&vec!["x"; n], Language::und()).unwrap();
        let (s, a, b) = (doc(4), doc(3), doc(5));
        let to_a = Alignment {
            beads: vec![bead(&[0, 1], &[0], 0.5), bead(&[2], &[1], 1.0), bead(&[3], &[2], 1.0)],
            quality: 1.0,
        };
        let to_b = Alignment {
            beads: vec![
                bead(&[], &[0], 0.9),
                bead(&[0], &[1], 1.0),
                bead(&[1, 2], &[2, 3], 0.8),
                bead(&[], &[4], 0.7),
                bead(&[3], &[], 0.6),
            ],
            quality: 1.0,
        };
        let joined = Multitext::join(&s, &[(&a, &to_a), (&b, &to_b)]);
        let cells: Vec<_> = joined.rows.iter().map(|r| r.cells.clone()).collect();
        assert_eq!(
            cells,
            [
                [vec![], vec![], vec![0]],
                [vec![0, 1, 2], vec![0, 1], vec![1, 2, 3]],
                [vec![], vec![], vec![4]],
                [vec![3], vec![2], vec![]],
            ]
        );
        assert_eq!(joined.rows[1].lowest_confidence(), 0.5);
    }
}
