//! From the choice `builtin | none | PATH` to an encoder.

use std::path::{Path, PathBuf};

use hexapla_core::Document;
use hexapla_core::encode::{Encoder, Features};

use crate::precomputed::Precomputed;
use crate::units::centre;
use crate::{Cached, Error};

/// Which encoder is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncoderChoice {
    /// The one inside the binary.
    #[default]
    Builtin,
    /// None: the alignment goes without meaning.
    None,
    /// A folder: a model, or precomputed vectors.
    Path(PathBuf),
}

impl From<&str> for EncoderChoice {
    fn from(text: &str) -> Self {
        match text {
            "builtin" => Self::Builtin,
            "none" => Self::None,
            path => Self::Path(path.into()),
        }
    }
}

/// An encoder that is ready for documents.
pub enum Loaded {
    /// The built-in encoder.
    Builtin(Box<dyn Encoder>),
    /// A model out of a folder.
    Model(Box<dyn Encoder>),
    /// Vectors of certain texts.
    Vectors(Precomputed),
}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Loaded").field(&self.encoder().id()).finish()
    }
}

impl Loaded {
    /// What projects spans, and knows languages.
    pub fn encoder(&self) -> &dyn Encoder {
        match self {
            Self::Builtin(encoder) | Self::Model(encoder) => &**encoder,
            Self::Vectors(vectors) => vectors,
        }
    }

    /// The features of `document`, whose text is the file at `text`; only precomputed vectors depend on the path.
    ///
    /// From those of other models than the built-in one the document's mean is taken away.
    ///
    /// # Errors
    /// [`Error::Encode`]; for precomputed vectors [`Error::Io`] and [`Error::Model`].
    pub fn features(&self, text: &Path, document: &Document) -> Result<Features, Error> {
        let mut features = match self {
            Self::Builtin(encoder) => return Ok(Features::of(document, &**encoder)?),
            Self::Model(encoder) => Features::of(document, &**encoder)?,
            Self::Vectors(vectors) => vectors.features(text, document)?,
        };
        centre(&mut features);
        Ok(features)
    }

    /// Checks, before any work, that every text can have features. Texts that are no files may have any path.
    ///
    /// # Errors
    /// [`Error::Model`] where precomputed vectors are missing, or one file would serve two texts.
    pub fn check(&self, texts: &[&Path]) -> Result<(), Error> {
        let Self::Vectors(vectors) = self else { return Ok(()) };
        let mut seen: Vec<PathBuf> = Vec::new();
        for text in texts {
            let found = vectors.find(text)?;
            if let Some(k) = seen.iter().position(|f| *f == found) {
                let reason = format!(
                    "it would serve both {} and {}: put vectors into folders as the texts are, or rename the texts",
                    texts[k].display(),
                    text.display()
                );
                return Err(Error::Model { path: found, reason });
            }
            seen.push(found);
        }
        Ok(())
    }
}

/// Loads the chosen encoder; `None` for [`EncoderChoice::None`]. With `cache`, features that a model makes are kept in
/// that folder.
///
/// # Errors
/// [`Error::NoBuiltin`] where this build has none; [`Error::Model`] and [`Error::Io`] for a folder that cannot be used;
/// [`Error::Cache`] for a cache that cannot be written to.
pub fn load(choice: &EncoderChoice, cache: Option<&Path>) -> Result<Option<Loaded>, Error> {
    let loaded = match choice {
        EncoderChoice::Builtin => Loaded::Builtin(builtin()?),
        EncoderChoice::None => return Ok(None),
        EncoderChoice::Path(path) => crate::kinds::load(path)?,
    };
    let Some(folder) = cache else { return Ok(Some(loaded)) };
    Ok(Some(match loaded {
        Loaded::Builtin(encoder) => Loaded::Builtin(Box::new(Cached::new(encoder, folder)?)),
        Loaded::Model(encoder) => Loaded::Model(Box::new(Cached::new(encoder, folder)?)),
        Loaded::Vectors(vectors) => Loaded::Vectors(vectors),
    }))
}

#[cfg(feature = "builtin-model")]
fn builtin() -> Result<Box<dyn Encoder>, Error> {
    Ok(Box::new(crate::Builtin::new(crate::BUILTIN_MODEL)?))
}

#[cfg(not(feature = "builtin-model"))]
fn builtin() -> Result<Box<dyn Encoder>, Error> {
    Err(Error::NoBuiltin)
}
