//! A lexicon bootstrapped from the documents themselves: how much likelier a target type is beside a source type than
//! anywhere.
//!
//! IBM Model 1 (Brown et al. 1993, section 4.1) in both directions over confident beads, as Moore (2002) does, with
//! three cares for short texts: counts are discounted (a pair seen once says nothing), look-alikes enter as pseudo-counts
//! ([`super::cognate`]), and a pair counts only as far as both directions see it. Not here: scoring (`lexical`).

use rustc_hash::FxHashMap;

use super::cognate::{CLASSES, Cognates, Likeness, PRIOR_RATES, RATE_WEIGHT};
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

/// Discount of every count (absolute discounting, Ney et al. 1994): what was seen once says nothing.
const DISCOUNT: f32 = 0.7;

/// Pseudo-counts of the look-alikes' prior.
const PRIOR_COUNT: f32 = 2.0;

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 4;

/// Most examples learned from: more do not make the lexicon better, only slower.
const MOST_EXAMPLES: usize = 20_000;

/// Least ratio kept: weaker pairs cost time and say little.
const LEAST_RATIO: f32 = 2.0;

/// Translation ratios: a row a source type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    /// Where each source type's entries begin; one more than types.
    pub(crate) starts: Vec<u32>,
    /// (target type, p(t|s) / p(t)).
    pub(crate) entries: Vec<(u32, f32)>,
    /// Per source type: the probability mass that is not in its entries, as a ratio.
    pub(crate) source_rest: Vec<f32>,
    /// Per target type, likewise.
    pub(crate) target_rest: Vec<f32>,
}

impl Lexicon {
    /// The entries of source type `s`.
    pub(crate) fn row(&self, s: u32) -> &[(u32, f32)] {
        &self.entries[self.starts[s as usize] as usize..self.starts[s as usize + 1] as usize]
    }

    /// Learns from `examples`; without any, it is what look-alikes alone say.
    pub(crate) fn learn(source: &Tokens, target: &Tokens, cognates: &Cognates, examples: &[Example]) -> Self {
        let step = examples.len().div_ceil(MOST_EXAMPLES).max(1);
        let examples: Vec<&Example> = examples.iter().step_by(step).collect();
        let rates = estimate_rates(source, target, cognates, &examples);
        let pairs = Pairs::collect(source, target, cognates, &examples);
        let forward = pairs.train(&pairs.source_prior(target, cognates, &rates), false);
        let backward = pairs.train(&pairs.target_prior(source, cognates, &rates), true);
        // Both directions estimate p(s, t) / (p(s) p(t)): their geometric mean is the pair's ratio.
        let (mut starts, mut entries) = (Vec::with_capacity(source.types.len() + 1), Vec::new());
        let mut source_rest = vec![1.0f32; source.types.len()];
        let mut target_rest = vec![1.0f32; target.types.len()];
        starts.push(0);
        for (s, range) in pairs.rows.windows(2).enumerate() {
            let first = entries.len();
            for k in range[0] as usize..range[1] as usize {
                let (t, f, b) = (pairs.list[k].1, forward[k], backward[k]);
                if f <= 0.0 || b <= 0.0 {
                    continue;
                }
                let ratio = ((f / target.background(t)) * (b / source.background(s as u32))).sqrt();
                if ratio < LEAST_RATIO {
                    continue;
                }
                entries.push((t, ratio));
                source_rest[s] -= f;
                target_rest[t as usize] -= b;
            }
            entries[first..].sort_unstable_by_key(|e| e.0);
            starts.push(entries.len() as u32);
        }
        for r in source_rest.iter_mut().chain(&mut target_rest) {
            *r = r.clamp(0.05, 1.0);
        }
        Self { starts, entries, source_rest, target_rest }
    }
}

/// How often an occurrence with look-alikes finds one in its bead, beyond chance.
fn estimate_rates(source: &Tokens, target: &Tokens, cognates: &Cognates, examples: &[&Example]) -> [f32; CLASSES] {
    let mut hits = [0.0f32; CLASSES];
    let mut tries = [0.0f32; CLASSES];
    let mut present = vec![0u32; target.types.len()];
    let total = target.ids.len().max(1) as f32;
    for (stamp, e) in examples.iter().enumerate() {
        let stamp = stamp as u32 + 1;
        let span = target.starts[e.target.0 as usize] as usize..target.starts[e.target.1 as usize] as usize;
        let length = span.len() as f32;
        for &t in &target.ids[span] {
            present[t as usize] = stamp;
        }
        for i in e.source.0..e.source.1 {
            for &s in source.segment(i as usize) {
                let list = &cognates.source[s as usize];
                let Some(&(_, class)) = list.first() else { continue };
                let best = list.iter().filter(|x| x.1 == class);
                let (mut hit, mut count) = (false, 0);
                for &(t, _) in best {
                    hit |= present[t as usize] == stamp;
                    count += target.types[t as usize].count;
                }
                let chance = (count as f32 * length / total).min(1.0);
                if chance < 0.5 {
                    tries[class as usize] += e.weight;
                    hits[class as usize] += e.weight * ((f32::from(hit) - chance) / (1.0 - chance)).clamp(-1.0, 1.0);
                }
            }
        }
    }
    std::array::from_fn(|k| ((hits[k] + RATE_WEIGHT * PRIOR_RATES[k]) / (tries[k] + RATE_WEIGHT)).clamp(0.01, 0.95))
}

/// Pairs of types that occur together often enough to learn from, and where.
///
/// A **slot** is a distinct type of one example's side; a **cell** is a pair of slots of one example. Pairs are grouped
/// by source type, so that they are counted in a plain array and not in a hash table; cells are grouped by pair, so
/// that a round of training runs once over them.
struct Pairs {
    /// (source type, target type); of one source type, first its look-alikes in their order.
    list: Vec<(u32, u32)>,
    /// Where each source type's pairs begin; one more than types.
    rows: Vec<u32>,
    /// Where each pair's cells begin; one more than pairs.
    cell_starts: Vec<u32>,
    /// (source slot, target slot).
    cells: Vec<(u32, u32)>,
    source: Slots,
    target: Slots,
}

/// One side of all examples.
#[derive(Default)]
struct Slots {
    /// Type of every slot.
    types: Vec<u32>,
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

    fn of_example(&self, e: u32) -> std::ops::Range<u32> {
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
    fn collect(source: &Tokens, target: &Tokens, cognates: &Cognates, examples: &[&Example]) -> Self {
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

    /// p(t|s) as look-alikes have it, a value a pair.
    fn source_prior(&self, target: &Tokens, cognates: &Cognates, rates: &[f32; CLASSES]) -> Vec<f32> {
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
    fn target_prior(&self, source: &Tokens, cognates: &Cognates, rates: &[f32; CLASSES]) -> Vec<f32> {
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

    /// Expectation and maximisation in one direction; returns p(t|s) (or p(s|t) where `reversed`) a pair, discounted.
    fn train(&self, prior: &[f32], reversed: bool) -> Vec<f32> {
        let (given, explained) = if reversed { (&self.target, &self.source) } else { (&self.source, &self.target) };
        let order = |&(s, t): &(u32, u32)| if reversed { (t as usize, s as usize) } else { (s as usize, t as usize) };
        let mut p: Vec<f32> = prior.iter().map(|&x| x.max(0.02)).collect();
        let mut share = explained.background.clone();
        for round in 0..ROUNDS {
            share.copy_from_slice(&explained.background);
            for (p, range) in p.iter().zip(self.cell_starts.windows(2)) {
                for (g, x) in self.cells[range[0] as usize..range[1] as usize].iter().map(order) {
                    share[x] += given.times[g] * p;
                }
            }
            // What an occurrence gives to a pair, a unit of the pair's probability.
            share.iter_mut().zip(&explained.weighted).for_each(|(s, w)| *s = w / *s);
            let last = round + 1 == ROUNDS;
            for (k, range) in self.cell_starts.windows(2).enumerate() {
                let cells = self.cells[range[0] as usize..range[1] as usize].iter().map(order);
                let count = p[k] * cells.map(|(g, x)| given.times[g] * share[x]).sum::<f32>();
                let total = given.totals[order(&self.list[k]).0];
                let count = if last { (count - DISCOUNT).max(0.0) } else { count };
                p[k] = (count + PRIOR_COUNT * prior[k]) / (total.max(count) + PRIOR_COUNT);
            }
        }
        p
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
