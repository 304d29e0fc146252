//! The seam to `hexapla-encoder`: which encoder an `--encoder` choice means.

use hexapla_core::encode::Encoder;

use crate::args::EncoderChoice;
use crate::error::Error;

/// Loads the chosen encoder; `None` where the alignment goes without.
///
/// # Errors
/// [`Error::Encoder`] where a model cannot be used.
pub(crate) fn load(choice: &EncoderChoice) -> Result<Option<Box<dyn Encoder>>, Error> {
    match choice {
        // No encoder is built in yet: `builtin` goes without one.
        EncoderChoice::Builtin | EncoderChoice::None => Ok(None),
        EncoderChoice::Path(path) => Err(Error::Encoder {
            choice: path.display().to_string(),
            reason: "this version loads no models; write builtin or none".into(),
        }),
    }
}
