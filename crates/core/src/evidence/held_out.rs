//! What each example taught the lexicon, so that it is left out where that example is judged.
//!
//! A word pair seen in two beads says much of a third, and of each of the two only what the other taught; with its own
//! share, every bead of the last path is better than it should be, and in short texts most of what speaks for a path is
//! that path. So a ratio counts, between segments of one example, as if that example had not been seen (leaving one out;
//! for translation models Wuebker, Mauser & Ney 2010), and the probability that this takes from the pair goes back to
//! the words that the lexicon does not have. Not here: learning (`lexicon`, `pairs`), scoring (`lexical`).

use super::pairs::{Example, Pairs, Slots, Trained};
use super::tokens::Tokens;

/// First segment and one past the last.
type Range = (u32, u32);

/// Ratios that lose less than this share without an example are left as they are.
const LITTLE: f32 = 0.05;

/// Likewise rests of a segment's words that gain less, in words.
const FEW: f32 = 0.01;

/// What of a lexicon which example taught; segments are those of the documents that the examples are of.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldOut {
    /// Source and target segments of the examples.
    examples: Vec<(Range, Range)>,
    /// Where each entry's factors begin, and the end.
    starts: Vec<u32>,
    /// (example, what the entry's ratio is multiplied with where that example is left out).
    factors: Vec<(u32, f32)>,
    rests: [Rests; 2],
}

/// What the words of one side's segments have back beside segments of the other side.
#[derive(Clone, Debug, Default)]
struct Rests {
    /// Where each segment's begin, and the end.
    starts: Vec<u32>,
    /// (segments of the other side, sum over the segment's words of weight times probability).
    list: Vec<(Range, f32)>,
}

impl HeldOut {
    /// Of a lexicon learned from `pairs` and `examples`, whose entries are the pairs `kept`.
    pub(super) fn of(
        pairs: &Pairs,
        kept: &[usize],
        (forward, backward): (&Trained<'_>, &Trained<'_>),
        examples: &[&Example],
        (source, target): (&Tokens, &Tokens),
    ) -> Self {
        let of_slot = pairs.source.examples();
        // The probability that every slot gives back.
        let mut back = [vec![0.0f32; pairs.source.types.len()], vec![0.0f32; pairs.target.types.len()]];
        let (mut starts, mut factors) = (vec![0], Vec::new());
        for &k in kept {
            if !(forward.often(k) && backward.often(k)) {
                let ((s, t), f, b) = (pairs.list[k], forward.p[k], backward.p[k]);
                for &cell in pairs.cells_of(k) {
                    let (own_f, own_b) = (forward.without(k, cell, s), backward.without(k, cell, t));
                    back[0][cell.0 as usize] += (f - own_f).max(0.0);
                    back[1][cell.1 as usize] += (b - own_b).max(0.0);
                    let factor = ((own_f / f) * (own_b / b)).sqrt();
                    if factor < 1.0 - LITTLE {
                        factors.push((of_slot[cell.0 as usize], factor));
                    }
                }
            }
            starts.push(factors.len() as u32);
        }
        let examples: Vec<(Range, Range)> = examples.iter().map(|e| (e.source, e.target)).collect();
        let turned = examples.iter().map(|&(s, t)| (t, s));
        let rests = [
            Rests::of(source, &pairs.source, &back[0], examples.iter().copied()),
            Rests::of(target, &pairs.target, &back[1], turned),
        ];
        Self { examples, starts, factors, rests }
    }

    /// The same in the coordinates of what is left of the documents: `source` and `target` are their segments, ascending.
    pub(crate) fn select(&mut self, source: &[u32], target: &[u32]) {
        let within = |left: &[u32], (from, to): Range| {
            (left.partition_point(|&x| x < from) as u32, left.partition_point(|&x| x < to) as u32)
        };
        self.examples.iter_mut().for_each(|e| *e = (within(source, e.0), within(target, e.1)));
        let [from, to] = &self.rests;
        let select = |rests: &Rests, keep: &[u32], other: &[u32]| {
            let mut out = Rests { starts: vec![0], list: Vec::new() };
            for &i in keep {
                out.list.extend(rests.of_segment(i as usize).iter().map(|&(range, rest)| (within(other, range), rest)));
                out.starts.push(out.list.len() as u32);
            }
            out
        };
        self.rests = [select(from, source, target), select(to, target, source)];
    }

    /// What the ratio of `entry` is multiplied with between source segment `p` and target segment `q`.
    #[inline]
    pub(super) fn factor(&self, entry: usize, p: u32, q: u32) -> f32 {
        let factors = &self.factors[self.starts[entry] as usize..self.starts[entry + 1] as usize];
        let mine = factors.iter().filter(|&&(e, _)| {
            let (source, target) = self.examples[e as usize];
            (source.0..source.1).contains(&p) && (target.0..target.1).contains(&q)
        });
        mine.map(|x| x.1).product()
    }

    /// What the words of source segment `p` have back: (beside which target segments, how much).
    #[inline]
    pub(super) fn of_source(&self, p: usize) -> &[(Range, f32)] {
        self.rests[0].of_segment(p)
    }

    /// The same of target segment `q` beside source segments.
    #[inline]
    pub(super) fn of_target(&self, q: usize) -> &[(Range, f32)] {
        self.rests[1].of_segment(q)
    }
}

impl Rests {
    /// Those of one side: of every slot of `slots` what it gives `back`, of every example its own segments and the other
    /// side's.
    fn of(tokens: &Tokens, slots: &Slots, back: &[f32], examples: impl Iterator<Item = (Range, Range)>) -> Self {
        let mut of_type = vec![0.0f32; tokens.types.len()];
        let mut all = Vec::new();
        for (e, (here, there)) in examples.enumerate() {
            for slot in slots.of_example(e as u32) {
                let t = slots.types[slot as usize] as usize;
                of_type[t] = back[slot as usize] * tokens.types[t].weight();
            }
            for i in here.0..here.1 {
                let rest: f32 = tokens.segment(i as usize).iter().map(|&t| of_type[t as usize]).sum();
                if rest > FEW {
                    all.push((i, there, rest));
                }
            }
        }
        all.sort_by_key(|x| x.0);
        let starts = (0..=tokens.len() as u32).map(|i| all.partition_point(|x| x.0 < i) as u32).collect();
        Self { starts, list: all.into_iter().map(|(_, there, rest)| (there, rest)).collect() }
    }

    fn of_segment(&self, i: usize) -> &[(Range, f32)] {
        &self.list[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use crate::evidence::cognate::Cognates;
    use crate::evidence::lexicon::Lexicon;
    use crate::evidence::pairs::{Example, ROUNDS};
    use crate::evidence::tokens::Tokens;
    use crate::{Document, Language};

    /// Learned from beads of one word each, and as many of words that nothing else has.
    fn lexicon(source: &[&str], target: &[&str]) -> (Tokens, Tokens, Lexicon) {
        let tokens = |lines: &[&str], other: char| {
            let others = (0..50).map(|k| format!("{other}{}{}", char::from(b'a' + k / 10), char::from(b'a' + k % 10)));
            let lines: Vec<String> = lines.iter().map(|&l| l.to_owned()).chain(others).collect();
            Tokens::of(&Document::from_lines(&lines, Language::und()).unwrap())
        };
        let (s, t) = (tokens(source, 'q'), tokens(target, 'z'));
        let beads = (0..s.len() as u32).map(|i| Example { source: (i, i + 1), target: (i, i + 1), weight: 1.0 });
        let lexicon = Lexicon::learn(&s, &t, &Cognates::none(&s, &t), &beads.collect::<Vec<_>>(), ROUNDS);
        (s, t, lexicon)
    }

    fn entry(tokens: &(Tokens, Tokens, Lexicon), word: &str, translation: &str) -> usize {
        let id = |t: &Tokens, w: &str| t.types.iter().position(|x| &*x.text == w).unwrap() as u32;
        let t = id(&tokens.1, translation);
        tokens.2.row(id(&tokens.0, word)).find(|e| e.1 == t).expect("a pair").0
    }

    #[test]
    fn a_pair_counts_less_where_it_was_learned_the_rarer_it_is() {
        let (source, target) = (["aa", "bb", "aa", "bb", "bb"], ["xx", "yy", "xx", "yy", "yy"]);
        let all = lexicon(&source, &target);
        let (twice, thrice) = (entry(&all, "aa", "xx"), entry(&all, "bb", "yy"));
        let held = &all.2.held_out;
        let (f2, f3) = (held.factor(twice, 0, 0), held.factor(thrice, 1, 1));
        assert!(0.0 < f2 && f2 < f3 && f3 < 0.95, "{f2} {f3}");
        // Elsewhere nothing is left out: a bead that was not learned from, and another's segments.
        assert_eq!((held.factor(twice, 0, 2), held.factor(twice, 5, 5)), (1.0, 1.0));
        // What the pair loses there, its words have back.
        let [(range, rest)] = held.of_source(0) else { panic!("{:?}", held.of_source(0)) };
        assert!(*range == (0, 1) && *rest > 0.1 && *rest <= 1.0, "{rest}");
        assert!(held.of_source(5).is_empty());
    }

    #[test]
    fn segments_that_are_taken_out_are_left_out_of_the_coordinates() {
        let (source, target) = (["aa", "bb", "aa", "bb"], ["xx", "yy", "xx", "yy"]);
        let mut all = lexicon(&source, &target);
        let pair = entry(&all, "aa", "xx");
        let (before, rest) = (all.2.held_out.factor(pair, 2, 2), all.2.held_out.of_target(2)[0].1);
        all.2.held_out.select(&[1, 2, 3], &[2, 3]);
        assert_eq!(all.2.held_out.factor(pair, 1, 0), before);
        assert_eq!(all.2.held_out.of_target(0), [((1, 2), rest)]);
        assert_eq!(all.2.held_out.factor(pair, 0, 0), 1.0);
    }
}
