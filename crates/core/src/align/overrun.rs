//! Clauses that run over a border: two beads of the path that are only together translations of each other.
//!
//! The dynamic program sees whole segments: where a clause of one side stands in the next segment of the other, two 1-1
//! beads hold fairly well, and nothing shows that a piece of each is missing. So every border between two beads of the
//! path is looked at once more, with cuts inside the segments ([`crate::evidence::border`]):
//!
//! ```text
//! ln odds(border overrun) = ln mean over cuts e^(words + length + meaning, cut against border)  +  ln p / (1 − p)
//! ```
//!
//! p, how many borders are overrun, is estimated from the document (expectation and maximisation, prior [`RATE`]).
//! Beads whose border is more likely overrun than not become one; confidences of all are weighed with what their borders
//! say. Meaning is asked only where words and lengths speak for a cut ([`OPEN`]), since it costs the encoder the clauses.
//!
//! Only borders between sentences can be overrun. Where a segment ends with a comma or without a mark, or with its
//! paragraph, somebody cut the text there (a verse, a line, a cell), in both versions alike, and the border stands.
//!
//! Cost: linear in the path. Not here: a border's two sides (`halves`), evidence of a cut (`evidence`).

use super::World;
use super::fixed::Gate;
use super::halves::{self, Cuts, Span};
use crate::evidence::border::Borders;
use crate::evidence::occurrences::Occurrences;
use crate::segment::ends_clause;
use crate::{Bead, Document, Error, Mark, parallel};

/// How many borders are overrun before a document has spoken, and how many borders that is worth.
const RATE: (f64, f64) = (0.01, 100.0);

/// Rounds of estimating the rate.
const ROUNDS: usize = 8;

/// ln odds, without meaning, from which on meaning is asked: it hardly ever adds as much as most borders lack. (Asked from
/// −3 on, none of the 53 development sets has another bead, and short documents take a sixth longer.)
const OPEN: f64 = 0.0;

/// Borders looked at by one worker at a time.
const BLOCK: usize = 64;

/// A border between two beads of the path.
struct Border {
    /// The bead before it.
    bead: usize,
    source: Span,
    target: Span,
    cuts: [Cuts; 2],
    /// Log-odds of every cut, in the order of [`Borders::odds`].
    odds: Vec<f32>,
}

impl Border {
    /// ln of the mean of the cuts' odds.
    fn log_odds(&self) -> f64 {
        let top = self.odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = self.odds.iter().map(|o| f64::from(o - top).exp()).sum();
        f64::from(top) + (sum / self.odds.len() as f64).ln()
    }

    /// Words and lengths of the border behind bead `k`; `None` where there is no cut.
    fn look(
        world: &World<'_>,
        borders: &Borders<'_>,
        beads: &[Bead],
        k: usize,
        scratch: &mut Occurrences,
    ) -> Option<Self> {
        let (a, b) = (&beads[k], &beads[k + 1]);
        let (source, target) = (Span::of(&a.source, &b.source), Span::of(&a.target, &b.target));
        let cuts = [
            Cuts::of(world.documents.0, &world.tokens.0, source.border),
            Cuts::of(world.documents.1, &world.tokens.1, target.border),
        ];
        let s = halves::half(source, &world.tokens.0, &world.lengths.0, &cuts[0])?;
        let t = halves::half(target, &world.tokens.1, &world.lengths.1, &cuts[1])?;
        let odds = borders.odds(&s, &t, scratch);
        (!odds.is_empty()).then_some(Self { bead: k, source, target, cuts, odds })
    }
}

/// Makes one bead of those whose border is overrun.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn join(world: &World<'_>, beads: Vec<Bead>, gates: &[Gate]) -> Result<Vec<Bead>, Error> {
    let ends = (Ends::of(world.documents.0), Ends::of(world.documents.1));
    let open = |&k: &usize| {
        let Some((i, j)) = meet(&beads[k], &beads[k + 1]) else { return false };
        gates.binary_search(&(i, j)).is_err()
            && ends.0.sentence_before(i)
            && ends.1.sentence_before(j)
            && world.structure.as_ref().is_none_or(|s| !s.parts(i, j))
    };
    let candidates: Vec<usize> = (0..beads.len().saturating_sub(1)).filter(open).collect();
    let borders = Borders::new((&world.tokens.0, &world.tokens.1), &world.lexicon, world.length);
    let blocks: Vec<&[usize]> = candidates.chunks(BLOCK).collect();
    let found = parallel::map_with(blocks, Occurrences::default, |scratch, block| {
        block.iter().filter_map(|&k| Border::look(world, &borders, &beads, k, scratch)).collect::<Vec<_>>()
    });
    let mut found: Vec<Border> = found.into_iter().flatten().collect();
    if world.means() && world.meaning.is_some_and(|m| m.encoder.encodes_parts()) {
        let open: Vec<&mut Border> = found.iter_mut().filter(|b| b.log_odds() > OPEN).collect();
        let asked = parallel::map_items(open, |b| {
            let meaning = halves::meaning(world, (b.source, &b.cuts[0]), (b.target, &b.cuts[1]))?;
            b.odds.iter_mut().zip(meaning).for_each(|(odds, x)| *odds += x);
            Ok(())
        });
        asked.into_iter().collect::<Result<(), Error>>()?;
    }
    let mut behind = vec![0.0f32; beads.len()];
    let odds: Vec<f64> = found.iter().map(Border::log_odds).collect();
    for (border, p) in found.iter().zip(probabilities(&odds, candidates.len())) {
        behind[border.bead] = p as f32;
    }
    Ok(joined(beads, &behind))
}

/// How likely each of some borders is overrun, of `all` that might be.
fn probabilities(odds: &[f64], all: usize) -> Vec<f64> {
    let mut rate = RATE.0;
    let mut out = vec![0.0; odds.len()];
    for _ in 0..ROUNDS {
        let prior = (rate / (1.0 - rate)).ln();
        out.iter_mut().zip(odds).for_each(|(p, o)| *p = 1.0 / (1.0 + (-(o + prior)).exp()));
        rate = (out.iter().sum::<f64>() + RATE.0 * RATE.1) / (all as f64 + RATE.1);
    }
    out
}

/// Which segments end as sentences do.
struct Ends(Option<Vec<bool>>);

impl Ends {
    fn of(document: &Document) -> Self {
        let ends: Vec<bool> = (0..document.len()).map(|i| ends_clause(document.segment(i))).collect();
        let often = 2 * ends.iter().filter(|e| **e).count() >= ends.len();
        Self(often.then_some(ends))
    }

    /// Whether the segment before segment `i` does; in a text without marks, any may.
    fn sentence_before(&self, i: u32) -> bool {
        self.0.as_ref().is_none_or(|ends| ends[i as usize - 1])
    }
}

/// The node where two beads of one passage, or of the path, meet; `None` where they do not.
fn meet(a: &Bead, b: &Bead) -> Option<Gate> {
    let whole = |x: &[u32]| x.last().is_some_and(|l| (l - x[0]) as usize + 1 == x.len());
    let sound = |b: &Bead| b.mark != Mark::Fixed && whole(&b.source) && whole(&b.target);
    let meet = |x: &[u32], y: &[u32]| (x[x.len() - 1] + 1 == y[0]).then_some(y[0]);
    if a.mark != b.mark || !sound(a) || !sound(b) {
        return None;
    }
    meet(&a.source, &b.source).zip(meet(&a.target, &b.target))
}

/// Beads, given how likely the border behind each is overrun.
fn joined(beads: Vec<Bead>, behind: &[f32]) -> Vec<Bead> {
    let mut out: Vec<Bead> = Vec::with_capacity(beads.len());
    let mut before = 0.0;
    for (bead, &p) in beads.into_iter().zip(behind) {
        // A border that stands leaves the bead as likely as it was, less the chance that it does not.
        let stands = if p > 0.5 { 1.0 } else { 1.0 - p };
        match out.last_mut().filter(|_| before > 0.5) {
            Some(last) => {
                last.confidence = last.confidence.min(bead.confidence * stands) * before;
                last.source.extend(bead.source);
                last.target.extend(bead.target);
            }
            None => out.push(Bead { confidence: bead.confidence * stands * (1.0 - before), ..bead }),
        }
        before = p;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{AlignOptions, Kind, align};
    use crate::{Knowledge, Language};

    #[test]
    fn overrun_borders_join_and_doubt_spreads() {
        let bead = |i: u32, confidence| Bead { source: vec![i], target: vec![i], confidence, mark: Mark::Path };
        let beads = vec![bead(0, 1.0), bead(1, 0.9), bead(2, 0.8), bead(3, 1.0)];
        let out = joined(beads, &[0.1, 0.9, 0.0, 0.0]);
        let found: Vec<_> = out.iter().map(|b| (b.source.clone(), (b.confidence * 100.0).round())).collect();
        assert_eq!(found, [(vec![0], 90.0), (vec![1, 2], 72.0), (vec![3], 100.0)]);
    }

    #[test]
    fn a_document_says_how_often_borders_are_overrun() {
        let few = probabilities(&[3.0, -9.0, -9.0], 1000);
        let many = probabilities(&[3.0; 40], 40);
        assert!(few[0] < 0.3 && few[1] < 1e-4, "{few:?}");
        assert!(many[0] > 0.5, "{}", many[0]);
    }

    #[test]
    fn a_clause_behind_the_border_joins_two_beads() {
        let rest: Vec<String> =
            (0..30).map(|k| format!("{} is what {} has, and {}.", 1000 + k, 2000 + k, 3000 + k)).collect();
        let (mut source, mut target) = (rest.clone(), rest);
        // Two long sentences, of which a short clause stands in another one.
        let (one, two) = (8000..8016, 9000..9016);
        let run = |x: std::ops::Range<i32>| x.map(|n| n.to_string()).collect::<Vec<_>>().join(" or ");
        let (one, two) = (run(one), run(two));
        source.splice(10..10, [format!("It was {one}, but not 4718 nor 4719 nor 4720."), format!("We saw {two}.")]);
        target.splice(10..10, [format!("It was {one}."), format!("But not 4718 nor 4719 nor 4720, we saw {two}.")]);
        let document = |lines: &[String]| Document::from_lines(lines, Language::und()).unwrap();
        let (source, target) = (document(&source), document(&target));
        let joins = |options: &AlignOptions| {
            let found = align(&source, &target, None, Knowledge::default(), options).unwrap();
            found.beads.iter().any(|b| b.source == [10, 11] && b.target == [10, 11])
        };
        let without = AlignOptions { without: vec![Kind::Overrun], ..AlignOptions::default() };
        assert!(joins(&AlignOptions::default()));
        assert!(!joins(&without));
    }
}
