//! The arguments of `align`, resolved: everything that can be checked before the work is checked here.

use std::fs;
use std::path::PathBuf;

use hexapla_core::Language;
use hexapla_formats::{output, write};

use crate::args::{AlignArgs, EncoderChoice, Segmentation, TalkArgs};
use crate::error::Error;

/// What `align` is to do.
#[derive(Debug)]
pub(crate) struct Job {
    /// The source, then its versions.
    pub(crate) inputs: Vec<PathBuf>,
    /// A language an input, where they were given.
    pub(crate) languages: Option<Vec<Language>>,
    /// How texts are cut.
    pub(crate) segmentation: Segmentation,
    /// Which encoder is used.
    pub(crate) encoder: EncoderChoice,
    /// Threads; 0 for all cores.
    pub(crate) jobs: usize,
    /// Outputs as they were named, with their formats.
    pub(crate) targets: Vec<Target>,
    /// One file with all versions instead of one for each.
    pub(crate) multi: bool,
    /// The quality under which the exit status is 1.
    pub(crate) min_quality: Option<f32>,
    /// How rows are written, and TMX in particular.
    pub(crate) tmx: write::tmx::TmxOptions,
    /// How much is said.
    pub(crate) talk: TalkArgs,
}

/// An output as it was named.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) path: PathBuf,
    pub(crate) format: write::Format,
}

impl Job {
    /// Resolves `args`.
    ///
    /// # Errors
    /// Inputs that cannot be read or are the same file, outputs that cannot be written, languages that do not fit.
    pub(crate) fn resolve(args: AlignArgs) -> Result<Self, Error> {
        let inputs: Vec<PathBuf> = std::iter::once(args.source).chain(args.versions).collect();
        let real = real_inputs(&inputs)?;
        if let Some(langs) = args.langs.as_ref().filter(|l| l.len() != inputs.len()) {
            return Err(Error::LangsCount { langs: langs.len(), files: inputs.len() });
        }
        let mut targets: Vec<Target> = Vec::new();
        for path in args.output {
            let format = write::Format::of(&path)?;
            output::check(&path)?;
            if fs::canonicalize(&path).is_ok_and(|p| real.contains(&p)) {
                return Err(Error::OutputIsInput { path });
            }
            if targets.iter().any(|t| t.path == path) {
                return Err(Error::OutputTwice { path });
            }
            targets.push(Target { path, format });
        }
        let mut tmx = write::tmx::TmxOptions::default();
        tmx.rows.min_confidence = args.min_confidence;
        tmx.rows.keep_unaligned = args.keep_unaligned;
        tmx.segtype = args.tmx.tmx_segtype.into();
        tmx.beads = args.tmx.tmx_beads.into();
        tmx.duplicates = args.tmx.tmx_duplicates.into();
        tmx.split = args.tmx.tmx_split;
        tmx.created = write::tmx::stamp(source_date()?)?;
        Ok(Self {
            inputs,
            languages: args.langs,
            segmentation: args.text.segmentation,
            encoder: args.text.encoder,
            jobs: args.text.jobs,
            targets,
            multi: args.multi,
            min_quality: args.min_quality,
            tmx,
            talk: args.talk,
        })
    }
}

/// The inputs' real paths; every one exists, none is a folder, no two are the same.
fn real_inputs(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut real: Vec<PathBuf> = Vec::new();
    for path in inputs {
        let unreadable = |source| hexapla_formats::Error::Read { path: path.clone(), source };
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            return Err(Error::Folder { path: path.clone() });
        }
        // A pipe has no real path.
        let found = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        if let Some(k) = real.iter().position(|r| *r == found) {
            return Err(Error::SameFile { first: inputs[k].clone(), second: path.clone() });
        }
        real.push(found);
    }
    Ok(real)
}

/// The date that reproducible builds set (reproducible-builds.org, SOURCE_DATE_EPOCH).
fn source_date() -> Result<Option<i64>, Error> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Err(_) => Ok(None),
        Ok(value) => value.trim().parse().map(Some).map_err(|_| Error::SourceDate { value }),
    }
}
