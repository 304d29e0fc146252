//! The seam to `hexapla-encoder`: which encoder an `--encoder` choice means.

use hexapla_core::encode::Encoder;

use crate::args::EncoderChoice;
use crate::error::Error;

/// Loads the chosen encoder; `None` where the alignment goes without.
///
/// # Errors
/// [`Error::Encoder`] where a model cannot be used.
pub(crate) fn load(choice: &EncoderChoice) -> Result<Option<Box<dyn Encoder>>, Error> {
    use hexapla_encoder::EncoderChoice as Choice;
    let (choice, name) = match choice {
        EncoderChoice::Builtin => (Choice::Builtin, "builtin".to_owned()),
        EncoderChoice::None => (Choice::None, "none".to_owned()),
        EncoderChoice::Path(path) => (Choice::Path(path.clone()), path.display().to_string()),
    };
    hexapla_encoder::load(&choice).map_err(|e| Error::Encoder { choice: name, reason: e.to_string() })
}
