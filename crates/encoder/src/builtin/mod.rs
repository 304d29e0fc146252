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

use hexapla_core::encode::{Encoder, Features};
use hexapla_core::{Error as CoreError, Language, parallel};
use rustc_hash::FxHashMap;

use crate::Error;
use crate::recent::{Recent, Row};
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
/// Tokens of a generation whose static rows are kept for the next calls, where nobody gives memory for more: 16 MB.
const TOKENS_KEPT: usize = SHARED;
/// And where there is enough, 250 MB: half as many cost a batch of 400 small documents 3 % of its time, a quarter 8 %.
const MOST_TOKENS_KEPT: usize = 16 * SHARED;
/// Words of a generation whose vectors are kept: 16 MB.
const WORDS_KEPT: usize = 8192;

/// The built-in encoder.
pub struct Builtin {
    tokenizer: Tokenizer,
    network: Network,
    languages: Vec<Language>,
    /// Static rows of tokens.
    tokens: Recent<u32>,
    /// Vectors of words.
    words: Recent<Box<str>>,
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
        let (tokens, words) = (Recent::new(TOKENS_KEPT), Recent::new(WORDS_KEPT));
        Ok(Self { tokenizer, network, languages, tokens, words })
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

    /// Static rows of the most frequent of the tokens, at most [`SHARED`]; the others have none.
    fn shared_rows(&self, tokens: &Distinct) -> Vec<Option<Row>> {
        let mut frequent: Vec<u32> = (0..tokens.ids.len() as u32).collect();
        frequent.sort_by_key(|&k| std::cmp::Reverse(tokens.counts[k as usize])); // stable: ties by first occurrence
        frequent.truncate(SHARED);
        let wanted: Vec<u32> = frequent.iter().map(|&k| tokens.ids[k as usize]).collect();
        let mut rows = vec![None; tokens.ids.len()];
        let mut missing = Vec::new();
        for (k, row) in frequent.into_iter().zip(self.tokens.get::<u32>(&wanted)) {
            match row {
                Some(row) => rows[k as usize] = Some(row),
                None => missing.push(k),
            }
        }
        let chunks: Vec<&[u32]> = missing.chunks(ROWS).collect();
        let made = parallel::map(&chunks, |_, chunk| {
            let ids: Vec<u32> = chunk.iter().map(|&k| tokens.ids[k as usize]).collect();
            let mut out = vec![0.0; ids.len() * STATIC];
            self.network.tokens(&ids, &mut out);
            out.chunks_exact(STATIC).map(Row::from).collect::<Vec<_>>()
        });
        for (&k, row) in missing.iter().zip(made.into_iter().flatten()) {
            rows[k as usize] = Some(row);
        }
        let made = missing.iter().filter_map(|&k| Some((tokens.ids[k as usize], rows[k as usize].clone()?)));
        self.tokens.keep(made);
        rows
    }
}

/// The distinct tokens of a call, which stand in its sentences as places among them.
struct Distinct {
    ids: Vec<u32>,
    /// How often each occurs.
    counts: Vec<u32>,
}

impl Distinct {
    /// Puts the places of `tokens` among the distinct ones in their place.
    fn of(tokens: &mut [u32]) -> Self {
        let mut places: FxHashMap<u32, u32> = FxHashMap::default();
        let mut all = Self { ids: Vec::new(), counts: Vec::new() };
        for token in tokens {
            let place = *places.entry(*token).or_insert_with(|| {
                all.ids.push(*token);
                all.counts.push(0);
                all.ids.len() as u32 - 1
            });
            all.counts[place as usize] += 1;
            *token = place;
        }
        all
    }
}

/// What one row of `values` more in a generation may come to take: there are two generations, and keys and tables take a
/// tenth.
const fn bytes_kept(values: usize) -> u64 {
    (2 * values * size_of::<f32>() * 11 / 10) as u64
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
        let (mut tokens, ends) = self.tokenize(segments);
        let distinct = Distinct::of(&mut tokens);
        let shared = self.shared_rows(&distinct);
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
            let sentences: Vec<&[u32]> = range.clone().map(|s| &tokens[span(s)]).collect();
            // Tokens that are not among the shared ones, once each.
            let mut own: Vec<u32> = sentences.concat();
            own.retain(|&k| shared[k as usize].is_none());
            own.sort_unstable();
            own.dedup();
            let ids: Vec<u32> = own.iter().map(|&k| distinct.ids[k as usize]).collect();
            let mut own_rows = vec![0.0; own.len() * STATIC];
            self.network.tokens(&ids, &mut own_rows);
            let row = |k: u32| match &shared[k as usize] {
                Some(row) => &row[..],
                None => &own_rows[own.partition_point(|&o| o < k) * STATIC..][..STATIC],
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

    fn words(&self, words: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
        fits(ID, out.len(), words.len() * DIM)?;
        let mut missing = Vec::new();
        for (k, kept) in self.words.get::<str>(words).into_iter().enumerate() {
            match kept {
                Some(vector) => out[k * DIM..][..DIM].copy_from_slice(&vector),
                None => missing.push(k),
            }
        }
        let texts: Vec<&str> = missing.iter().map(|&k| words[k]).collect();
        let mut made = vec![0.0; missing.len() * DIM];
        self.project(&Features::of_texts(&texts, self)?.data, &mut made)?;
        for (&k, vector) in missing.iter().zip(made.chunks_exact(DIM)) {
            out[k * DIM..][..DIM].copy_from_slice(vector);
        }
        self.words.keep(texts.into_iter().map(Box::from).zip(made.chunks_exact(DIM).map(Row::from)));
        Ok(())
    }

    fn keeps(&self) -> u64 {
        self.tokens.most() as u64 * bytes_kept(STATIC) + WORDS_KEPT as u64 * bytes_kept(DIM)
    }

    fn keep(&self, bytes: u64) {
        let tokens = bytes.saturating_sub(WORDS_KEPT as u64 * bytes_kept(DIM)) / bytes_kept(STATIC);
        self.tokens.set_most((tokens as usize).clamp(TOKENS_KEPT, MOST_TOKENS_KEPT));
    }
}
