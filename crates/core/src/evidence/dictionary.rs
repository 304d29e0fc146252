//! A user's dictionary as evidence: which token types it pairs.
//!
//! Entries join the look-alikes ([`super::cognate`]) as classes of their own, each with a rate that is estimated from
//! the documents: a dictionary that does not fit them is hardly believed, and none can do more than set a prior for the
//! lexicon. A word of a text meets a headword in three steps, the first that finds something counts:
//!
//! 1. the same word, in lower case;
//! 2. the same word without accents, in Latin letters;
//! 3. the headword with the longest common beginning ([`stem`]): in languages rich in endings most words of a text
//!    are no headwords (Hungarian *kutyáknak*: *kutya*).
//!
//! An entry of several words pairs its content words (the rarer ones of the text) with those of the other side, if all
//! its words occur in the text. Pairs serve in both directions. Not here: reading dictionaries (`hexapla-formats`).

use rustc_hash::FxHashMap;

use super::cognate::{Likeness, latin};
use super::tokens::{Kind, Tokens, tokenize};
use crate::knowledge::Dictionary;

/// Longest phrase that is looked at, in tokens.
const LONGEST: usize = 6;

/// Most words of a text that one headword stands for: with more of them its beginning is too common to tell anything.
const MOST_FORMS: usize = 16;

/// Least common beginning, in letters, of a headword and its form.
const STEM: usize = 3;

/// Most letters that a headword loses in its form (*žena*: *ženy*), and most that the form adds (*kutya*: *kutyáknak*).
const ENDINGS: (usize, usize) = (2, 6);

/// Pairs of (source type, target type, class) that `dictionary` knows between two texts, without order.
pub(crate) fn pairs(dictionary: &Dictionary, source: &Tokens, target: &Tokens) -> Vec<(u32, u32, Likeness)> {
    let mut words = Words::default();
    let entries: Vec<(Vec<u32>, Vec<u32>)> =
        dictionary.pairs().map(|(s, t)| (words.phrase(s), words.phrase(t))).collect();
    let (a, b) = (words.found_in(source), words.found_in(target));
    let mut out = Vec::new();
    for (left, right) in &entries {
        link(left, right, (&a, source), (&b, target), &mut |s, t, class| out.push((s, t, class)));
        if left != right {
            link(right, left, (&a, source), (&b, target), &mut |s, t, class| out.push((s, t, class)));
        }
    }
    // The strongest class of every pair.
    out.sort_unstable_by_key(|&(s, t, class)| (s, t, class));
    out.dedup_by_key(|p| (p.0, p.1));
    out
}

/// Distinct tokens of the dictionary.
#[derive(Default)]
struct Words {
    index: FxHashMap<Box<str>, u32>,
    forms: Vec<Box<str>>,
    scratch: String,
}

/// Types of a text that a word of the dictionary stands for, and whether each is the word itself.
type Found = Vec<Vec<(u32, bool)>>;

impl Words {
    /// The tokens of a phrase, punctuation apart.
    fn phrase(&mut self, text: &str) -> Vec<u32> {
        let mut out = Vec::new();
        let Self { index, forms, scratch } = self;
        tokenize(text, scratch, |token, kind| {
            if kind != Kind::Punct {
                let id = *index.entry(token.into()).or_insert_with(|| {
                    forms.push(token.into());
                    forms.len() as u32 - 1
                });
                out.push(id);
            }
        });
        out
    }

    /// What every word stands for in a text.
    fn found_in(&self, tokens: &Tokens) -> Found {
        let mut found: Found = vec![Vec::new(); self.forms.len()];
        let folded: Vec<Box<str>> = self.forms.iter().map(|f| latin(f)).collect();
        let mut same: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (k, f) in folded.iter().enumerate().filter(|(_, f)| !f.is_empty()) {
            same.entry(f).or_default().push(k as u32);
        }
        let mut sorted: Vec<(&str, u32)> = folded.iter().enumerate().map(|(k, f)| (&**f, k as u32)).collect();
        sorted.sort_unstable();
        for (id, t) in tokens.types.iter().enumerate() {
            let id = id as u32;
            if t.kind == Kind::Punct {
                continue;
            }
            if let Some(&k) = self.index.get(&t.text) {
                found[k as usize].push((id, true));
                continue;
            }
            if t.kind != Kind::Word {
                continue;
            }
            let form = latin(&t.text);
            match same.get(&*form) {
                Some(list) => list.iter().for_each(|&k| found[k as usize].push((id, true))),
                None => stem(&form, &sorted, |k| found[k as usize].push((id, false))),
            }
        }
        for list in &mut found {
            let forms = list.iter().filter(|f| !f.1).count();
            if forms > MOST_FORMS {
                list.retain(|f| f.1);
            }
        }
        found
    }
}

/// The headwords (sorted) with the longest beginning in common with `form`: at least [`STEM`] letters, no more lost or
/// added than [`ENDINGS`], and the common beginning longer than what the form adds.
fn stem(form: &str, sorted: &[(&str, u32)], mut take: impl FnMut(u32)) {
    let letters = form.len();
    for common in (STEM.max(letters.saturating_sub(ENDINGS.1))..=letters).rev() {
        if letters - common >= common {
            return;
        }
        let prefix = &form[..common];
        let from = sorted.partition_point(|x| x.0 < prefix);
        let mut any = false;
        for &(head, k) in sorted[from..].iter().take_while(|x| x.0.starts_with(prefix)) {
            if head.len() <= common + ENDINGS.0 {
                take(k);
                any = true;
            }
        }
        if any {
            return;
        }
    }
}

/// Pairs the words of one entry.
fn link(
    left: &[u32],
    right: &[u32],
    (a, source): (&Found, &Tokens),
    (b, target): (&Found, &Tokens),
    add: &mut impl FnMut(u32, u32, Likeness),
) {
    if left.is_empty() || right.is_empty() || left.len() > LONGEST || right.len() > LONGEST {
        return;
    }
    if left.iter().any(|&x| a[x as usize].is_empty()) || right.iter().any(|&y| b[y as usize].is_empty()) {
        return;
    }
    let phrase = left.len() + right.len() > 2;
    for x in content(left, a, source) {
        for y in content(right, b, target) {
            for &(s, s_same) in &a[x as usize] {
                for &(t, t_same) in &b[y as usize] {
                    let class = match (phrase, s_same && t_same) {
                        (true, _) => Likeness::Phrase,
                        (false, true) => Likeness::Entry,
                        (false, false) => Likeness::Form,
                    };
                    add(s, t, class);
                }
            }
        }
    }
}

/// The words of a phrase that are not much commoner in the text than its rarest.
fn content(phrase: &[u32], found: &Found, tokens: &Tokens) -> Vec<u32> {
    let count = |x: u32| found[x as usize].iter().map(|f| tokens.types[f.0 as usize].count).sum::<u32>();
    let rarest = phrase.iter().map(|&x| count(x)).min().unwrap_or(0);
    phrase.iter().copied().filter(|&x| count(x) <= 4 * rarest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Document, Language};

    fn found(entries: &[(&str, &str)], source: &str, target: &str) -> Vec<(String, String, Likeness)> {
        let mut dictionary = Dictionary::default();
        entries.iter().for_each(|(s, t)| dictionary.push(s, t));
        let tokens = |text: &str| Tokens::of(&Document::from_lines(&[text], Language::und()).unwrap());
        let (a, b) = (tokens(source), tokens(target));
        let name = |t: &Tokens, id: u32| t.types[id as usize].text.to_string();
        pairs(&dictionary, &a, &b).into_iter().map(|(s, t, c)| (name(&a, s), name(&b, t), c)).collect()
    }

    fn one(s: &str, t: &str, c: Likeness) -> Vec<(String, String, Likeness)> {
        vec![(s.into(), t.into(), c)]
    }

    #[test]
    fn words_forms_and_both_directions() {
        assert_eq!(found(&[("Ház", "house")], "a ház", "the house"), one("ház", "house", Likeness::Entry));
        assert_eq!(found(&[("house", "ház")], "a ház", "the house"), one("ház", "house", Likeness::Entry));
        assert_eq!(found(&[("kutya", "dog")], "kutyáknak", "dogs"), one("kutyáknak", "dogs", Likeness::Form));
        assert_eq!(found(&[("žena", "woman")], "ženy", "woman"), one("ženy", "woman", Likeness::Form));
        assert_eq!(found(&[("eszik", "eat")], "ment", "eat"), []);
        // The longest common beginning wins.
        assert_eq!(
            found(&[("ember", "man"), ("emberi", "human")], "emberiség", "man human"),
            one("emberiség", "human", Likeness::Form)
        );
    }

    #[test]
    fn phrases_need_all_their_words() {
        let entry = [("railway station", "pályaudvar")];
        assert_eq!(found(&entry, "the station", "a pályaudvar"), []);
        let both = found(&entry, "the railway station", "a pályaudvaron");
        assert_eq!(
            both.iter().map(|p| (p.0.as_str(), p.2)).collect::<Vec<_>>(),
            [("railway", Likeness::Phrase), ("station", Likeness::Phrase)]
        );
    }
}
