//! Fixed beads: what the user said stands, and the path goes through it.
//!
//! The segments of fixed beads are taken out of the problem. Of the beads with both sides filled, the longest chain
//! that does not cross itself is the *frame*: each of them leaves a **gate** in what remains, a node that every path
//! passes and that no bead reaches across. The problem thereby falls into independent parts, but lexicon, lengths and
//! priors are still learned from all of them together, and fixed beads are examples to learn from. Beads off the frame
//! (a moved passage that a person confirmed), nulls and beads with a gap leave no gate.
//!
//! ```text
//! fixed [2]:[3]        s0 s1 ‖ s3 s4          gate (2, 3): a band is one node wide there
//!                      t0 t1 t2 ‖ t4
//! ```
//!
//! Not here: the geometry of a band with gates (`band`), reading fixed beads from a file (`hexapla-formats`).

use std::borrow::Cow;

use super::band::Band;
use super::coarse::Coarse;
use super::table::Table;
use crate::encode::{Features, Meaning};
use crate::evaluate::Links;
use crate::evidence::lexicon::Lexicon;
use crate::evidence::pairs::Example;
use crate::evidence::tokens::Tokens;
use crate::{Bead, Document, Error, Mark, Segment};

/// A node of the reduced problem that every path passes.
pub(crate) type Gate = (u32, u32);

/// What fixed beads leave to be aligned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Segments of the source that are left, ascending.
    pub(crate) source: Vec<u32>,
    /// Segments of the target that are left, ascending.
    pub(crate) target: Vec<u32>,
    /// Nodes that the path passes, in coordinates of what is left; strictly ascending.
    pub(crate) gates: Vec<Gate>,
    /// The beads that were taken out.
    pub(crate) taken: Vec<Bead>,
    /// Whether a bead of `taken` is on the frame.
    on_frame: Vec<bool>,
}

impl Plan {
    /// Checks `fixed` and plans around them; `source` and `target` are numbers of segments.
    ///
    /// # Errors
    /// [`Error::BadAnchor`] for a bead without segments, segments that do not exist, are not ascending or stand in
    /// two beads.
    pub(crate) fn of(fixed: &[Links], source: usize, target: usize) -> Result<Self, Error> {
        let mut taken = (vec![false; source], vec![false; target]);
        for (index, (s, t)) in fixed.iter().enumerate() {
            let bad = |reason: String| Error::BadAnchor { index, reason };
            if s.is_empty() && t.is_empty() {
                return Err(bad("both sides are empty; name a segment".into()));
            }
            for (side, list, taken) in [("source", s, &mut taken.0), ("target", t, &mut taken.1)] {
                if let Some(w) = list.windows(2).find(|w| w[0] >= w[1]) {
                    return Err(bad(format!("{side} segments {} and {} are not in ascending order", w[0], w[1])));
                }
                for &i in list {
                    let Some(last) = taken.len().checked_sub(1) else {
                        return Err(bad(format!("the {side} has no segments")));
                    };
                    if i as usize > last {
                        return Err(bad(format!("{side} segment {i} does not exist; the last one is {last}")));
                    }
                    if std::mem::replace(&mut taken[i as usize], true) {
                        return Err(bad(format!("{side} segment {i} stands in another fixed bead, too")));
                    }
                }
            }
        }
        let beads = fixed.iter().map(|(s, t)| Bead {
            source: s.clone(),
            target: t.clone(),
            confidence: 1.0,
            mark: Mark::Fixed,
        });
        Ok(Self::around(beads.collect(), &taken))
    }

    /// Plans around beads that are known to be sound; those of other marks than [`Mark::Fixed`] leave no gates.
    pub(crate) fn around(beads: Vec<Bead>, taken: &(Vec<bool>, Vec<bool>)) -> Self {
        let left = |taken: &[bool]| (0..taken.len() as u32).filter(|&i| !taken[i as usize]).collect::<Vec<u32>>();
        let (source, target) = (left(&taken.0), left(&taken.1));
        let frame = frame(&beads);
        let mut on_frame = vec![false; beads.len()];
        let mut gates = Vec::with_capacity(frame.len());
        for k in frame {
            on_frame[k] = true;
            let before = |left: &[u32], first: u32| left.partition_point(|&x| x < first) as u32;
            gates.push((before(&source, beads[k].source[0]), before(&target, beads[k].target[0])));
        }
        gates.dedup();
        Self { source, target, gates, taken: beads, on_frame }
    }

    /// Whether nothing is fixed.
    pub(crate) fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// Beads of the reduced problem in the coordinates of the documents, with the taken ones among them.
    pub(crate) fn lift(self, mut path: Vec<Bead>) -> Vec<Bead> {
        if self.is_empty() {
            return path;
        }
        for bead in &mut path {
            bead.source.iter_mut().for_each(|i| *i = self.source[*i as usize]);
            bead.target.iter_mut().for_each(|j| *j = self.target[*j as usize]);
        }
        // The frame first: others are placed among what the path passes.
        let (frame, others): (Vec<_>, Vec<_>) = self.taken.into_iter().zip(self.on_frame).partition(|b| b.1);
        weave(weave(path, frame), others)
    }

    /// Examples of the reduced problem in the coordinates of the documents, and the fixed beads as examples.
    pub(crate) fn examples<'a>(&self, examples: &'a [Example]) -> Cow<'a, [Example]> {
        if self.is_empty() {
            return Cow::Borrowed(examples);
        }
        let span = |left: &[u32], (from, to): (u32, u32)| (left[from as usize], left[to as usize - 1] + 1);
        let learned = examples.iter().map(|e| Example {
            source: span(&self.source, e.source),
            target: span(&self.target, e.target),
            weight: e.weight,
        });
        let contiguous = |x: &[u32]| x.last().is_some_and(|l| (l - x[0]) as usize + 1 == x.len());
        let known = self.taken.iter().filter(|b| contiguous(&b.source) && contiguous(&b.target)).map(|b| Example {
            source: (b.source[0], b.source[b.source.len() - 1] + 1),
            target: (b.target[0], b.target[b.target.len() - 1] + 1),
            weight: b.confidence,
        });
        // In the order of the source: learning takes an even sample of many examples.
        let mut all: Vec<Example> = learned.chain(known).collect();
        all.sort_by_key(|e| e.source);
        Cow::Owned(all)
    }
}

/// The longest chain of beads (both sides filled, no gaps) that ascends on both sides; indices in ascending order.
fn frame(beads: &[Bead]) -> Vec<usize> {
    let contiguous = |x: &[u32]| x.last().is_some_and(|l| (l - x[0]) as usize + 1 == x.len());
    let mut order: Vec<usize> = (0..beads.len())
        .filter(|&k| beads[k].mark == Mark::Fixed && contiguous(&beads[k].source) && contiguous(&beads[k].target))
        .collect();
    order.sort_by_key(|&k| beads[k].source[0]);
    // Patience: `ends[l]` is the bead with the smallest target that a chain of l + 1 beads may end with.
    let (mut ends, mut previous): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; beads.len()]);
    for &k in &order {
        let at = ends.partition_point(|&e: &usize| beads[e].target[0] < beads[k].target[0]);
        previous[k] = at.checked_sub(1).map(|p| ends[p]);
        if at == ends.len() { ends.push(k) } else { ends[at] = k }
    }
    let mut out: Vec<usize> = std::iter::successors(ends.last().copied(), |&k| previous[k]).collect();
    out.reverse();
    out
}

/// Puts `others` between the beads of a path: those on the frame where the path passes their gate, others before what
/// follows them in the source, or in the target where they have no source.
fn weave(path: Vec<Bead>, others: Vec<(Bead, bool)>) -> Vec<Bead> {
    // What comes next at or after every bead of the path.
    let mut next = vec![(u32::MAX, u32::MAX); path.len()];
    let mut ahead = (u32::MAX, u32::MAX);
    for (k, bead) in path.iter().enumerate().rev() {
        ahead = (bead.source.first().copied().unwrap_or(ahead.0), bead.target.first().copied().unwrap_or(ahead.1));
        next[k] = ahead;
    }
    let mut placed: Vec<(usize, Bead)> = others
        .into_iter()
        .map(|(bead, on_frame)| {
            let by_source = bead.source.first().map(|&i| next.partition_point(|n| n.0 < i));
            let by_target = bead.target.first().map(|&j| next.partition_point(|n| n.1 < j));
            let at = match (by_source, by_target) {
                (Some(s), Some(t)) if on_frame => s.max(t),
                (Some(s), _) => s,
                (None, t) => t.unwrap_or(0),
            };
            (at, bead)
        })
        .collect();
    placed.sort_by(|a, b| (a.0, &a.1.source, &a.1.target).cmp(&(b.0, &b.1.source, &b.1.target)));
    let mut out = Vec::with_capacity(path.len() + placed.len());
    let mut placed = placed.into_iter().peekable();
    for (k, bead) in path.into_iter().enumerate() {
        while let Some((_, other)) = placed.next_if(|p| p.0 <= k) {
            out.push(other);
        }
        out.push(bead);
    }
    out.extend(placed.map(|p| p.1));
    out
}

/// The segments `keep` of `document` as a document of its own; the document itself where all are kept.
pub(crate) fn reduce<'a>(document: &'a Document, keep: &[u32]) -> Result<Cow<'a, Document>, Error> {
    if keep.len() == document.len() {
        return Ok(Cow::Borrowed(document));
    }
    let segments: Vec<Segment> = keep.iter().map(|&i| document.segments()[i as usize]).collect();
    Ok(Cow::Owned(Document::new(document.text().to_owned(), document.language().clone(), segments)?))
}

/// The rows `keep` of `features`.
pub(crate) fn reduce_features<'a>(features: &'a Features, keep: &[u32]) -> Cow<'a, Features> {
    if keep.len() == features.rows() {
        return Cow::Borrowed(features);
    }
    let data = keep.iter().flat_map(|&i| features.row(i as usize)).copied().collect();
    Cow::Owned(Features { dim: features.dim, data })
}

/// The tokens of the segments `keep`, with the types of all.
pub(crate) fn tokens<'a>(all: &'a Tokens, keep: &[u32]) -> Cow<'a, Tokens> {
    if keep.len() == all.len() { Cow::Borrowed(all) } else { Cow::Owned(all.select(keep.iter().map(|&i| Some(i)))) }
}

/// The features of a problem's two sides.
pub(crate) struct Reduced<'a> {
    source: Cow<'a, Features>,
    target: Cow<'a, Features>,
    meaning: Meaning<'a>,
}

impl<'a> Reduced<'a> {
    /// What `meaning` says of the segments left.
    pub(crate) fn new(meaning: Meaning<'a>, plan: &Plan) -> Self {
        Self {
            source: reduce_features(meaning.source, &plan.source),
            target: reduce_features(meaning.target, &plan.target),
            meaning,
        }
    }

    /// As meaning.
    pub(crate) fn meaning(&self) -> Meaning<'_> {
        Meaning { source: &self.source, target: &self.target, ..self.meaning }
    }
}

/// Up to this many nodes, a part between two gates is looked at as a whole.
const WHOLE: usize = 60_000;

/// The band that the first pass starts with: between two gates every node, or what the coarse path of that part alone
/// leaves possible.
pub(crate) fn first_band(coarse: &Coarse<'_>, lexicon: &Lexicon, gates: &[Gate]) -> Band {
    if gates.is_empty() {
        return coarse.band(lexicon);
    }
    let end = (coarse.lengths.0.len() as u32, coarse.lengths.1.len() as u32);
    let (mut low, mut high) = (vec![u32::MAX; end.0 as usize + 1], vec![0u32; end.0 as usize + 1]);
    let mut from = (0, 0);
    for &to in gates.iter().chain([&end]) {
        let (rows, columns) = (from.0..to.0, from.1..to.1);
        let part = if (rows.len() + 1) * (columns.len() + 1) <= WHOLE {
            Band::full(rows.len(), columns.len())
        } else {
            let of_source = || rows.clone().map(Some);
            let of_target = || columns.clone().map(Some);
            let tokens = (coarse.tokens.0.select(of_source()), coarse.tokens.1.select(of_target()));
            let lengths = (coarse.lengths.0.select(of_source()), coarse.lengths.1.select(of_target()));
            Coarse { tokens: (&tokens.0, &tokens.1), lengths: (&lengths.0, &lengths.1) }.band(lexicon)
        };
        for i in 0..part.rows() {
            let ((l, h), at) = (part.row(i), from.0 as usize + i);
            low[at] = low[at].min(from.1 + l as u32);
            high[at] = high[at].max(from.1 + h as u32);
        }
        from = to;
    }
    Band::new(low, high, end.1 as usize).through(gates)
}

/// Takes from `scores` every bead that reaches across a gate.
pub(crate) fn forbid(gates: &[Gate], band: &Band, scores: &mut Table) {
    for &(gi, gj) in gates {
        let (gi, gj) = (gi as usize, gj as usize);
        for (k, (n, m)) in scores.types() {
            for i in gi.saturating_sub(n)..=gi {
                let (low, high) = band.row(i);
                let run = scores.run_mut(band, i, k);
                for j in low.max(gj.saturating_sub(m))..=high.min(gj) {
                    let end = (i + n, j + m);
                    if (i, j) != (gi, gj) && end != (gi, gj) {
                        run[j - low] = f32::NEG_INFINITY;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(fixed: &[Links]) -> String {
        match Plan::of(fixed, 5, 4) {
            Err(Error::BadAnchor { index, reason }) => format!("{index}: {reason}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(
            reason(&[(vec![0], vec![0]), (vec![5], vec![1])]),
            "1: source segment 5 does not exist; the last one is 4"
        );
        assert_eq!(reason(&[(vec![1], vec![4])]), "0: target segment 4 does not exist; the last one is 3");
        assert_eq!(reason(&[(vec![2, 1], vec![0])]), "0: source segments 2 and 1 are not in ascending order");
        assert_eq!(
            reason(&[(vec![1], vec![2]), (vec![0, 1], vec![])]),
            "1: source segment 1 stands in another fixed bead, too"
        );
        assert_eq!(reason(&[(vec![], vec![])]), "0: both sides are empty; name a segment");
        assert!(Plan::of(&[(vec![0], vec![])], 0, 3).is_err());
    }

    #[test]
    fn the_frame_is_the_longest_chain_and_leaves_gates() {
        // (1, 5) crosses (2, 3) and (4, 4); the null and the bead with a gap leave no gate.
        let fixed =
            [(vec![1], vec![5]), (vec![2], vec![3]), (vec![4], vec![4]), (vec![6], vec![]), (vec![7, 9], vec![8])];
        let plan = Plan::of(&fixed, 10, 10).unwrap();
        assert_eq!(plan.source, [0, 3, 5, 8]);
        assert_eq!(plan.target, [0, 1, 2, 6, 7, 9]);
        assert_eq!(plan.gates, [(1, 3), (2, 3)]);
        assert_eq!(plan.on_frame, [false, true, true, false, false]);
    }

    #[test]
    fn beads_are_woven_in_at_their_places() {
        let bead = |s: &[u32], t: &[u32]| Bead { source: s.to_vec(), target: t.to_vec(), ..Bead::default() };
        let fixed = [(vec![3], vec![4]), (vec![1], vec![6]), (vec![], vec![2])];
        let plan = Plan::of(&fixed, 5, 8).unwrap();
        // Left: source 0 2 4, target 0 1 3 5 7.
        let path = vec![bead(&[0], &[0]), bead(&[], &[1]), bead(&[1], &[2]), bead(&[], &[3]), bead(&[2], &[4])];
        let all: Vec<_> = plan.lift(path).into_iter().map(|b| (b.source, b.target)).collect();
        let want: [Links; 8] = [
            (vec![0], vec![0]),
            (vec![1], vec![6]),
            (vec![], vec![1]),
            (vec![], vec![2]),
            (vec![2], vec![3]),
            (vec![3], vec![4]),
            (vec![], vec![5]),
            (vec![4], vec![7]),
        ];
        assert_eq!(all, want);
    }

    #[test]
    fn examples_are_given_in_the_documents_own_numbers() {
        let plan = Plan::of(&[(vec![1, 2], vec![0])], 5, 5).unwrap();
        let learned = [
            Example { source: (0, 1), target: (0, 2), weight: 0.5 },
            Example { source: (1, 3), target: (2, 3), weight: 0.5 },
        ];
        let all: Vec<_> = plan.examples(&learned).iter().map(|e| (e.source, e.target, e.weight)).collect();
        assert_eq!(all, [((0, 1), (1, 3), 0.5), ((1, 3), (0, 1), 1.0), ((3, 5), (3, 4), 0.5)]);
    }
}
