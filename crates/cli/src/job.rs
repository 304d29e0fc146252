//! The arguments of `align`, resolved: everything that can be checked before the work is checked here.

use std::fs;
use std::path::{Path, PathBuf};

use hexapla_core::{AlignOptions, Language};
use hexapla_formats::{output, write};

use crate::args::{AlignArgs, AlignmentArgs, EncoderArgs, Moved, TalkArgs};
use crate::cutting::Cutting;
use crate::error::Error;

/// What `align` is to do.
#[derive(Debug)]
pub(crate) struct Job {
    /// The source, then its versions.
    pub(crate) inputs: Vec<PathBuf>,
    /// A language an input, where they were given.
    pub(crate) languages: Option<Vec<Language>>,
    /// Dictionaries.
    pub(crate) dictionaries: Vec<PathBuf>,
    /// A file of fixed beads a version, where there is one.
    pub(crate) anchors: Vec<Option<PathBuf>>,
    /// Whether moved passages are linked.
    pub(crate) moved: Moved,
    /// How texts are cut.
    pub(crate) cutting: Cutting,
    /// Which encoder is used.
    pub(crate) encoder: EncoderArgs,
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
        let inputs = distinct(inputs)?;
        if let Some(langs) = args.langs.as_ref().filter(|l| l.len() != inputs.len()) {
            return Err(Error::LangsCount { langs: langs.len(), files: inputs.len() });
        }
        let mut targets: Vec<Target> = Vec::new();
        for path in args.output {
            let format = write::Format::of(&path)?;
            targets.push(Target { path, format });
        }
        check_outputs(targets.iter().map(|t| t.path.as_path()), &inputs, output::check)?;
        let how = args.how;
        let tmx = memory_options(&how)?;
        Ok(Self {
            moved: how.moved,
            dictionaries: how.dictionary,
            anchors: anchors(args.anchors, inputs.len() - 1)?,
            inputs,
            languages: args.langs,
            cutting: Cutting::resolve(how.text.cutting)?,
            encoder: how.text.encoder,
            jobs: usize::from(how.text.jobs),
            targets,
            multi: how.multi,
            min_quality: args.min_quality,
            tmx,
            talk: how.talk,
        })
    }
}

/// How rows are written, as the arguments say; the date is now, or the one that the environment sets.
///
/// # Errors
/// [`Error::SourceDate`], a date that cannot be written.
pub(crate) fn memory_options(how: &AlignmentArgs) -> Result<write::tmx::TmxOptions, Error> {
    let args = &how.tmx;
    let mut tmx = write::tmx::TmxOptions::default();
    tmx.rows.min_confidence = how.min_confidence;
    tmx.rows.keep_unaligned = how.keep_unaligned;
    tmx.segtype = args.tmx_segtype.into();
    tmx.beads = args.tmx_beads.into();
    tmx.duplicates = args.tmx_duplicates.into();
    tmx.split = args.tmx_split;
    tmx.created = write::tmx::stamp(source_date()?)?;
    Ok(tmx)
}

/// Checks that every input exists, that none is a folder, and that no two are the same.
fn distinct(inputs: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    let mut seen: Vec<PathBuf> = Vec::new();
    for path in &inputs {
        let unreadable = |source| hexapla_formats::Error::Read { path: path.clone(), source };
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            return Err(Error::Folder { path: path.clone() });
        }
        let real = output::real(path);
        if let Some(k) = seen.iter().position(|r| *r == real) {
            return Err(Error::SameFile { first: inputs[k].clone(), second: path.clone() });
        }
        seen.push(real);
    }
    Ok(inputs)
}

/// Checks that all outputs can be written, as `check` ([`output::check`] or [`output::check_place`]) finds, and that none
/// is an input or another output.
///
/// # Errors
/// The first that is wrong.
pub(crate) fn check_outputs<'a>(
    outputs: impl Iterator<Item = &'a Path>,
    inputs: &[PathBuf],
    check: impl Fn(&Path) -> Result<(), hexapla_formats::Error>,
) -> Result<(), Error> {
    let inputs: Vec<PathBuf> = inputs.iter().map(|p| output::real(p)).collect();
    let mut seen: Vec<PathBuf> = Vec::new();
    for path in outputs {
        check(path)?;
        let real = output::real(path);
        if inputs.contains(&real) {
            return Err(Error::OutputIsInput { path: path.to_owned() });
        }
        if seen.contains(&real) {
            return Err(Error::OutputTwice { path: path.to_owned() });
        }
        seen.push(real);
    }
    Ok(())
}

impl Job {
    /// How the core is to align.
    pub(crate) fn align_options(&self) -> AlignOptions {
        align_options(self.moved)
    }
}

/// Options of the core.
pub(crate) fn align_options(moved: Moved) -> AlignOptions {
    let mut options = AlignOptions::default();
    options.moved = moved == Moved::Keep;
    options
}

/// A file of fixed beads a version; `-` and what was not given stand for none.
fn anchors(given: Vec<PathBuf>, versions: usize) -> Result<Vec<Option<PathBuf>>, Error> {
    if given.is_empty() {
        return Ok(vec![None; versions]);
    }
    if given.len() != versions {
        return Err(Error::AnchorsCount { anchors: given.len(), versions });
    }
    Ok(given.into_iter().map(|p| (p.as_os_str() != "-").then_some(p)).collect())
}

/// The date that reproducible builds set (reproducible-builds.org, SOURCE_DATE_EPOCH).
fn source_date() -> Result<Option<i64>, Error> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Err(_) => Ok(None),
        Ok(value) => value.trim().parse().map(Some).map_err(|_| Error::SourceDate { value }),
    }
}
