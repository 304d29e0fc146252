//! Words that mean the same, as the encoder sees them: a small dictionary of these very texts.
//!
//! Every word of both texts is encoded by itself. Two words that are each other's nearest, hubs discounted
//! (cross-domain similarity local scaling, Conneau et al. 2018, section 2.2), join the look-alikes
//! ([`super::cognate`]) as a class of its own, whose rate is estimated from the documents: where the encoder is wrong
//! about words, the pairs are hardly believed. The similarity of spans tells whether two of them mean the same; words
//! tell besides which part of one answers which part of the other, for instance where a clause went.
//!
//! Not here: how a word is encoded (`hexapla-encoder`), what a pair is worth (`lexicon`).

use std::cmp::Reverse;

use ndarray::{Array2, ArrayView2};

use super::cognate::Likeness;
use super::tokens::{Kind, Tokens};
use crate::encode::Encoder;
use crate::{Error, Language, parallel};

/// Most words of a text that are looked at, the commonest: comparing all with all costs the square, and longer texts
/// teach more by themselves.
const MOST_WORDS: usize = 4096;

/// Neighbours whose mean similarity says how much of a hub a word is (Conneau et al. 2018).
const NEIGHBOURS: usize = 10;

/// Least words compared by one worker at a time.
const BLOCK: usize = 64;

/// Most such blocks: each has its own lists of the other text's words.
const BLOCKS: usize = 16;

/// Whether words can be looked at: the encoder must know both languages, and within one language equal words say it
/// better.
pub(crate) fn apply(encoder: &dyn Encoder, source: &Language, target: &Language) -> bool {
    source.primary() != target.primary() && encoder.knows_both(source, target) == Some(true)
}

/// Pairs of (source type, target type, [`Likeness::Twin`]).
///
/// Cost: the encoder's for up to [`MOST_WORDS`] words a side, and as many products of vectors squared.
///
/// # Errors
/// [`Error::Encoder`].
pub(crate) fn pairs(
    encoder: &dyn Encoder,
    source: &Tokens,
    target: &Tokens,
) -> Result<Vec<(u32, u32, Likeness)>, Error> {
    let (a, b) = (Words::of(source, encoder)?, Words::of(target, encoder)?);
    let (ahead, back) = a.neighbours(&b);
    let (hubs_a, hubs_b) = (hubs(&ahead), hubs(&back));
    let (ahead, back) = (best(&ahead, &hubs_a, &hubs_b), best(&back, &hubs_b, &hubs_a));
    let found = ahead.iter().enumerate().filter_map(|(s, t)| Some((s as u32, (*t)?)));
    let mutual = found.filter(|&(s, t)| back[t as usize] == Some(s));
    Ok(mutual.map(|(s, t)| (a.ids[s as usize], b.ids[t as usize], Likeness::Twin)).collect())
}

/// The nearest words of the other text: (cosine, index), best first.
type Neighbours = Vec<(f32, u32)>;

/// How near its neighbours are to every word, on the mean.
fn hubs(words: &[Neighbours]) -> Vec<f32> {
    words.iter().map(|list| list.iter().map(|x| x.0).sum::<f32>() / list.len().max(1) as f32).collect()
}

/// Every word's nearest, hubs discounted; `None` where it is no nearer than the neighbours of both are.
fn best(words: &[Neighbours], hubs: &[f32], others: &[f32]) -> Vec<Option<u32>> {
    let of_one = |(list, own): (&Neighbours, &f32)| {
        let scaled = list.iter().map(|&(x, k)| (2.0 * x - own - others[k as usize], k));
        scaled.filter(|x| x.0 > 0.0).max_by(|p, q| p.0.total_cmp(&q.0).then(q.1.cmp(&p.1))).map(|x| x.1)
    };
    words.iter().zip(hubs).map(of_one).collect()
}

/// Words of one text and their unit vectors.
struct Words {
    /// Types.
    ids: Vec<u32>,
    /// `dim` values a word.
    vectors: Vec<f32>,
    dim: usize,
}

impl Words {
    fn of(tokens: &Tokens, encoder: &dyn Encoder) -> Result<Self, Error> {
        let is_word = |t: &u32| {
            let t = &tokens.types[*t as usize];
            t.kind == Kind::Word && t.text.chars().nth(1).is_some()
        };
        let mut ids: Vec<u32> = (0..tokens.types.len() as u32).filter(is_word).collect();
        ids.sort_by_key(|&t| (Reverse(tokens.types[t as usize].count), t));
        ids.truncate(MOST_WORDS);
        let texts: Vec<&str> = ids.iter().map(|&t| &*tokens.types[t as usize].text).collect();
        let dim = encoder.dim();
        let mut vectors = vec![0.0; texts.len() * dim];
        encoder.words(&texts, &mut vectors)?;
        Ok(Self { ids, vectors, dim })
    }

    /// The [`NEIGHBOURS`] most similar words of `other` for every word, and of these for every one of `other`'s.
    fn neighbours(&self, other: &Self) -> (Vec<Neighbours>, Vec<Neighbours>) {
        let size = self.ids.len().div_ceil(BLOCKS).max(BLOCK);
        let blocks: Vec<&[f32]> = self.vectors.chunks(size * self.dim).collect();
        let found = parallel::map(&blocks, |block, vectors| {
            let mut ahead = vec![Neighbours::new(); vectors.len() / self.dim];
            let mut back = vec![Neighbours::new(); other.ids.len()];
            let theirs = other.vectors.chunks(BLOCK * self.dim).zip((0..).step_by(BLOCK));
            for (of_a, a) in vectors.chunks(BLOCK * self.dim).zip((0..).step_by(BLOCK)) {
                for (of_b, b) in theirs.clone() {
                    for ((k, i), &x) in cosines(of_b, of_a, self.dim).indexed_iter() {
                        insert(&mut ahead[a + i], (x, (b + k) as u32));
                        insert(&mut back[b + k], (x, (block * size + a + i) as u32));
                    }
                }
            }
            (ahead, back)
        });
        let (mut ahead, mut back) = (Vec::with_capacity(self.ids.len()), vec![Neighbours::new(); other.ids.len()]);
        for (of_block, of_others) in found {
            ahead.extend(of_block);
            // Blocks in their order: of equal ones the first stays, as if all were looked at in turn.
            for (all, some) in back.iter_mut().zip(of_others) {
                some.into_iter().for_each(|x| insert(all, x));
            }
        }
        (ahead, back)
    }
}

/// Cosines of the unit vectors in `a` (rows) and in `b` (columns), which have `dim` values each.
fn cosines(a: &[f32], b: &[f32], dim: usize) -> Array2<f32> {
    let rows = |x| ArrayView2::from_shape((<[f32]>::len(x) / dim, dim), x).expect("whole vectors");
    rows(a).dot(&rows(b).t())
}

/// Puts `new` among the best, which come in the order of their indices: of equal ones the first goes before.
fn insert(best: &mut Neighbours, new: (f32, u32)) {
    if best.len() < NEIGHBOURS || new.0 > best[NEIGHBOURS - 1].0 {
        best.truncate(NEIGHBOURS - 1);
        best.insert(best.partition_point(|y| y.0 >= new.0), new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, segment};

    /// An encoder of single words: the last letter is the sense.
    struct Senses;

    impl Encoder for Senses {
        fn id(&self) -> &str {
            "senses"
        }
        fn feature_dim(&self) -> usize {
            27
        }
        fn dim(&self) -> usize {
            27
        }
        fn knows(&self, language: &Language) -> Option<bool> {
            Some(language.as_str() != "hu")
        }
        fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), Error> {
            out.fill(0.0);
            for (text, row) in segments.iter().zip(out.chunks_exact_mut(27)) {
                let sense = text.bytes().last().unwrap_or(b'a') - b'a';
                row[usize::from(sense)] = 0.9;
                row[26] = 0.4;
            }
            Ok(())
        }
        fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), Error> {
            out.copy_from_slice(features);
            Ok(())
        }
    }

    fn tokens(text: &str, language: &str) -> Tokens {
        let language = Language::parse(language).unwrap();
        Tokens::of(&Document::new(text.into(), language, segment::lines(text)).unwrap())
    }

    #[test]
    fn words_of_one_sense_are_paired() {
        // The last letter is the sense; senses a, b and c have a word in both texts, d and e in one.
        let (source, target) = (tokens("xxa xxb\nxxc xxd\n", "de"), tokens("yyb yya\nyye yyc\n", "fr"));
        let found = pairs(&Senses, &source, &target).unwrap();
        let text = |t: &Tokens, id: u32| t.types[id as usize].text.to_string();
        let mut words: Vec<_> = found.iter().map(|&(s, t, _)| (text(&source, s), text(&target, t))).collect();
        words.sort();
        let expected = [("xxa", "yya"), ("xxb", "yyb"), ("xxc", "yyc")];
        assert_eq!(words, expected.map(|(s, t)| (s.to_owned(), t.to_owned())));
    }

    #[test]
    fn only_between_two_languages_that_the_encoder_knows() {
        let apply = |s: &str, t: &str| apply(&Senses, &Language::parse(s).unwrap(), &Language::parse(t).unwrap());
        assert!(apply("de", "fr"));
        assert!(!apply("de", "hu") && !apply("hu", "fr") && !apply("pt-BR", "pt"));
    }
}
