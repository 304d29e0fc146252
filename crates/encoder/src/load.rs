//! From the choice `builtin | none | PATH` to an encoder.

use std::path::PathBuf;

use hexapla_core::encode::Encoder;

use crate::Error;

/// Which encoder is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncoderChoice {
    /// The one inside the binary.
    #[default]
    Builtin,
    /// None: the alignment goes without meaning.
    None,
    /// A model folder.
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

/// Loads the chosen encoder; `None` for [`EncoderChoice::None`].
///
/// # Errors
/// [`Error::NoBuiltin`] where this build has none; [`Error::Model`] and [`Error::Io`] for a folder that cannot be used.
pub fn load(choice: &EncoderChoice) -> Result<Option<Box<dyn Encoder>>, Error> {
    match choice {
        EncoderChoice::Builtin => builtin().map(Some),
        EncoderChoice::None => Ok(None),
        EncoderChoice::Path(path) => crate::folder::load(path).map(Some),
    }
}

#[cfg(feature = "builtin-model")]
fn builtin() -> Result<Box<dyn Encoder>, Error> {
    Ok(Box::new(crate::Builtin::new(crate::BUILTIN_MODEL)?))
}

#[cfg(not(feature = "builtin-model"))]
fn builtin() -> Result<Box<dyn Encoder>, Error> {
    Err(Error::NoBuiltin)
}
