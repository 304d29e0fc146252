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
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); source.types.len()];
        let mut source_rest = vec![1.0f32; source.types.len()];
        let mut target_rest = vec![1.0f32; target.types.len()];
        for (k, &(s, t)) in pairs.list.iter().enumerate() {
            let (f, b) = (forward[k], backward[k]);
            if f <= 0.0 || b <= 0.0 {
                continue;
            }
            let ratio = ((f / target.background(t)) * (b / source.background(s))).sqrt();
            if ratio < LEAST_RATIO {
                continue;
            }
            rows[s as usize].push((t, ratio));
            source_rest[s as usize] -= f;
            target_rest[t as usize] -= b;
        }
        let mut starts = Vec::with_capacity(rows.len() + 1);
        let mut entries = Vec::new();
        starts.push(0);
        for row in &mut rows {
            row.sort_unstable_by_key(|e| e.0);
            entries.append(row);
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
struct Pairs {
    /// (source type, target type).
    list: Vec<(u32, u32)>,
    /// Per example: weight, and ranges into the flat arrays below.
    examples: Vec<(f32, [u32; 3])>,
    /// Per example, its distinct source types and how often each occurs.
    source: Vec<(u32, f32)>,
    /// Per example, its distinct target types and how often each occurs.
    target: Vec<(u32, f32)>,
    /// Per example, (source index, target index, pair) for every kept pair in it, ordered by target then source.
    cells: Vec<(u16, u16, u32)>,
    source_total: Vec<f32>,
    target_total: Vec<f32>,
    background: (Vec<f32>, Vec<f32>),
}

fn distinct(tokens: &Tokens, span: (u32, u32), out: &mut Vec<(u32, f32)>, scratch: &mut Vec<u32>) {
    scratch.clear();
    scratch.extend_from_slice(
        &tokens.ids[tokens.starts[span.0 as usize] as usize..tokens.starts[span.1 as usize] as usize],
    );
    scratch.sort_unstable();
    for run in scratch.chunk_by(|a, b| a == b) {
        out.push((run[0], run.len() as f32));
    }
}

impl Pairs {
    fn collect(source: &Tokens, target: &Tokens, cognates: &Cognates, examples: &[&Example]) -> Self {
        let mut scratch = Vec::new();
        let (mut src, mut tgt) = (Vec::new(), Vec::new());
        let mut ranges = Vec::with_capacity(examples.len() + 1);
        ranges.push((0, 0));
        for e in examples {
            distinct(source, e.source, &mut src, &mut scratch);
            distinct(target, e.target, &mut tgt, &mut scratch);
            ranges.push((src.len(), tgt.len()));
        }
        // Which pairs occur in at least two examples?
        let mut index: FxHashMap<u64, u32> = FxHashMap::default();
        const ONCE: u32 = u32::MAX;
        let mut list = Vec::new();
        for (s, row) in cognates.source.iter().enumerate() {
            for &(t, _) in row {
                index.insert((s as u64) << 32 | u64::from(t), list.len() as u32);
                list.push((s as u32, t));
            }
        }
        let (mut source_examples, mut target_examples) =
            (vec![0u32; source.types.len()], vec![0u32; target.types.len()]);
        src.iter().for_each(|&(s, _)| source_examples[s as usize] += 1);
        tgt.iter().for_each(|&(t, _)| target_examples[t as usize] += 1);
        for w in ranges.windows(2) {
            for &(s, _) in src[w[0].0..w[1].0].iter().filter(|x| source_examples[x.0 as usize] > 1) {
                for &(t, _) in tgt[w[0].1..w[1].1].iter().filter(|x| target_examples[x.0 as usize] > 1) {
                    let id = index.entry((s as u64) << 32 | u64::from(t));
                    match id {
                        std::collections::hash_map::Entry::Vacant(v) => {
                            v.insert(ONCE);
                        }
                        std::collections::hash_map::Entry::Occupied(mut o) if *o.get() == ONCE => {
                            o.insert(list.len() as u32);
                            list.push((s, t));
                        }
                        std::collections::hash_map::Entry::Occupied(_) => {}
                    }
                }
            }
        }
        let mut cells = Vec::new();
        let mut kept = Vec::with_capacity(examples.len());
        for (w, e) in ranges.windows(2).zip(examples) {
            let first = cells.len() as u32;
            for (b, &(t, _)) in tgt[w[0].1..w[1].1].iter().enumerate().take(usize::from(u16::MAX)) {
                for (a, &(s, _)) in src[w[0].0..w[1].0].iter().enumerate().take(usize::from(u16::MAX)) {
                    if let Some(&id) = index.get(&((s as u64) << 32 | u64::from(t)))
                        && id != ONCE
                    {
                        cells.push((a as u16, b as u16, id));
                    }
                }
            }
            kept.push((e.weight, [w[0].0 as u32, w[0].1 as u32, first]));
        }
        let mut source_total = vec![0.0; source.types.len()];
        let mut target_total = vec![0.0; target.types.len()];
        for (w, e) in ranges.windows(2).zip(examples) {
            src[w[0].0..w[1].0].iter().for_each(|&(s, c)| source_total[s as usize] += c * e.weight);
            tgt[w[0].1..w[1].1].iter().for_each(|&(t, c)| target_total[t as usize] += c * e.weight);
        }
        let background = (
            (0..source.types.len() as u32).map(|s| source.background(s)).collect(),
            (0..target.types.len() as u32).map(|t| target.background(t)).collect(),
        );
        Self { list, examples: kept, source: src, target: tgt, cells, source_total, target_total, background }
    }

    /// p(t|s) as look-alikes have it, a value a pair.
    fn source_prior(&self, target: &Tokens, cognates: &Cognates, rates: &[f32; CLASSES]) -> Vec<f32> {
        let mut out = vec![0.0; self.list.len()];
        let mut k = 0;
        for row in &cognates.source {
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
        self.list.iter().map(|p| back.get(p).copied().unwrap_or(0.0)).collect()
    }

    /// Expectation and maximisation in one direction; returns p(t|s) (or p(s|t) where `reversed`) a pair, discounted.
    fn train(&self, prior: &[f32], reversed: bool) -> Vec<f32> {
        let totals = if reversed { &self.target_total } else { &self.source_total };
        let given = |pair: (u32, u32)| if reversed { pair.1 } else { pair.0 };
        let background = if reversed { &self.background.0 } else { &self.background.1 };
        let mut p: Vec<f32> = prior.iter().map(|&x| x.max(0.02)).collect();
        let mut counts = vec![0.0f32; self.list.len()];
        let mut denominators = Vec::new();
        for round in 0..ROUNDS {
            counts.fill(0.0);
            for (k, &(weight, [a0, b0, c0])) in self.examples.iter().enumerate() {
                let c1 = self.examples.get(k + 1).map_or(self.cells.len(), |e| e.1[2] as usize);
                let cells = &self.cells[c0 as usize..c1];
                let explained = |c: &(u16, u16, u32)| usize::from(if reversed { c.0 } else { c.1 });
                denominators.clear();
                let end = cells.iter().map(explained).max().map_or(0, |x| x + 1);
                let list = if reversed { &self.source[a0 as usize..] } else { &self.target[b0 as usize..] };
                denominators.extend(list[..end].iter().map(|&(x, _)| background[x as usize]));
                for c in cells {
                    let times = if reversed {
                        self.target[b0 as usize + usize::from(c.1)].1
                    } else {
                        self.source[a0 as usize + usize::from(c.0)].1
                    };
                    denominators[explained(c)] += times * p[c.2 as usize];
                }
                for c in cells {
                    let (a, b) =
                        (self.source[a0 as usize + usize::from(c.0)].1, self.target[b0 as usize + usize::from(c.1)].1);
                    counts[c.2 as usize] += weight * a * b * p[c.2 as usize] / denominators[explained(c)];
                }
            }
            let last = round + 1 == ROUNDS;
            for (k, &pair) in self.list.iter().enumerate() {
                let total = totals[given(pair) as usize];
                let count = if last { (counts[k] - DISCOUNT).max(0.0) } else { counts[k] };
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
