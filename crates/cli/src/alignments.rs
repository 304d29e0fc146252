//! Documents become alignments: their features, then every version with the source.

use std::path::Path;

use hexapla_core::encode::Meaning;
use hexapla_core::{Alignment, parallel};
use hexapla_encoder::Loaded;

use crate::error::Error;
use crate::job::Job;
use crate::known::Known;
use crate::progress::Progress;
use crate::texts::Version;

/// Aligns the first of `texts` with all others.
///
/// # Errors
/// What the encoder or the core refuses.
pub(crate) fn align(
    job: &Job,
    known: &Known,
    texts: &[Version],
    encoder: Option<&Loaded>,
    progress: &Progress,
) -> Result<Vec<Alignment>, Error> {
    let features = match encoder {
        None => Vec::new(),
        Some(encoder) => {
            let paths: Vec<&Path> = texts.iter().map(|t| &*t.path).collect();
            encoder.check(&paths).map_err(Error::Vectors)?;
            let encoded = parallel::map(texts, |_, t| {
                progress.doing(format!("encoding {}", file_name(&t.path)));
                let features = encoder.features(&t.path, &t.document);
                progress.step();
                features.map_err(|cause| Error::Features { path: t.path.clone(), cause })
            });
            encoded.into_iter().collect::<Result<Vec<_>, _>>()?
        }
    };
    let (source, versions) = (&texts[0], &texts[1..]);
    let aligned = parallel::map(versions, |k, version| {
        progress.doing(format!("aligning {}", file_name(&version.path)));
        let meaning = encoder.map(|e| Meaning { encoder: e.encoder(), source: &features[0], target: &features[k + 1] });
        let alignment =
            hexapla_core::align(&source.document, &version.document, meaning, known.of(k), &job.align_options());
        progress.step();
        alignment.map_err(|cause| match known.anchor_error(job, k, &cause) {
            Some(error) => error,
            None => Error::Align { source_path: source.path.clone(), version: version.path.clone(), cause },
        })
    });
    aligned.into_iter().collect()
}

/// The last part of a path, for messages.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
