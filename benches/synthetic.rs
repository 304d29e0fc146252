//! Two versions of a text that never was, for benches and for the test of scale: any size, the same for all time.
//!
//! Words are invented, two languages' worth, and drawn by Zipf's law; a target sentence has the source's words in their
//! translations, some left out, replaced or swapped. Of the beads 90 % are 1-1, 8 % 1-2 or 2-1, 2 % nulls. Some
//! words are numbers, some are cognates. Not here: anything that measures.

// Every user takes a part of this.
#![allow(dead_code)]

/// Segments of the source and of the target, 0-based.
pub(crate) type Links = (Vec<u32>, Vec<u32>);

/// Two versions, a sentence an entry, and how they answer each other.
pub(crate) struct Pair {
    pub(crate) source: Vec<String>,
    pub(crate) target: Vec<String>,
    pub(crate) beads: Vec<Links>,
}

/// Distinct words of a language: about what a long novel has.
const VOCABULARY: usize = 60_000;

/// Sentences of a paragraph in [`text`].
const PARAGRAPH: usize = 5;

/// Two versions of exactly `size` sentences each.
pub(crate) fn pair(size: usize) -> Pair {
    let mut make = Maker { random: Random(0x5EED), shares: zipf() };
    let mut pair = Pair { source: Vec::new(), target: Vec::new(), beads: Vec::new() };
    while pair.source.len() < size || pair.target.len() < size {
        let (left, right) = (size - pair.source.len(), size - pair.target.len());
        let (n, m) = match make.random.below(100) {
            // What one side is behind, the next merge or null makes up for.
            0..8 if left.min(right) >= 2 => {
                if left > right || left == right && make.random.chance(50) {
                    (2, 1)
                } else {
                    (1, 2)
                }
            }
            8..10 => {
                if left > right || left == right && make.random.chance(50) {
                    (1, 0)
                } else {
                    (0, 1)
                }
            }
            _ => (left.min(1), right.min(1)),
        };
        let (s, t) = (make.words(6, 24), make.random.chance(50));
        let translated = make.translation(&s);
        let (s, t) = match (n, m) {
            (0, _) => (vec![], vec![translated]),
            (_, 0) => (vec![s], vec![]),
            (2, _) => (halves(s, t), vec![translated]),
            (_, 2) => (vec![s], halves(translated, t)),
            _ => (vec![s], vec![translated]),
        };
        let next = |side: &Vec<String>, n: usize| (side.len() as u32..(side.len() + n) as u32).collect();
        pair.beads.push((next(&pair.source, s.len()), next(&pair.target, t.len())));
        pair.source.extend(s.iter().map(|w| sentence(w, 0)));
        pair.target.extend(t.iter().map(|w| sentence(w, 1)));
    }
    pair
}

/// Running text of the sentences, in paragraphs.
pub(crate) fn text(sentences: &[String]) -> String {
    let paragraphs: Vec<String> = sentences.chunks(PARAGRAPH).map(|p| p.join(" ")).collect();
    paragraphs.join("\n\n")
}

/// A word: of the vocabulary, by its rank, or a number.
#[derive(Clone, Copy)]
enum Word {
    Ranked(usize),
    Number(u64),
}

struct Maker {
    random: Random,
    shares: Vec<f64>,
}

impl Maker {
    fn word(&mut self) -> Word {
        if self.random.chance(2) {
            return Word::Number(1 + self.random.below(2_500));
        }
        let at = self.random.unit() * self.shares[self.shares.len() - 1];
        Word::Ranked(self.shares.partition_point(|&s| s < at).min(VOCABULARY - 1))
    }

    /// `least` words or more, `most` at the most, those in the middle likeliest.
    fn words(&mut self, least: u64, most: u64) -> Vec<Word> {
        let half = (most - least) / 2 + 1;
        let count = least + self.random.below(half) + self.random.below(half);
        (0..count).map(|_| self.word()).collect()
    }

    fn translation(&mut self, source: &[Word]) -> Vec<Word> {
        let mut out = Vec::with_capacity(source.len());
        for &word in source {
            match (word, self.random.below(100)) {
                (Word::Number(_), _) | (_, 20..) => out.push(word),
                (_, 8..20) => out.push(self.word()),
                _ => {}
            }
        }
        for k in 1..out.len() {
            if self.random.chance(15) {
                out.swap(k - 1, k);
            }
        }
        if out.len() < 2 { source.to_vec() } else { out }
    }
}

/// Cuts a sentence's words in two; `early` before the middle.
fn halves(mut words: Vec<Word>, early: bool) -> Vec<Vec<Word>> {
    let rest = words.split_off((words.len() / if early { 3 } else { 2 }).max(1));
    vec![words, rest]
}

/// The words in language 0 or 1, as a sentence.
fn sentence(words: &[Word], language: usize) -> String {
    let mut out = String::new();
    for (k, word) in words.iter().enumerate() {
        if k > 0 {
            out.push(' ');
        }
        let word = match *word {
            Word::Number(n) => n.to_string(),
            Word::Ranked(rank) => form(rank, language),
        };
        if k == 0 {
            out.extend(word.chars().take(1).flat_map(char::to_uppercase));
            out.extend(word.chars().skip(1));
        } else {
            out.push_str(&word);
        }
    }
    out.push('.');
    out
}

const CONSONANTS: [&[u8; 14]; 2] = [b"bdfgklmnprstvz", b"thcmrbvkpxlgsn"];
const VOWELS: [&[u8; 5]; 2] = [b"aeiou", b"oyaie"];

/// The word of a rank: its number in syllables, so commoner words are shorter. Every twentieth word beyond the commonest
/// is a cognate: in language 1 it is language 0's with an ending.
fn form(rank: usize, language: usize) -> String {
    let cognate = rank >= 70 && rank % 20 == 7;
    let (consonants, vowels) =
        if cognate { (CONSONANTS[0], VOWELS[0]) } else { (CONSONANTS[language], VOWELS[language]) };
    let mut out = String::new();
    let mut rest = rank + 1;
    while rest > 0 {
        rest -= 1;
        out.push(char::from(consonants[rest % 70 / 5]));
        out.push(char::from(vowels[rest % 5]));
        rest /= 70;
    }
    if cognate && language == 1 {
        out.push('n');
    }
    out
}

/// Sums of Zipf's shares, rank by rank.
fn zipf() -> Vec<f64> {
    let mut sum = 0.0;
    (0..VOCABULARY)
        .map(|rank| {
            sum += 1.0 / (rank as f64 + 2.7);
            sum
        })
        .collect()
}

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
