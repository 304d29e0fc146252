//! What the sizes of two documents may mean, and which of it explains them.
//!
//! Not here: what is learned, and from what (`world`).

use super::band::Band;
use super::beads::{Base, COUNT, FEW};
use super::fixed::Plan;
use super::options::AlignOptions;
use super::sums::{self, Posterior};
use super::words::Words;
use super::world::World;
use crate::Error;
use crate::evidence::length::{LengthModel, Lengths};
use crate::evidence::pairs::{ROUNDS, ROUNDS_AT_LAST};

/// One reading of the documents' sizes.
#[derive(Clone, Debug)]
struct Guess {
    length: LengthModel,
    base: Base,
    /// So many bead types serve the first pass.
    types: usize,
}

impl Guess {
    /// Usually there is one. Where one document has many more segments for its length, either much is missing on one
    /// side, at rates as usual or with segments as long as its partner's; or all is there, and is cut or merged otherwise.
    fn all(source: &Lengths, target: &Lengths) -> Vec<Self> {
        let usual = |length| Self { length, base: Base::usual(), types: FEW };
        let mut guesses: Vec<Self> = LengthModel::priors(source, target).into_iter().map(usual).collect();
        if let [whole, _] = &guesses[..] {
            let ratio = target.len().max(1) as f64 / source.len().max(1) as f64;
            guesses.push(Self { base: Base::of_ratio(ratio), types: COUNT, ..whole.clone() });
        }
        guesses
    }
}

/// What is learned under the guess that explains the documents best, and the band for the pass to follow.
///
/// A first pass sees little but lengths, which a wrong guess bends to itself. So guesses are told apart by the total of
/// the pass before the last learning, when each has learned its words. The first of equals.
///
/// # Errors
/// [`Error::Encoder`].
pub(super) fn learned<'a>(
    start: World<'a>,
    words: &Words,
    plan: &Plan,
    options: &AlignOptions,
) -> Result<(World<'a>, Band), Error> {
    let first = start.first_band(plan);
    if options.rounds == 0 {
        return Ok((start, first));
    }
    let mut best: Option<(World<'a>, Band, Posterior)> = None;
    let guesses = Guess::all(&start.lengths.0, &start.lengths.1);
    let starts = std::iter::repeat_n(start, guesses.len());
    for (guess, start) in guesses.into_iter().zip(starts) {
        let mut world = start.starting(guess.length, guess.base);
        let mut band = first.clone();
        let types = if options.rounds > 1 { guess.types } else { COUNT };
        let mut posterior = sums::posterior(&band, world.pass(&band, types, plan)?, &world.priors);
        for _ in 1..options.rounds {
            band = world.learn(words, plan, &band, &posterior, ROUNDS)?;
            posterior = sums::posterior(&band, world.pass(&band, COUNT, plan)?, &world.priors);
        }
        if best.as_ref().is_none_or(|(_, _, best)| posterior.total > best.total) {
            best = Some((world, band, posterior));
        }
    }
    let (mut world, band, posterior) = best.expect("there is always a guess");
    let band = world.learn(words, plan, &band, &posterior, ROUNDS_AT_LAST)?;
    Ok((world, band))
}

#[cfg(test)]
mod tests {
    use super::super::quality::Random;
    use super::super::{AlignOptions, align};
    use crate::knowledge::Knowledge;
    use crate::{Document, Language};

    /// A line of the source has what stands on one to three lines of the target, word for word and in other letters.
    #[test]
    fn a_text_cut_otherwise_is_no_text_with_gaps() {
        let mut random = Random(7);
        let mut noise = |below| random.below(below) as u64;
        let (mut source, mut target, mut gold) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..120 {
            let first = target.len() as u32;
            let mut line = Vec::new();
            for _ in 0..[1, 2, 2, 3][noise(4) as usize] {
                // Sentences of very different lengths, of words of which a few are everywhere and most are rare.
                let words: Vec<u64> = (0..2 + noise(9) * noise(4)).map(|_| noise(40) * noise(40)).collect();
                target.push(words.iter().map(|w| word(*w, "bdgklmnprstvz", "aeiou")).collect::<Vec<_>>().join(" "));
                line.extend(words.iter().map(|w| word(w * 7 + 3, "бдгклмнпрствз", "аеиоу")));
            }
            source.push(line.join(" "));
            gold.push((first..target.len() as u32).collect::<Vec<u32>>());
        }
        let document =
            |lines: &[String], language| Document::from_lines(lines, Language::parse(language).unwrap()).unwrap();
        let (source, target) = (document(&source, "ru"), document(&target, "en"));
        let found = align(&source, &target, None, Knowledge::default(), &AlignOptions::default()).unwrap();
        let right =
            found.beads.iter().filter(|b| b.source.len() == 1 && gold[b.source[0] as usize] == b.target).count();
        assert!(right >= 100, "{right} of 120");
    }

    fn word(mut number: u64, consonants: &str, vowels: &str) -> String {
        let mut out = String::new();
        loop {
            for letters in [consonants, vowels] {
                let letters: Vec<char> = letters.chars().collect();
                out.push(letters[(number % letters.len() as u64) as usize]);
                number /= letters.len() as u64;
            }
            if number == 0 {
                return out;
            }
        }
    }
}
