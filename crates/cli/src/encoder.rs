//! The seam to `hexapla-encoder`: which encoder `--encoder` and `--cache` mean.

use hexapla_encoder::Loaded;

use crate::args::{EncoderArgs, EncoderChoice};
use crate::error::Error;

/// Loads the chosen encoder; `None` where the alignment goes without.
///
/// # Errors
/// [`Error::Encoder`] where a model, vectors or the cache cannot be used.
pub(crate) fn load(args: &EncoderArgs) -> Result<Option<Loaded>, Error> {
    use hexapla_encoder::EncoderChoice as Choice;
    let (choice, name) = match &args.encoder {
        EncoderChoice::Builtin => (Choice::Builtin, "builtin".to_owned()),
        EncoderChoice::None => (Choice::None, "none".to_owned()),
        EncoderChoice::Path(path) => (Choice::Path(path.clone()), path.display().to_string()),
    };
    hexapla_encoder::load(&choice, args.cache.as_deref()).map_err(|cause| match cause {
        hexapla_encoder::Error::Cache { .. } => Error::Cache(cause),
        // The folder is named once.
        hexapla_encoder::Error::Model { path, reason } if choice == Choice::Path(path.clone()) => {
            Error::Encoder { choice: name, reason }
        }
        _ => Error::Encoder { choice: name, reason: cause.to_string() },
    })
}
