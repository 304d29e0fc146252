//! The seam to sentence encoders: what the aligner needs of one. Implementations live in `hexapla-encoder`.
//!
//! An encoder works in two steps, so that one pass over the text serves every bead:
//!
//! 1. [`Encoder::features`] turns segments into **additive** features: the features of a span of neighbouring
//!    segments are the *sum* of its segments' features (token features summed, for the built-in encoder;
//!    length-weighted vectors for encoders that only see whole segments).
//! 2. [`Encoder::project`] turns features of any span into a unit vector; similarity is the dot product.

use crate::segment::only_closes;
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

    /// Lets it keep about `bytes` between calls from now on, where it has a use for them: texts of one kind have words
    /// in common. It may need more than it is given; [`Self::keeps`] tells.
    fn keep(&self, _bytes: u64) {}
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
    /// Encodes every segment of `document`. A mark that was cut from its sentence (a closing quotation mark, a dash) means
    /// nothing: its row is zero, so that the sentence means with it what it means without.
    ///
    /// # Errors
    /// [`Error::Encoder`], also where the encoder returned a value that is not finite.
    pub fn of(document: &Document, encoder: &dyn Encoder) -> Result<Self, Error> {
        let texts: Vec<&str> = (0..document.len()).map(|i| document.segment(i)).collect();
        let mut out = Self::of_texts(&texts, encoder)?;
        if out.dim > 0 {
            let rows = out.data.chunks_exact_mut(out.dim).zip(&texts);
            rows.filter(|(_, text)| only_closes(text)).for_each(|(row, _)| row.fill(0.0));
        }
        Ok(out)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An encoder of lengths.
    struct Sizes;

    impl Encoder for Sizes {
        fn id(&self) -> &str {
            "sizes"
        }
        fn dim(&self) -> usize {
            2
        }
        fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), Error> {
            let rows = out.chunks_exact_mut(2).zip(segments);
            rows.for_each(|(row, text)| row.copy_from_slice(&[text.len() as f32, 1.0]));
            Ok(())
        }
        fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), Error> {
            out.copy_from_slice(features);
            Ok(())
        }
    }

    #[test]
    fn a_mark_that_only_closes_means_nothing() {
        let lines = ["“Where?", "”", "* * *", "—"];
        let document = Document::from_lines(&lines, Language::und()).unwrap();
        let features = Features::of(&document, &Sizes).unwrap();
        let rows: Vec<&[f32]> = (0..4).map(|i| features.row(i)).collect();
        assert_eq!(rows, [&[9.0, 1.0][..], &[0.0, 0.0], &[5.0, 1.0], &[0.0, 0.0]]);
        let nothing = Document::from_lines(&[] as &[&str], Language::und()).unwrap();
        assert_eq!(Features::of(&nothing, &Sizes).unwrap().rows(), 0);
    }
}
