//! `hexapla align`: a source and its versions become a memory or data.

use hexapla_core::{Alignment, parallel};
use hexapla_encoder::Loaded;
use hexapla_formats::output;
use hexapla_formats::write::Format;

use crate::alignments::{self, file_name};
use crate::args::AlignArgs;
use crate::encoder;
use crate::error::{Error, Outcome};
use crate::job::Job;
use crate::known::Known;
use crate::outputs::{self, Written};
use crate::progress::Progress;
use crate::report::Summary;
use crate::texts::{self, Version};
use crate::warning::Warning;

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
    let planned = outputs::plan(job, &texts, output::check)?;
    let alignments = alignments::align(job, &known, &texts, encoder, &progress)?;
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
