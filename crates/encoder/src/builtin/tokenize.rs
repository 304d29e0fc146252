//! SentencePiece's unigram tokenisation: the segmentation of the normalised text with the highest sum of scores.
//!
//! Kudo (2018), *Subword Regularization*, section 3.1; Viterbi over positions. Ties: the earlier start wins, then the
//! shorter piece, as in SentencePiece. Sums are f64 as in the reference package.

use super::file::ModelFile;
use super::normalize::Normalizer;
use super::trie::Trie;
use crate::Error;

const UNKNOWN: u32 = 0;
const BEGIN: u32 = 1;
const END: u32 = 2;
/// How much worse than the worst piece an unknown character is (SentencePiece's `kUnkPenalty`).
const UNKNOWN_PENALTY: f64 = 10.0;

/// The tokeniser.
pub(super) struct Tokenizer {
    normalizer: Normalizer,
    pieces: Trie,
    scores: Vec<f32>,
    unknown: f64,
}

/// Buffers that are used again from text to text.
#[derive(Default)]
pub(super) struct Scratch {
    text: Vec<u8>,
    /// Of each position: best score of a path to it, where its last piece starts, that piece.
    best: Vec<(f64, u32, u32)>,
}

impl Tokenizer {
    pub(super) fn new(file: &ModelFile) -> Result<Self, Error> {
        let normalizer = Normalizer::new(file.section("charsmap")?)?;
        let scores: Vec<f32> = file.words("scores")?.into_iter().map(f32::from_bits).collect();
        let worst = scores.iter().copied().fold(0.0, f32::min);
        let pieces = Trie::new(file.words("trie")?);
        Ok(Self { normalizer, pieces, scores, unknown: f64::from(worst) - UNKNOWN_PENALTY })
    }

    /// Number of pieces.
    pub(super) fn pieces(&self) -> usize {
        self.scores.len()
    }

    /// Appends the ids of `text`, between the marks of begin and end; false if there is nothing in it but space.
    pub(super) fn encode(&self, text: &str, scratch: &mut Scratch, ids: &mut Vec<u32>) -> bool {
        scratch.text.clear();
        self.normalizer.normalize(text, &mut scratch.text);
        ids.push(BEGIN);
        let content = !scratch.text.is_empty();
        if content {
            self.segment(scratch, ids)
        } else {
            ids.push(UNKNOWN)
        }
        ids.push(END);
        content
    }

    fn segment(&self, scratch: &mut Scratch, ids: &mut Vec<u32>) {
        let Scratch { text, best } = scratch;
        best.clear();
        best.resize(text.len() + 1, (f64::NEG_INFINITY, 0, UNKNOWN));
        best[0].0 = 0.0;
        let mut at = 0;
        while at < text.len() {
            let base = best[at].0;
            let width = char_width(text[at]);
            let mut single = false;
            self.pieces.prefixes(&text[at..], |length, id| {
                let Some(&score) = self.scores.get(id as usize) else { return };
                single |= length == width;
                let (to, score) = (at + length, base + f64::from(score));
                if score > best[to].0 {
                    best[to] = (score, at as u32, id);
                }
            });
            if !single && base + self.unknown > best[at + width].0 {
                best[at + width] = (base + self.unknown, at as u32, UNKNOWN);
            }
            at += width;
        }
        let first = ids.len();
        let mut at = text.len();
        while at > 0 {
            let (_, start, id) = best[at];
            ids.push(id);
            at = start as usize;
        }
        ids[first..].reverse();
    }
}

/// Bytes of the character that begins with `byte`; the text is valid UTF-8.
fn char_width(byte: u8) -> usize {
    match byte {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}
