//! `hexapla align`: a source and its versions become a memory or data.

use std::path::Path;

use hexapla_core::encode::Meaning;
use hexapla_core::{Alignment, parallel};
use hexapla_encoder::Loaded;
use hexapla_formats::write::Format;

use crate::args::AlignArgs;
use crate::encoder;
use crate::error::{Error, Outcome};
use crate::job::Job;
use crate::known::Known;
use crate::outputs::{self, Written};
use crate::progress::Progress;
use crate::report::{Summary, Warning};
use crate::texts::{self, Version};

/// Runs the command.
pub(crate) fn run(args: AlignArgs) -> Result<Outcome, Error> {
    let job = Job::resolve(args)?;
    let encoder = encoder::load(&job.encoder)?;
    let work = || work(&job, encoder.as_ref());
    let Work { texts, alignments, written, warnings } =
        parallel::with_jobs(job.jobs, work).map_err(|reason| Error::Threads { jobs: job.jobs, reason })??;
    Summary::new(&texts, &alignments, &written, &job, encoder.as_ref().map(Loaded::encoder))
        .and(warnings)
        .tell(job.talk)?;
    let good = |a: &Alignment| job.min_quality.is_none_or(|least| a.quality >= least);
    Ok(if alignments.iter().all(good) { Outcome::Done } else { Outcome::GateFailed })
}

/// What was done.
struct Work {
    /// The source and its versions.
    texts: Vec<Version>,
    /// An alignment a version.
    alignments: Vec<Alignment>,
    written: Vec<Written>,
    /// What was noticed apart from the texts.
    warnings: Vec<Warning>,
}

fn work(job: &Job, encoder: Option<&Loaded>) -> Result<Work, Error> {
    let encodings = if encoder.is_some() { job.inputs.len() } else { 0 };
    let steps = job.inputs.len() + encodings + (job.inputs.len() - 1) + 1;
    let progress = Progress::new(steps, job.talk.quiet);
    let known = Known::read(job)?;
    let texts = read(job, &progress)?;
    let planned = outputs::plan(job, &texts)?;
    let alignments = align(job, &known, &texts, encoder, &progress)?;
    progress.doing("writing".into());
    let written = outputs::write(job, &planned, &texts, &alignments)?;
    Ok(Work { texts, alignments, written, warnings: known.warnings })
}

fn read(job: &Job, progress: &Progress) -> Result<Vec<Version>, Error> {
    let read = parallel::map(&job.inputs, |k, path| {
        progress.doing(format!("reading {}", file_name(path)));
        let given = job.languages.as_ref().map(|l| &l[k]);
        let text = texts::load(path, given, &job.cutting);
        progress.step();
        text
    });
    let texts = read.into_iter().collect::<Result<Vec<_>, _>>()?;
    // A memory needs a real language code: no CAT tool would find anything in it otherwise.
    let memory = job.targets.iter().any(|t| t.format == Format::Tmx);
    match texts.iter().find(|t| t.document.language().is_und()) {
        Some(t) if memory => Err(Error::NoLanguage { path: t.path.clone() }),
        _ => Ok(texts),
    }
}

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

fn file_name(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
}
