//! Model 1 over examples: which types occur together, where, and how probable each is beside the other.
//!
//! Not here: what becomes of the probabilities (`lexicon`).

use rustc_hash::FxHashMap;

use super::cognate::{CLASSES, Cognates, Likeness};
use super::tokens::Tokens;

/// A bead to learn from.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// Source segments, first and one past the last.
    pub(crate) source: (u32, u32),
    /// Target segments, first and one past the last.
    pub(crate) target: (u32, u32),
    /// How sure the bead is, 0 to 1.
    pub(crate) weight: f32,
}

/// Discount of every count (absolute discounting, Ney et al. 1994): what was seen once says little.
const DISCOUNT: f32 = 0.6;

/// Pseudo-counts of the look-alikes' prior.
const PRIOR_COUNT: f32 = 2.0;

/// Rounds of expectation and maximisation. More teach also what is wrong in a pass that knew no words; over beads of one
/// that did they are worth having (docs/accuracy.md).
pub(crate) const ROUNDS: usize = 4;
pub(crate) const ROUNDS_AT_LAST: usize = 6;

/// From this count on, a pair is about as probable without any one of its examples.
const OFTEN: f32 = 20.0;

/// Pairs of types that occur together often enough to learn from, and where.
///
/// A **slot** is a distinct type of one example's side; a **cell** is a pair of slots of one example. Pairs are grouped
/// by source type, so that they are counted in a plain array and not in a hash table; cells are grouped by pair, so
/// that a round of training runs once over them.
pub(super) struct Pairs {
    /// (source type, target type); of one source type, first its look-alikes in their order.
    pub(super) list: Vec<(u32, u32)>,
    /// Where each source type's pairs begin; one more than types.
    pub(super) rows: Vec<u32>,
    /// Where each pair's cells begin; one more than pairs.
    pub(super) cell_starts: Vec<u32>,
    /// (source slot, target slot).
    pub(super) cells: Vec<(u32, u32)>,
    pub(super) source: Slots,
    pub(super) target: Slots,
}

/// One side of all examples.
#[derive(Default)]
pub(super) struct Slots {
    /// Type of every slot.
    pub(super) types: Vec<u32>,
    /// How often it occurs in its example.
    times: Vec<f32>,
    /// The same, times the example's weight.
    weighted: Vec<f32>,
    /// Frequency of its type.
    background: Vec<f32>,
    /// Where each example's slots begin; one more than examples.
    starts: Vec<u32>,
    /// Weighted occurrences a type.
    totals: Vec<f32>,
}

impl Slots {
    fn of(tokens: &Tokens, spans: impl Iterator<Item = ((u32, u32), f32)>) -> Self {
        let mut out = Self { starts: vec![0], totals: vec![0.0; tokens.types.len()], ..Self::default() };
        let mut scratch = Vec::new();
        for ((from, to), weight) in spans {
            scratch.clear();
            let places = tokens.starts[from as usize] as usize..tokens.starts[to as usize] as usize;
            scratch.extend_from_slice(&tokens.ids[places]);
            scratch.sort_unstable();
            for run in scratch.chunk_by(|a, b| a == b) {
                let times = run.len() as f32;
                out.types.push(run[0]);
                out.times.push(times);
                out.weighted.push(times * weight);
                out.background.push(tokens.background(run[0]));
                out.totals[run[0] as usize] += times * weight;
            }
            out.starts.push(out.types.len() as u32);
        }
        out
    }

    /// The example of every slot.
    pub(super) fn examples(&self) -> Vec<u32> {
        let of = |(e, range): (usize, &[u32])| std::iter::repeat_n(e as u32, (range[1] - range[0]) as usize);
        self.starts.windows(2).enumerate().flat_map(of).collect()
    }

    /// The slots of example `e`.
    pub(super) fn of_example(&self, e: u32) -> std::ops::Range<u32> {
        self.starts[e as usize]..self.starts[e as usize + 1]
    }

    /// Where each type's places begin (one more than types), and the places: (slot, example), in order.
    fn by_type(&self) -> (Vec<u32>, Vec<(u32, u32)>) {
        let mut starts = vec![0u32; self.totals.len() + 1];
        self.types.iter().for_each(|&t| starts[t as usize + 1] += 1);
        for k in 1..starts.len() {
            starts[k] += starts[k - 1];
        }
        let mut next = starts.clone();
        let mut places = vec![(0, 0); self.types.len()];
        for e in 0..self.starts.len() as u32 - 1 {
            for slot in self.of_example(e) {
                let at = &mut next[self.types[slot as usize] as usize];
                places[*at as usize] = (slot, e);
                *at += 1;
            }
        }
        (starts, places)
    }
}

/// No pair.
const NONE: u32 = u32::MAX;

impl Pairs {
    /// Look-alikes, and pairs that occur in at least two examples.
    pub(super) fn collect(source: &Tokens, target: &Tokens, cognates: &Cognates, examples: &[&Example]) -> Self {
        let source = Slots::of(source, examples.iter().map(|e| (e.source, e.weight)));
        let target = Slots::of(target, examples.iter().map(|e| (e.target, e.weight)));
        let (starts, places) = source.by_type();
        let (mut list, mut rows, mut cell_starts) = (Vec::new(), vec![0u32], vec![0u32]);
        let mut cells: Vec<(u32, u32)> = Vec::new();
        // Of one source type: how many examples a target type shares with it, and their pair.
        let (mut shared, mut pair) = (vec![0u32; target.totals.len()], vec![NONE; target.totals.len()]);
        let (mut seen, mut next) = (Vec::new(), Vec::new());
        for (s, look_alikes) in cognates.source.iter().enumerate() {
            let places = &places[starts[s] as usize..starts[s + 1] as usize];
            for t in places.iter().flat_map(|&(_, e)| target.of_example(e)).map(|slot| target.types[slot as usize]) {
                if shared[t as usize] == 0 {
                    seen.push(t);
                }
                shared[t as usize] += 1;
            }
            let first = list.len();
            let often = seen.iter().copied().filter(|&t| shared[t as usize] > 1);
            for t in look_alikes.iter().map(|x| x.0).chain(often) {
                if pair[t as usize] == NONE {
                    pair[t as usize] = list.len() as u32;
                    list.push((s as u32, t));
                    next.push(cell_starts[cell_starts.len() - 1]);
                    cell_starts.push(cell_starts[cell_starts.len() - 1] + shared[t as usize]);
                }
            }
            cells.resize(cell_starts[cell_starts.len() - 1] as usize, (0, 0));
            for &(from, e) in places {
                for to in target.of_example(e) {
                    let k = pair[target.types[to as usize] as usize];
                    if k != NONE {
                        let at = &mut next[k as usize - first];
                        cells[*at as usize] = (from, to);
                        *at += 1;
                    }
                }
            }
            seen.drain(..).for_each(|t| shared[t as usize] = 0);
            list[first..].iter().for_each(|&(_, t)| pair[t as usize] = NONE);
            next.clear();
            rows.push(list.len() as u32);
        }
        Self { list, rows, cell_starts, cells, source, target }
    }

    /// Where pair `k` occurs.
    pub(super) fn cells_of(&self, k: usize) -> &[(u32, u32)] {
        &self.cells[self.cell_starts[k] as usize..self.cell_starts[k + 1] as usize]
    }

    /// p(t|s) as look-alikes have it, a value a pair.
    pub(super) fn source_prior(&self, target: &Tokens, cognates: &Cognates, rates: &[f32; CLASSES]) -> Vec<f32> {
        let mut out = vec![0.0; self.list.len()];
        for (row, &first) in cognates.source.iter().zip(&self.rows) {
            let mut k = first as usize;
            share(
                row,
                |t| target.types[t as usize].count,
                rates,
                |v| {
                    out[k] = v;
                    k += 1;
                },
            );
        }
        out
    }

    /// p(s|t) as look-alikes have it, a value a pair.
    pub(super) fn target_prior(&self, source: &Tokens, cognates: &Cognates, rates: &[f32; CLASSES]) -> Vec<f32> {
        let mut back: FxHashMap<(u32, u32), f32> = FxHashMap::default();
        for (t, row) in cognates.target.iter().enumerate() {
            let mut list = row.iter();
            share(
                row,
                |s| source.types[s as usize].count,
                rates,
                |v| {
                    if let Some(&(s, _)) = list.next() {
                        back.insert((s, t as u32), v);
                    }
                },
            );
        }
        let mut out = vec![0.0; self.list.len()];
        for (s, row) in cognates.source.iter().enumerate() {
            let first = self.rows[s] as usize;
            for (v, &(t, _)) in out[first..].iter_mut().zip(row) {
                *v = back.get(&(s as u32, t)).copied().unwrap_or(0.0);
            }
        }
        out
    }

    /// Expectation and maximisation in one direction: p(t|s), or p(s|t) where `reversed`, in `rounds` rounds. `prior`
    /// are the look-alikes'.
    pub(super) fn train(&self, prior: Vec<f32>, reversed: bool, rounds: usize) -> Trained<'_> {
        let (given, explained) = if reversed { (&self.target, &self.source) } else { (&self.source, &self.target) };
        let order = |&(s, t): &(u32, u32)| if reversed { (t as usize, s as usize) } else { (s as usize, t as usize) };
        let mut p: Vec<f32> = prior.iter().map(|&x| x.max(0.02)).collect();
        let (mut before, mut counts) = (Vec::new(), vec![0.0; p.len()]);
        let mut share = explained.background.clone();
        for round in 0..rounds {
            share.copy_from_slice(&explained.background);
            for (k, p) in p.iter().enumerate() {
                for (g, x) in self.cells_of(k).iter().map(order) {
                    share[x] += given.times[g] * p;
                }
            }
            // What an occurrence gives to a pair, a unit of the pair's probability.
            share.iter_mut().zip(&explained.weighted).for_each(|(s, w)| *s = w / *s);
            let last = round + 1 == rounds;
            if last {
                before = p.clone();
            }
            for k in 0..p.len() {
                let cells = self.cells_of(k).iter().map(order);
                counts[k] = p[k] * cells.map(|(g, x)| given.times[g] * share[x]).sum::<f32>();
                let count = if last { (counts[k] - DISCOUNT).max(0.0) } else { counts[k] };
                p[k] = estimate(count, given.totals[order(&self.list[k]).0], prior[k]);
            }
        }
        Trained { given, reversed, prior, p, before, counts, share }
    }
}

/// A pair's probability from its count, the count of what is given, and what look-alikes say.
fn estimate(count: f32, total: f32, prior: f32) -> f32 {
    (count + PRIOR_COUNT * prior) / (total.max(count) + PRIOR_COUNT)
}

/// Probabilities of one direction, and what they were made of.
pub(super) struct Trained<'a> {
    given: &'a Slots,
    reversed: bool,
    prior: Vec<f32>,
    /// p(t|s) of every pair, discounted.
    pub(super) p: Vec<f32>,
    /// The same before the last round.
    before: Vec<f32>,
    /// Expected count of every pair.
    counts: Vec<f32>,
    /// What an occurrence gave to a pair in the last round, a unit of the pair's probability, of every explained slot.
    share: Vec<f32>,
}

impl Trained<'_> {
    /// Whether no single example can have taught much of pair `k`.
    pub(super) fn often(&self, k: usize) -> bool {
        self.counts[k] > OFTEN
    }

    /// The probability of pair `k`, had the example of `cell` not been seen (leaving one out); `type_` is the pair's
    /// given type.
    pub(super) fn without(&self, k: usize, cell: (u32, u32), type_: u32) -> f32 {
        let (g, x) = if self.reversed { (cell.1, cell.0) } else { cell };
        let own = self.before[k] * self.given.times[g as usize] * self.share[x as usize];
        let total = (self.given.totals[type_ as usize] - self.given.weighted[g as usize]).max(0.0);
        estimate((self.counts[k] - own - DISCOUNT).max(0.0), total, self.prior[k])
    }
}

/// Shares a type's rate among its look-alikes of the best class, by frequency; weaker ones get nothing.
fn share(row: &[(u32, Likeness)], count: impl Fn(u32) -> u32, rates: &[f32; CLASSES], mut give: impl FnMut(f32)) {
    let best = row.iter().map(|x| x.1).min();
    let total: u32 = row.iter().filter(|x| Some(x.1) == best).map(|x| count(x.0)).sum();
    for &(t, class) in row {
        let v = if Some(class) == best { rates[class as usize] * count(t) as f32 / total.max(1) as f32 } else { 0.0 };
        give(v);
    }
}
