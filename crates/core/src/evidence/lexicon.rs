//! A lexicon bootstrapped from the documents themselves: how much likelier a target type is beside a source type than
//! anywhere.
//!
//! IBM Model 1 (Brown et al. 1993, section 4.1) in both directions over confident beads, as Moore (2002) does, with
//! three cares for short texts: counts are discounted (a pair seen once says nothing), look-alikes enter as pseudo-counts
//! ([`super::cognate`]), and a pair counts only as far as both directions see it. Not here: scoring (`lexical`).

use super::cognate::{CLASSES, Cognates, PRIOR_RATES, RATE_WEIGHT};
use super::held_out::HeldOut;
use super::pairs::{Example, Pairs};
use super::tokens::Tokens;

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
    /// What of it which example taught.
    pub(crate) held_out: HeldOut,
}

impl Lexicon {
    /// The entries of source type `s`: index, target type, ratio.
    #[inline]
    pub(crate) fn row(&self, s: u32) -> impl Iterator<Item = (usize, u32, f32)> + '_ {
        let range = self.starts[s as usize] as usize..self.starts[s as usize + 1] as usize;
        range.clone().zip(&self.entries[range]).map(|(k, &(t, ratio))| (k, t, ratio))
    }

    /// Learns from `examples` in `rounds` rounds; without any, it is what look-alikes alone say.
    pub(crate) fn learn(
        source: &Tokens,
        target: &Tokens,
        cognates: &Cognates,
        examples: &[Example],
        rounds: usize,
    ) -> Self {
        let step = examples.len().div_ceil(MOST_EXAMPLES).max(1);
        let examples: Vec<&Example> = examples.iter().step_by(step).collect();
        let rates = estimate_rates(source, target, cognates, &examples);
        let pairs = Pairs::collect(source, target, cognates, &examples);
        let forward = pairs.train(pairs.source_prior(target, cognates, &rates), false, rounds);
        let backward = pairs.train(pairs.target_prior(source, cognates, &rates), true, rounds);
        // Both directions estimate p(s, t) / (p(s) p(t)): their geometric mean is the pair's ratio.
        let (mut starts, mut entries) = (Vec::with_capacity(source.types.len() + 1), Vec::new());
        let mut source_rest = vec![1.0f32; source.types.len()];
        let mut target_rest = vec![1.0f32; target.types.len()];
        let (mut row, mut kept) = (Vec::new(), Vec::new());
        starts.push(0);
        for (s, range) in pairs.rows.windows(2).enumerate() {
            row.clear();
            for k in range[0] as usize..range[1] as usize {
                let (t, f, b) = (pairs.list[k].1, forward.p[k], backward.p[k]);
                if f <= 0.0 || b <= 0.0 {
                    continue;
                }
                let ratio = ((f / target.background(t)) * (b / source.background(s as u32))).sqrt();
                if ratio < LEAST_RATIO {
                    continue;
                }
                row.push((t, ratio, k));
                source_rest[s] -= f;
                target_rest[t as usize] -= b;
            }
            row.sort_unstable_by_key(|e| e.0);
            for &(t, ratio, k) in &row {
                entries.push((t, ratio));
                kept.push(k);
            }
            starts.push(entries.len() as u32);
        }
        for r in source_rest.iter_mut().chain(&mut target_rest) {
            *r = r.clamp(0.05, 1.0);
        }
        let held_out = HeldOut::of(&pairs, &kept, (&forward, &backward), &examples, (source, target));
        Self { starts, entries, source_rest, target_rest, held_out }
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
