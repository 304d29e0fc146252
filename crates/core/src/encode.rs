//! The seam to sentence encoders: what the aligner needs of one. Implementations live in `hexapla-encoder`.
//!
//! An encoder works in two steps, so that one pass over the text serves every bead:
//!
//! 1. [`Encoder::features`] turns segments into **additive** features: the features of a span of neighbouring
//!    segments are the *sum* of its segments' features (token features summed, for the built-in encoder;
//!    length-weighted vectors for encoders that only see whole segments).
//! 2. [`Encoder::project`] turns features of any span into a unit vector; similarity is the dot product.

use crate::{Document, Error, Language};

/// A sentence encoder. Deterministic: equal input gives equal bytes, whatever the number of threads.
pub trait Encoder: Send + Sync {
    /// A stable name of the model, for messages and cache keys, for instance `use-multilingual-v3-int8`.
    fn id(&self) -> &str;

    /// Length of one unit vector.
    fn dim(&self) -> usize;

    /// Length of one row of additive features; that of a unit vector where nothing else is said.
    fn feature_dim(&self) -> usize {
        self.dim()
    }

    /// Whether the model was trained on `language`; `None` where that is not known.
    fn knows(&self, _language: &Language) -> Option<bool> {
        None
    }

    /// Whether the model was trained on both of two languages; `None` where it does not say of one and knows the other.
    fn knows_both(&self, a: &Language, b: &Language) -> Option<bool> {
        match (self.knows(a), self.knows(b)) {
            (Some(true), Some(true)) => Some(true),
            (Some(false), _) | (_, Some(false)) => Some(false),
            _ => None,
        }
    }

    /// Whether features of any text, for instance of a clause, can be added to those of a document. Not where these depend
    /// on the document (its mean is taken away), or where texts cannot be encoded at all (precomputed vectors).
    fn encodes_parts(&self) -> bool {
        false
    }

    /// Whether a unit vector is a row of features brought to length 1, and nothing more. Inner products of spans are then
    /// sums of those of their segments, and no vector of a span is asked for.
    fn adds(&self) -> bool {
        false
    }

    /// Additive features of `segments`, a row each, into `out` (`segments.len() × feature_dim()`, row-major).
    /// An empty segment's row is zero.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), Error>;

    /// Unit vectors of rows of features (`n × feature_dim()`) into `out` (`n × dim()`). A zero row gives a zero row.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), Error>;

    /// Unit vectors of single words into `out` (`words.len() × dim()`): their features, projected. An encoder may keep
    /// them, for documents have most of their words in common; that must not show in them.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    fn words(&self, words: &[&str], out: &mut [f32]) -> Result<(), Error> {
        self.project(&Features::of_texts(words, self)?.data, out)
    }

    /// Bytes that it may come to keep between calls, at most.
    fn keeps(&self) -> u64 {
        0
    }
}

/// Additive features of a document: a row a segment.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// Length of a row.
    pub dim: usize,
    /// Row-major values, `rows × dim`.
    pub data: Vec<f32>,
}

impl Features {
    /// Encodes every segment of `document`.
    ///
    /// # Errors
    /// [`Error::Encoder`], also where the encoder returned a value that is not finite.
    pub fn of(document: &Document, encoder: &dyn Encoder) -> Result<Self, Error> {
        let texts: Vec<&str> = (0..document.len()).map(|i| document.segment(i)).collect();
        Self::of_texts(&texts, encoder)
    }

    /// Encodes texts, a row each.
    ///
    /// # Errors
    /// As [`Features::of`].
    pub fn of_texts(texts: &[&str], encoder: &(impl Encoder + ?Sized)) -> Result<Self, Error> {
        let dim = encoder.feature_dim();
        let mut data = vec![0.0; texts.len() * dim];
        encoder.features(texts, &mut data)?;
        if let Some(at) = data.iter().position(|x| !x.is_finite()) {
            let reason = format!("a value that is not finite for segment {}", at / dim.max(1));
            return Err(Error::Encoder { id: encoder.id().to_owned(), reason });
        }
        Ok(Self { dim, data })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.data.len().checked_div(self.dim).unwrap_or(0)
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.dim..(i + 1) * self.dim]
    }
}

/// What the aligner gets of meaning: the encoder and both sides' features.
#[derive(Clone, Copy)]
pub struct Meaning<'a> {
    /// Projects spans.
    pub encoder: &'a dyn Encoder,
    /// Features of the source document's segments.
    pub source: &'a Features,
    /// Features of the target document's segments.
    pub target: &'a Features,
}
