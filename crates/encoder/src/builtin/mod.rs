//! The built-in encoder: universal-sentence-encoder-multilingual v3 (Yang et al. 2020, the CNN variant).
//!
//! Not here: where the weights come from and how they are stored (docs/encoder.md, tools/convert_use.py).

mod file;
mod kernels;
mod network;
mod normalize;
mod table;
mod tokenize;
mod trie;

use hexapla_core::encode::Encoder;
use hexapla_core::{Error as CoreError, Language, parallel};

use crate::Error;
use crate::units::fits;
use file::ModelFile;
use network::{DIM, FEATURES, Network, STATIC};
use tokenize::{Scratch, Tokenizer};

/// The model's name in messages and cache keys.
const ID: &str = "use-multilingual-v3";
/// Tokens of a block, the unit of parallel work (a longer segment is a block of its own).
const BLOCK: usize = 1024;
/// Segments that are tokenised together.
const GROUP: usize = 128;
/// Tokens of a call whose static rows are computed once for all blocks, the most frequent ones: 16 MB at most.
/// Twice as many were measured to gain nothing.
const SHARED: usize = 1024;
/// Rows of spans that are projected together.
const ROWS: usize = 96;
/// Bytes of a segment that are read, about twenty pages. Beyond that it is no sentence but a file without line ends; its
/// features are those of its beginning times its length, so that it keeps its weight in a span.
const LIMIT: usize = 1 << 15;
/// Marks a token that has no row.
const NO_ROW: u32 = u32::MAX;

/// The built-in encoder.
pub struct Builtin {
    tokenizer: Tokenizer,
    network: Network,
    languages: Vec<Language>,
}

impl std::fmt::Debug for Builtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builtin").field("languages", &self.languages).finish_non_exhaustive()
    }
}

impl Builtin {
    /// Reads a model file that is in memory for good.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn new(data: &'static [u8]) -> Result<Self, Error> {
        let file = ModelFile::parse(data)?;
        let damaged = |reason: &str| Error::Damaged { reason: reason.into() };
        let languages = file.meta("languages")?.split(' ').map(Language::parse).collect::<Result<_, _>>();
        let languages = languages.map_err(|e| damaged(&e.to_string()))?;
        let (tokenizer, network) = (Tokenizer::new(&file)?, Network::new(&file)?);
        if network.vocabulary() != tokenizer.pieces() {
            return Err(damaged("pieces and token vectors differ in number"));
        }
        Ok(Self { tokenizer, network, languages })
    }

    /// Ids of a text's pieces between the marks of begin (1) and end (2); 0 is an unknown character.
    pub fn token_ids(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        self.tokenizer.encode(text, &mut Scratch::default(), &mut ids);
        ids
    }

    /// Tokens of all segments in a row, and where each segment's end; a segment without content has none.
    fn tokenize(&self, segments: &[&str]) -> (Vec<u32>, Vec<usize>) {
        let groups: Vec<&[&str]> = segments.chunks(GROUP).collect();
        let parts = parallel::map(&groups, |_, group| {
            let (mut ids, mut ends, mut scratch) = (Vec::new(), Vec::with_capacity(group.len()), Scratch::default());
            for text in *group {
                let before = ids.len();
                if !self.tokenizer.encode(beginning(text), &mut scratch, &mut ids) {
                    ids.truncate(before);
                }
                ends.push(ids.len());
            }
            (ids, ends)
        });
        let mut all = (Vec::new(), Vec::with_capacity(segments.len()));
        for (ids, ends) in parts {
            let offset = all.0.len();
            all.0.extend(ids);
            all.1.extend(ends.into_iter().map(|e| e + offset));
        }
        all
    }

    /// The most frequent tokens, at most [`SHARED`]: of each id its row (or [`NO_ROW`]), and the static rows.
    fn shared_rows(&self, ids: &[u32]) -> (Vec<u32>, Vec<f32>) {
        let mut counts = vec![0u32; self.network.vocabulary()];
        for &id in ids {
            counts[id as usize] += 1;
        }
        let mut frequent: Vec<u32> = (0..counts.len() as u32).filter(|&id| counts[id as usize] > 0).collect();
        frequent.sort_by_key(|&id| std::cmp::Reverse(counts[id as usize])); // stable: ties by id
        frequent.truncate(SHARED);
        let mut slots = vec![NO_ROW; counts.len()];
        for (k, &id) in frequent.iter().enumerate() {
            slots[id as usize] = k as u32;
        }
        let mut rows = vec![0.0; frequent.len() * STATIC];
        parallel::for_each_chunk(&mut rows, ROWS * STATIC, |k, out| {
            let ids = &frequent[k * ROWS..];
            self.network.tokens(&ids[..out.len() / STATIC], out);
        });
        (slots, rows)
    }
}

/// What is read of a segment: at most [`LIMIT`] bytes of it.
fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Encoder for Builtin {
    fn id(&self) -> &str {
        ID
    }

    fn feature_dim(&self) -> usize {
        FEATURES
    }

    fn dim(&self) -> usize {
        DIM
    }

    fn knows(&self, language: &Language) -> Option<bool> {
        (!language.is_und()).then(|| self.languages.iter().any(|l| l.primary() == language.primary()))
    }

    fn encodes_parts(&self) -> bool {
        true
    }

    fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
        fits(ID, out.len(), segments.len() * FEATURES)?;
        let (ids, ends) = self.tokenize(segments);
        let (slots, shared) = self.shared_rows(&ids);
        let span = |s: usize| (if s == 0 { 0 } else { ends[s - 1] })..ends[s];
        let mut blocks = Vec::new();
        let (mut first, mut rest) = (0, out);
        for s in 1..=segments.len() {
            if s == segments.len() || span(s).end - span(first).start > BLOCK {
                let rows;
                (rows, rest) = rest.split_at_mut((s - first) * FEATURES);
                blocks.push((first..s, rows));
                first = s;
            }
        }
        parallel::for_each(blocks, |(range, out)| {
            let sentences: Vec<&[u32]> = range.clone().map(|s| &ids[span(s)]).collect();
            // Tokens that are not among the shared ones, once each, in order.
            let mut own: Vec<u32> = sentences.concat();
            own.retain(|&id| slots[id as usize] == NO_ROW);
            own.sort_unstable();
            own.dedup();
            let mut own_rows = vec![0.0; own.len() * STATIC];
            self.network.tokens(&own, &mut own_rows);
            let row = |id: u32| match slots[id as usize] {
                NO_ROW => &own_rows[own.partition_point(|&o| o < id) * STATIC..][..STATIC],
                slot => &shared[slot as usize * STATIC..][..STATIC],
            };
            self.network.features(&sentences, row, out);
            for (s, row) in range.zip(out.chunks_exact_mut(FEATURES)).filter(|(s, _)| segments[*s].len() > LIMIT) {
                let scale = segments[s].len() as f32 / LIMIT as f32;
                row.iter_mut().for_each(|x| *x *= scale);
            }
        });
        Ok(())
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        fits(ID, out.len() * FEATURES, features.len() * DIM)?;
        parallel::for_each_chunk(out, ROWS * DIM, |k, out| {
            let rows = &features[k * ROWS * FEATURES..];
            self.network.project(&rows[..out.len() / DIM * FEATURES], out);
        });
        Ok(())
    }
}
