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
//! say. Meaning is asked only where words and lengths leave it open, since it costs the encoder the clauses.
//!
//! Cost: linear in the path. Not here: evidence of a cut (`evidence`), how segments are cut (`evidence::clauses`).

use super::World;
use super::fixed::Gate;
use crate::encode::{Encoder, Features, Meaning};
use crate::evidence::SEMANTIC_WEIGHT;
use crate::evidence::border::{Borders, Half, Place, Scratch};
use crate::evidence::clauses::{Cut, cuts};
use crate::evidence::semantic::dot;
use crate::evidence::tokens::Tokens;
use crate::evidence::trust::Trust;
use crate::segment::ends_clause;
use crate::{Bead, Document, Error, Mark, parallel};

/// How many borders are overrun before a document has spoken, and how many borders that is worth.
const RATE: (f64, f64) = (0.01, 100.0);

/// Rounds of estimating the rate.
const ROUNDS: usize = 8;

/// Most cuts looked at in a segment: the nearest to the border.
const MOST_CUTS: usize = 16;

/// Tokens of two beads' side beyond which it is not looked at: no sentences, but a text without ends.
const MOST_TOKENS: usize = 2000;

/// ln odds, without meaning, from which on meaning is asked.
const OPEN: f32 = -3.0;

/// Borders looked at by one worker at a time.
const BLOCK: usize = 64;

/// A border between two beads of the path.
struct Border {
    /// The bead before it.
    bead: usize,
    /// Cuts of the last source segment before the border, of the first behind it, and the same of the target.
    cuts: [Vec<Cut>; 4],
    /// Log-odds of every cut, in the order of [`Borders::odds`].
    odds: Vec<f32>,
}

impl Border {
    /// ln of the mean of the cuts' odds.
    fn log_odds(&self) -> f64 {
        let top = self.odds.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = self.odds.iter().map(|o| (o - top).exp()).sum();
        f64::from(top + (sum / self.odds.len() as f32).ln())
    }
}

/// Makes one bead of those whose border is overrun.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn join(
    world: &World<'_>,
    (source, target): (&Document, &Document),
    beads: Vec<Bead>,
    gates: &[Gate],
) -> Result<Vec<Bead>, Error> {
    let ends = (Ends::of(source), Ends::of(target));
    let sentences = |k: usize| ends.0.here(beads[k + 1].source[0]) && ends.1.here(beads[k + 1].target[0]);
    let candidates: Vec<usize> = (1..beads.len()).map(|k| k - 1).filter(|&k| meet(&beads[k], &beads[k + 1], gates) && (sentences(k) || std::env::var("HX_ALL").is_ok())).collect();
    let borders = Borders::new(world.tokens, world.lexicon, world.length);
    let blocks: Vec<&[usize]> = candidates.chunks(BLOCK).collect();
    let found = parallel::map(&blocks, |_, block| {
        let mut scratch = Scratch::default();
        let look = |&k: &usize| look(world, (source, target), &borders, &beads, k, &mut scratch);
        block.iter().filter_map(look).collect::<Vec<Border>>()
    });
    let mut found: Vec<Border> = found.into_iter().flatten().collect();
    if let Some((meaning, trust)) = world.meaning.zip(world.trust).filter(|_| std::env::var("HX_NOSEM").is_err()) {
        let open = found.iter_mut().filter(|b| b.log_odds() > f64::from(OPEN));
        let docs = (source, target);
        let asked = parallel::map_items(open.collect(), |b| ask(world, docs, meaning, &trust, &beads, b));
        asked.into_iter().collect::<Result<(), Error>>()?;
    }
    let odds: Vec<f64> = found.iter().map(Border::log_odds).collect();
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut rate = RATE.0;
    let mut overrun = vec![0.0; odds.len()];
    for _ in 0..ROUNDS {
        let prior = (rate / (1.0 - rate)).ln();
        overrun.iter_mut().zip(&odds).for_each(|(p, o)| *p = logistic(o + prior));
        rate = (overrun.iter().sum::<f64>() + RATE.0 * RATE.1) / (candidates.len() as f64 + RATE.1);
    }
    let mut behind = vec![0.0f32; beads.len()];
    for ((border, p), o) in found.iter().zip(overrun).zip(odds) {
        if std::env::var("HX_LEAK").is_ok() {
            let (a, b) = (&beads[border.bead], &beads[border.bead + 1]);
            println!("LEAK\t{:?}\t{:?}\t{:?}\t{:?}\t{o:.2}\t{p:.3}\t{rate:.4}", a.source, a.target, b.source, b.target);
        }
        behind[border.bead] = p as f32;
    }
    Ok(joined(beads, &behind))
}

/// Which segments end as sentences do.
struct Ends(Option<Vec<bool>>);

impl Ends {
    fn of(document: &Document) -> Self {
        let ends: Vec<bool> = (0..document.len()).map(|i| ends_clause(document.segment(i))).collect();
        let often = 2 * ends.iter().filter(|e| **e).count() >= ends.len();
        Self(often.then_some(ends))
    }

    /// Whether the segment before segment `i` does; where few do, any may.
    fn here(&self, i: u32) -> bool {
        self.0.as_ref().is_none_or(|ends| ends[i as usize - 1])
    }
}

/// Whether two beads are neighbours on the path, with a border that may be overrun.
fn meet(a: &Bead, b: &Bead, gates: &[Gate]) -> bool {
    let path = |b: &Bead| b.mark == Mark::Path && !b.is_null();
    if !path(a) || !path(b) {
        return false;
    }
    let node = (b.source[0], b.target[0]);
    a.source[a.source.len() - 1] + 1 == node.0
        && a.target[a.target.len() - 1] + 1 == node.1
        && gates.binary_search(&node).is_err()
}

/// Words and lengths of the border behind bead `k`; `None` where there is no cut.
fn look(
    world: &World<'_>,
    docs: (&Document, &Document),
    borders: &Borders<'_>,
    beads: &[Bead],
    k: usize,
    scratch: &mut Scratch,
) -> Option<Border> {
    let (a, b) = (&beads[k], &beads[k + 1]);
    let side = |document: &Document, tokens: &Tokens, before: u32, behind: u32| {
        let of = |i: u32| cuts(document.segment(i as usize), tokens.segment(i as usize).len());
        let (mut last, mut first) = (of(before), of(behind));
        last.drain(..last.len().saturating_sub(MOST_CUTS));
        first.truncate(MOST_CUTS);
        [last, first]
    };
    let [c0, c1] = side(docs.0, world.tokens.0, b.source[0] - 1, b.source[0]);
    let [c2, c3] = side(docs.1, world.tokens.1, b.target[0] - 1, b.target[0]);
    let half = |tokens: &'_ Tokens, lengths: &crate::evidence::length::Lengths, from: u32, at: u32, to: u32, cuts: [&[Cut]; 2]| {
        let (from, at, to) = (from as usize, at as usize, to as usize);
        let start = tokens.starts[from] as usize;
        let place = |segment: usize, cut: &Cut| Place {
            tokens: tokens.starts[segment] as usize - start + cut.tokens,
            chars: lengths.span(from, segment) + cut.chars,
        };
        let nothing = Cut { byte: 0, tokens: 0, chars: 0.0 };
        let before = cuts[0].iter().map(|c| place(at - 1, c));
        (start..tokens.starts[to] as usize, lengths.span(from, to), place(at, &nothing), before.chain(cuts[1].iter().map(|c| place(at, c))).collect::<Vec<_>>())
    };
    let end = |x: &[u32]| x[x.len() - 1] + 1;
    let s = half(world.tokens.0, world.lengths.0, a.source[0], b.source[0], end(&b.source), [&c0, &c1]);
    let t = half(world.tokens.1, world.lengths.1, a.target[0], b.target[0], end(&b.target), [&c2, &c3]);
    if s.3.len() + t.3.len() == 0 || s.0.len().max(t.0.len()) > MOST_TOKENS {
        return None;
    }
    let source = Half { ids: &world.tokens.0.ids[s.0], chars: s.1, border: s.2, cuts: s.3 };
    let target = Half { ids: &world.tokens.1.ids[t.0], chars: t.1, border: t.2, cuts: t.3 };
    let odds = borders.odds(&source, &target, scratch);
    Some(Border { bead: k, cuts: [c0, c1, c2, c3], odds })
}

/// One side's spans for every place of the border, projected.
struct Spans {
    /// Unit vectors of what lies before each place, and behind it; the first place is the border as it is.
    vectors: Vec<f32>,
    /// Characters before each place.
    before: Vec<f32>,
    chars: f32,
}

impl Spans {
    fn of(
        document: &Document,
        features: &Features,
        lengths: &crate::evidence::length::Lengths,
        encoder: &dyn Encoder,
        (from, at, to): (u32, u32, u32),
        cuts: [&[Cut]; 2],
    ) -> Result<Self, Error> {
        let mut texts: Vec<&str> = Vec::new();
        for (segment, cuts) in [(at - 1, cuts[0]), (at, cuts[1])] {
            let text = document.segment(segment as usize);
            let ends = cuts.iter().map(|c| c.byte).chain([text.len()]);
            let mut start = 0;
            texts.extend(ends.map(|end| text[std::mem::replace(&mut start, end)..end].trim()));
        }
        let clauses = Features::of_texts(&texts, encoder)?;
        let dim = features.dim;
        let add = |sum: &mut [f32], row: &[f32]| sum.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        let mut sum = vec![0.0; dim];
        for i in from..at - 1 {
            add(&mut sum, features.row(i as usize));
        }
        // Sums before every clause's end; the border is the end of the clause before the first cut behind it.
        let mut sums = Vec::with_capacity(texts.len() * dim);
        for k in 0..texts.len() {
            add(&mut sum, clauses.row(k));
            sums.extend_from_slice(&sum);
        }
        for i in at + 1..to {
            add(&mut sum, features.row(i as usize));
        }
        let border = cuts[0].len();
        let places = [border].into_iter().chain((0..texts.len() - 1).filter(|&k| k != border));
        let mut rows = Vec::new();
        for k in places {
            let before = &sums[k * dim..(k + 1) * dim];
            rows.extend_from_slice(before);
            rows.extend(sum.iter().zip(before).map(|(all, x)| all - x));
        }
        let mut vectors = vec![0.0; rows.len() / dim * encoder.dim()];
        encoder.project(&rows, &mut vectors)?;
        let (a, b) = (lengths.span(from as usize, at as usize - 1), lengths.span(from as usize, at as usize));
        let before = [b].into_iter().chain(cuts[0].iter().map(|c| a + c.chars)).chain(cuts[1].iter().map(|c| b + c.chars));
        Ok(Self { vectors, before: before.collect(), chars: lengths.span(from as usize, to as usize) })
    }

    fn vector(&self, place: usize, behind: usize, dim: usize) -> &[f32] {
        &self.vectors[(place * 2 + behind) * dim..][..dim]
    }
}

/// Adds to every cut's odds what meaning says.
fn ask(
    world: &World<'_>,
    docs: (&Document, &Document),
    meaning: Meaning<'_>,
    trust: &Trust,
    beads: &[Bead],
    border: &mut Border,
) -> Result<(), Error> {
    let (a, b) = (&beads[border.bead], &beads[border.bead + 1]);
    let end = |x: &[u32]| x[x.len() - 1] + 1;
    let [c0, c1, c2, c3] = &border.cuts;
    let s = (a.source[0], b.source[0], end(&b.source));
    let t = (a.target[0], b.target[0], end(&b.target));
    let encoder = meaning.encoder;
    let s = Spans::of(docs.0, meaning.source, world.lengths.0, encoder, s, [c0, c1])?;
    let t = Spans::of(docs.1, meaning.target, world.lengths.1, encoder, t, [c2, c3])?;
    let both = |x: usize, y: usize| {
        let one = |behind: usize, ls: f32, lt: f32| {
            let dim = encoder.dim();
            trust.pair(dot(s.vector(x, behind, dim), t.vector(y, behind, dim)), (ls * lt).max(1.0).sqrt())
        };
        one(0, s.before[x], t.before[y]) + one(1, s.chars - s.before[x], t.chars - t.before[y])
    };
    let as_it_is = both(0, 0);
    let cuts = (1..s.before.len()).map(|x| both(x, 0)).chain((1..t.before.len()).map(|y| both(0, y)));
    for (odds, moved) in border.odds.iter_mut().zip(cuts) {
        *odds += SEMANTIC_WEIGHT * (moved - as_it_is);
    }
    Ok(())
}

/// Beads, given how likely the border behind each is overrun.
fn joined(beads: Vec<Bead>, behind: &[f32]) -> Vec<Bead> {
    let mut out: Vec<Bead> = Vec::with_capacity(beads.len());
    let mut before = 0.0;
    for (bead, &p) in beads.into_iter().zip(behind) {
        if before > 0.5 {
            let last = out.last_mut().expect("a border has a bead before it");
            last.confidence = last.confidence.min(bead.confidence * (1.0 - p)) * before;
            last.source.extend(bead.source);
            last.target.extend(bead.target);
        } else {
            let confidence = bead.confidence * (1.0 - before) * if p > 0.5 { 1.0 } else { 1.0 - p };
            out.push(Bead { confidence, ..bead });
        }
        before = p;
    }
    out
}
