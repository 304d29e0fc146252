//! Tests of the dynamic program against naive, obviously right versions.

use rustc_hash::FxHashMap;

use super::band::Band;
use super::beads::{Base, COUNT, Counts, Priors, TYPES};
use super::dp::{self, Path, Step};
use super::table::Table;
use super::{fixed, sums};

/// A small generator (xorshift64*), so that cases are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }

    fn score(&mut self) -> f32 {
        self.below(2000) as f32 / 100.0 - 10.0
    }
}

/// Random scores in `band`: `None` of a bead that leaves it.
fn scores(band: &Band, types: usize, random: &mut Random) -> Table {
    let mut out = Table::filled(band, types, f32::NEG_INFINITY);
    for i in 0..band.rows() {
        let low = band.row(i).0;
        for j in low..=band.row(i).1 {
            for (k, (n, m)) in out.types() {
                if band.node(i + n, j + m).is_some() {
                    out.run_mut(band, i, k)[j - low] = random.score();
                }
            }
        }
    }
    out
}

fn random_band(n: usize, m: usize, random: &mut Random) -> Band {
    let limit = |random: &mut Random| random.below(m as u64 + 1) as u32;
    let low: Vec<u32> = (0..=n).map(|_| limit(random)).collect();
    let high: Vec<u32> = low.iter().map(|&l| l + random.below(u64::from(m as u32 - l) + 1) as u32).collect();
    Band::new(low, high, m)
}

/// State behind a step.
fn state(step: Step) -> usize {
    match step {
        Step::Bead(_) => 0,
        Step::SourceNull => 1,
        Step::TargetNull => 2,
    }
}

/// What `step` adds after state `before`.
fn worth(priors: &Priors, (scores, band): (&Table, &Band), node: (usize, usize), before: usize, step: Step) -> f64 {
    let leave = [0.0, priors.leave_source, priors.leave_target][before];
    let value = match step {
        Step::Bead(k) => leave + (priors.bead[usize::from(k)] + scores.at(band, node, usize::from(k))),
        Step::SourceNull if before == 1 => priors.stay,
        Step::TargetNull if before == 2 => priors.stay,
        Step::SourceNull => leave + priors.source_null,
        Step::TargetNull => leave + priors.target_null,
    };
    f64::from(value)
}

fn next_node((i, j): (usize, usize), step: Step) -> (usize, usize) {
    match step {
        Step::Bead(k) => (i + usize::from(TYPES[usize::from(k)].0), j + usize::from(TYPES[usize::from(k)].1)),
        Step::SourceNull => (i + 1, j),
        Step::TargetNull => (i, j + 1),
    }
}

/// Best total and ln of the sum over all paths from a node in a state, by plain recursion.
struct Naive<'a> {
    gates: &'a [(u32, u32)],
    /// Rows that no bead may leap.
    stops: &'a [usize],
    band: &'a Band,
    scores: &'a Table,
    priors: &'a Priors,
    memo: FxHashMap<(usize, usize, usize), (f64, f64)>,
}

impl<'a> Naive<'a> {
    /// Without gates and stops.
    fn new(band: &'a Band, scores: &'a Table, priors: &'a Priors) -> Self {
        Self { gates: &[], stops: &[], band, scores, priors, memo: FxHashMap::default() }
    }

    /// Whether a step from `node` to `next` leaps a row that stops it, or passes a gate by: it comes to lie behind it
    /// without having touched it.
    fn leaps(&self, node: (usize, usize), next: (usize, usize)) -> bool {
        if self.stops.iter().any(|&row| node.0 < row && row < next.0) {
            return true;
        }
        self.gates.iter().map(|g| (g.0 as usize, g.1 as usize)).any(|g| {
            let ahead = |n: (usize, usize)| n.0 <= g.0 && n.1 <= g.1;
            let behind = |n: (usize, usize)| n.0 >= g.0 && n.1 >= g.1;
            !(ahead(node) && ahead(next) || behind(node) && behind(next))
        })
    }

    fn from(&mut self, node: (usize, usize), before: usize) -> (f64, f64) {
        if node == (self.band.rows() - 1, self.band.target()) {
            return (0.0, 0.0);
        }
        if let Some(&known) = self.memo.get(&(node.0, node.1, before)) {
            return known;
        }
        if self.band.node(node.0, node.1).is_none() {
            return (f64::NEG_INFINITY, f64::NEG_INFINITY);
        }
        let steps = self.scores.types().map(|(k, _)| Step::Bead(k as u8)).chain([Step::SourceNull, Step::TargetNull]);
        let (mut best, mut all) = (f64::NEG_INFINITY, 0.0f64);
        for step in steps {
            let next = next_node(node, step);
            if self.band.node(next.0, next.1).is_none() || self.leaps(node, next) {
                continue;
            }
            let (rest_best, rest_all) = self.from(next, state(step));
            let v = worth(self.priors, (self.scores, self.band), node, before, step);
            best = best.max(v + rest_best);
            all += (v + rest_all).exp();
        }
        let result = (best, all.ln());
        self.memo.insert((node.0, node.1, before), result);
        result
    }
}

fn rescore(path: &Path, band: &Band, scores: &Table, priors: &Priors) -> f64 {
    let (mut node, mut before, mut total) = ((0, 0), 0, 0.0);
    for &step in &path.steps {
        total += worth(priors, (scores, band), node, before, step);
        node = next_node(node, step);
        before = state(step);
    }
    assert_eq!(node, (band.rows() - 1, band.target()));
    total
}

fn priors(random: &mut Random) -> Priors {
    let mut counts = Counts::default();
    counts.bead.iter_mut().for_each(|c| *c = random.below(20) as f64);
    counts.opened = [random.below(5) as f64, random.below(5) as f64];
    counts.nulls = [counts.opened[0] * 2.0, counts.opened[1] * 1.5];
    Priors::fit(&Base::usual(), &counts)
}

#[test]
fn ten_thousand_small_cases_equal_the_oracle() {
    let mut random = Random(20_250_902);
    for case in 0..10_000 {
        let (n, m) = (random.below(9) as usize, random.below(9) as usize);
        let band = if case % 2 == 0 { Band::full(n, m) } else { random_band(n, m, &mut random) };
        let types = if case % 3 == 0 { COUNT } else { 6 };
        let (scores, priors) = (scores(&band, types, &mut random), priors(&mut random));
        let mut naive = Naive::new(&band, &scores, &priors);
        let (best, all) = naive.from((0, 0), 0);
        let path = dp::best_path(&band, &scores, &priors);
        assert!((path.total - best).abs() < 1e-4, "case {case}: {} is not {best}", path.total);
        assert!((rescore(&path, &band, &scores, &priors) - path.total).abs() < 1e-4, "case {case}");
        let ahead = sums::Products::of(&band, scores.clone(), &priors).total(&band);
        let posterior = sums::posterior(&band, scores, &priors);
        assert!((posterior.total - all).abs() < 1e-4, "case {case}: {} is not {all}", posterior.total);
        assert!((ahead - all).abs() < 1e-4, "case {case}: {ahead} is not {all}");
    }
}

#[test]
fn posteriors_of_every_segment_sum_to_one() {
    let mut random = Random(9);
    for _ in 0..200 {
        let (n, m) = (1 + random.below(12) as usize, 1 + random.below(12) as usize);
        let band = random_band(n, m, &mut random);
        let (scores, priors) = (scores(&band, COUNT, &mut random), priors(&mut random));
        let p = sums::posterior(&band, scores, &priors);
        let (mut source, mut target) = (p.source_null.clone(), p.target_null.clone());
        for i in 0..=n {
            for j in band.row(i).0..=band.row(i).1 {
                for (k, &(a, b)) in TYPES.iter().enumerate() {
                    let v = p.bead.at(&band, (i, j), k);
                    source.iter_mut().skip(i).take(usize::from(a)).for_each(|s| *s += v);
                    target.iter_mut().skip(j).take(usize::from(b)).for_each(|t| *t += v);
                }
            }
        }
        assert!(source.iter().chain(&target).all(|s| (s - 1.0).abs() < 1e-3), "{source:?} {target:?}");
    }
}

/// Gates in ascending order.
fn gates(n: usize, m: usize, random: &mut Random) -> Vec<(u32, u32)> {
    let mut sides = [n, m].map(|l| {
        let mut x: Vec<u32> = (0..random.below(4)).map(|_| random.below(l as u64 + 1) as u32).collect();
        x.sort_unstable();
        x
    });
    let count = sides[0].len().min(sides[1].len());
    sides.iter_mut().for_each(|x| x.truncate(count));
    let mut out: Vec<(u32, u32)> = sides[0].iter().copied().zip(sides[1].iter().copied()).collect();
    out.dedup();
    out
}

#[test]
fn every_path_passes_the_gates_and_nothing_else_changes() {
    let mut random = Random(1_130);
    for case in 0..3_000 {
        let (n, m) = (random.below(10) as usize, random.below(10) as usize);
        let gates = gates(n, m, &mut random);
        let open = if case % 2 == 0 { Band::full(n, m) } else { random_band(n, m, &mut random) };
        let band = open.through(&gates);
        for i in 0..band.rows() {
            let inside = |g: &(u32, u32)| g.0 as usize != i || band.node(i, g.1 as usize).is_some();
            assert!(gates.iter().all(inside), "case {case}");
        }
        let (mut scores, priors) = (scores(&band, COUNT, &mut random), priors(&mut random));
        // The oracle looks at every path of the whole band and refuses the steps that leap a gate.
        let free = scores.clone();
        fixed::forbid(&gates, &band, &mut scores);
        let mut naive = Naive { gates: &gates, ..Naive::new(&band, &free, &priors) };
        let (best, all) = naive.from((0, 0), 0);
        let path = dp::best_path(&band, &scores, &priors);
        assert!((path.total - best).abs() < 1e-4, "case {case}: {} is not {best}", path.total);
        let ahead = sums::Products::of(&band, scores.clone(), &priors).total(&band);
        let posterior = sums::posterior(&band, scores, &priors);
        assert!((posterior.total - all).abs() < 1e-4, "case {case}: {} is not {all}", posterior.total);
        assert!((ahead - all).abs() < 1e-4, "case {case}: {ahead} is not {all}");
    }
}

#[test]
fn no_path_leaps_what_stands_firm_and_nothing_else_changes() {
    let mut random = Random(4_711);
    let mut stopped = 0;
    for case in 0..3_000 {
        let (n, m) = (1 + random.below(9) as usize, random.below(10) as usize);
        let margin = random.below(2) as usize;
        let firm: Vec<bool> = (0..=n).map(|_| random.below(4) > 0).collect();
        let near = |row: usize| row.saturating_sub(margin)..(row + margin + 1).min(n + 1);
        let stops: Vec<usize> = (0..=n).filter(|&row| near(row).all(|row| firm[row])).collect();
        stopped += stops.len();
        let open = if case % 2 == 0 { Band::full(n, m) } else { random_band(n, m, &mut random) };
        let band = open.stopping(&firm, margin);
        let (scores, priors) = (scores(&band, COUNT, &mut random), priors(&mut random));
        let mut naive = Naive { stops: &stops, ..Naive::new(&band, &scores, &priors) };
        let (best, all) = naive.from((0, 0), 0);
        let path = dp::best_path(&band, &scores, &priors);
        assert!((path.total - best).abs() < 1e-4, "case {case}: {} is not {best}", path.total);
        let posterior = sums::posterior(&band, scores, &priors);
        assert!((posterior.total - all).abs() < 1e-4, "case {case}: {} is not {all}", posterior.total);
        let leaping = posterior
            .bead
            .beads(&band)
            .any(|((i, _), k, p)| p > 0.0 && stops.iter().any(|&row| i < row && row < i + usize::from(TYPES[k].0)));
        assert!(!leaping, "case {case}");
    }
    assert!(stopped > 3_000, "{stopped}");
}
