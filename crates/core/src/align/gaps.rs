//! Segments that stand inside a bead without belonging to it: a caption or a page's footer printed into a sentence.
//!
//! A monotone path of whole spans has to take them into the bead. So every bead of three segments and more on a side is
//! compared with itself less an inner segment, or two, which become nulls:
//!
//! ```text
//! ln odds = score(without) + ln p(its type) + ln p(null) + ln PRICE  −  score(with) − ln p(its type)
//! ```
//!
//! All are scored at once, as one artificial text in which they follow each other. What remains has a gap, and is marked
//! [`Mark::Moved`]. Not here: passages that stand elsewhere (`moves`).

use super::World;
use super::band::Band;
use super::beads::TYPES;
use crate::{Bead, Error, Mark};

/// How rarely a null stands inside a bead, as ln p: one in five.
const PRICE: f32 = -1.6;

/// Most neighbouring segments taken out of a bead.
const MOST: usize = 2;

/// One reading of a bead.
struct Reading {
    bead: usize,
    source: Vec<u32>,
    target: Vec<u32>,
    /// First node of its block.
    node: (usize, usize),
}

/// Readings of all beads, one after another.
#[derive(Default)]
struct Readings {
    list: Vec<Reading>,
    source: Vec<Option<u32>>,
    target: Vec<Option<u32>>,
}

impl Readings {
    fn push(&mut self, bead: usize, source: Vec<u32>, target: Vec<u32>) {
        if type_of(&source, &target).is_some() {
            // A separator keeps neighbours apart.
            self.source.push(None);
            self.target.push(None);
            let node = (self.source.len(), self.target.len());
            self.source.extend(source.iter().map(|&i| Some(i)));
            self.target.extend(target.iter().map(|&j| Some(j)));
            self.list.push(Reading { bead, source, target, node });
        }
    }

    /// A band that holds every reading's block.
    fn band(&self) -> Band {
        let rows = self.source.len() + 1;
        let (mut low, mut high) = (vec![u32::MAX; rows], vec![0; rows]);
        low[0] = 0;
        for r in &self.list {
            let (i, j) = r.node;
            for row in i..=i + r.source.len() {
                low[row] = low[row].min(j as u32);
                high[row] = high[row].max((j + r.target.len()) as u32);
            }
        }
        Band::new(low, high, self.target.len())
    }
}

fn type_of(source: &[u32], target: &[u32]) -> Option<usize> {
    TYPES.iter().position(|&(n, m)| (usize::from(n), usize::from(m)) == (source.len(), target.len()))
}

/// `segments` without each of its inner runs of up to [`MOST`]; the runs beside.
fn without_inner(segments: &[u32]) -> Vec<Vec<u32>> {
    let mut out = Vec::new();
    for size in 1..=MOST {
        for from in 1..segments.len().saturating_sub(size) {
            let keep = segments.iter().enumerate().filter(|(k, _)| !(from..from + size).contains(k));
            out.push(keep.map(|(_, &i)| i).collect());
        }
    }
    out
}

/// Takes out of every bead what stands inside it without belonging to it.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn open(world: &World<'_>, beads: Vec<Bead>) -> Result<Vec<Bead>, Error> {
    let mut readings = Readings::default();
    for (k, bead) in beads.iter().enumerate().filter(|(_, b)| b.mark == Mark::Path && !b.is_null()) {
        let (s, t) = (without_inner(&bead.source), without_inner(&bead.target));
        if s.len() + t.len() > 0 {
            readings.push(k, bead.source.clone(), bead.target.clone());
            s.into_iter().for_each(|s| readings.push(k, s, bead.target.clone()));
            t.into_iter().for_each(|t| readings.push(k, bead.source.clone(), t));
        }
    }
    if readings.list.is_empty() {
        return Ok(beads);
    }
    let band = readings.band();
    let scores = world.score(&world.part(&readings.source, &readings.target), &band)?;
    let of = |r: &Reading| {
        let kind = type_of(&r.source, &r.target)?;
        band.node(r.node.0, r.node.1)?;
        let left_out = |whole: usize, kept: usize, open: f32| match whole - kept {
            0 => 0.0,
            n => PRICE + open + (n - 1) as f32 * world.priors.stay,
        };
        let bead = &beads[r.bead];
        let nulls = left_out(bead.source.len(), r.source.len(), world.priors.source_null)
            + left_out(bead.target.len(), r.target.len(), world.priors.target_null);
        Some(scores.at(&band, r.node, kind) + world.priors.bead[kind] + nulls)
    };
    let mut best: Vec<Option<(f32, &Reading)>> = vec![None; beads.len()];
    for readings in readings.list.chunk_by(|a, b| a.bead == b.bead) {
        let scored = readings.iter().filter_map(|r| Some((of(r)?, r)));
        let whole = of(&readings[0]).unwrap_or(f32::NEG_INFINITY);
        let top = scored.skip(1).reduce(|best, x| if x.0 > best.0 { x } else { best });
        best[readings[0].bead] = top.map(|(score, r)| (score - whole, r)).filter(|x| x.0 > 0.0);
    }
    let mut out = Vec::with_capacity(beads.len());
    for (bead, found) in beads.into_iter().zip(best) {
        match found {
            Some((odds, reading)) => take_out(bead, odds, reading, &mut out),
            None => out.push(bead),
        }
    }
    Ok(out)
}

/// The bead as it was read, and nulls of what it lost.
fn take_out(bead: Bead, odds: f32, reading: &Reading, out: &mut Vec<Bead>) {
    let confidence = bead.confidence / (1.0 + (-odds).exp());
    let null = |source: Vec<u32>, target: Vec<u32>| Bead { source, target, confidence, mark: Mark::Path };
    let lost = |all: &[u32], kept: &[u32]| all.iter().copied().filter(|i| !kept.contains(i)).collect::<Vec<_>>();
    let (s, t) = (lost(&bead.source, &reading.source), lost(&bead.target, &reading.target));
    let (source, target) = (reading.source.clone(), reading.target.clone());
    out.push(Bead { source, target, confidence, mark: Mark::Moved });
    out.extend(s.into_iter().map(|i| null(vec![i], vec![])));
    out.extend(t.into_iter().map(|j| null(vec![], vec![j])));
}

#[cfg(test)]
mod tests {
    use crate::{AlignOptions, Document, Knowledge, Language, align};

    #[test]
    fn a_footer_inside_a_sentence_stands_alone() {
        let rest: Vec<String> =
            (0..40).map(|k| format!("Alpha{k} beta{k}, gamma{k} delta{k} epsilon{k} and zeta{k}.")).collect();
        let mut source: Vec<&str> = rest.iter().map(|l| &**l).collect();
        let mut target = source.clone();
        source[10] =
            "Ropes 4711 helped 4712 them 4713 climb 4714 the ridge 4715, then 4716 snow 4717 lay 4718 deep 4719.";
        target.splice(
            10..11,
            [
                "Ropes 4711 helped 4712 them 4713 climb",
                "25 Annual review of the club, volume seven, 1957: all rights are reserved, no part of this review may be copied or sold by anybody without a letter of the club",
                "4714 the ridge 4715, then 4716 snow 4717 lay 4718 deep 4719.",
            ],
        );
        let document = |lines: &[&str]| Document::from_lines(lines, Language::und()).unwrap();
        let (s, t) = (document(&source), document(&target));
        let mut options = AlignOptions::default();
        let found = |options: &AlignOptions| {
            let beads = align(&s, &t, None, Knowledge::default(), options).unwrap().beads;
            beads.iter().any(|b| b.source == [10] && b.target == [10, 12])
        };
        assert!(found(&options));
        options.moved = false;
        assert!(!found(&options));
    }
}
