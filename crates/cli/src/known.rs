//! What the person knows about the texts, read from files: dictionaries, fixed beads.

use std::path::PathBuf;
use std::sync::Arc;

use hexapla_core::evaluate::Links;
use hexapla_core::{Dictionary, Knowledge};
use hexapla_formats::read::{beads, dictionary};

use crate::error::Error;
use crate::job::Job;
use crate::warning::Warning;

/// Knowledge of every version.
pub(crate) struct Known {
    /// All dictionaries together.
    dictionary: Arc<Dictionary>,
    /// Fixed beads a version.
    fixed: Vec<Vec<Links>>,
    /// The line of each in its file.
    lines: Vec<Vec<usize>>,
    /// What was noticed.
    pub(crate) warnings: Vec<Warning>,
}

/// Reads dictionaries into one; what was left out becomes a warning.
///
/// # Errors
/// A file that cannot be read or holds no pair.
pub(crate) fn read_dictionaries(paths: &[PathBuf]) -> Result<(Dictionary, Vec<Warning>), Error> {
    let (mut all, mut warnings) = (Dictionary::default(), Vec::new());
    for path in paths {
        let read = dictionary::read(path)?;
        if let (true, Some(first)) = (read.skipped > 0, read.first_skipped) {
            let what = match read.format {
                dictionary::Format::Dictd => "entries without a short translation",
                dictionary::Format::Hunalign => "lines that are not target @ source",
                dictionary::Format::Tsv => "lines that are not source, a tab and target",
            };
            let what = format!("{}: {what} (the first is line {first}) were left out", path.display());
            warnings.push(Warning::new("dictionary-lines", read.skipped, what));
        }
        all.append(read.dictionary);
    }
    Ok((all, warnings))
}

impl Known {
    /// Reads the files that `job` names.
    ///
    /// # Errors
    /// A file that cannot be read, a dictionary without a pair, a line that is no bead.
    pub(crate) fn read(job: &Job) -> Result<Self, Error> {
        let (dictionary, warnings) = read_dictionaries(&job.dictionaries)?;
        Ok(Self { warnings, ..Self::with(job, Arc::new(dictionary))? })
    }

    /// The same with dictionaries that were read before.
    ///
    /// # Errors
    /// A file that cannot be read, a line that is no bead.
    pub(crate) fn with(job: &Job, dictionary: Arc<Dictionary>) -> Result<Self, Error> {
        let (mut fixed, mut lines) = (Vec::new(), Vec::new());
        for path in &job.anchors {
            let read = path.as_deref().map(beads::read_anchors).transpose()?.unwrap_or_default();
            let (at, beads) = read.into_iter().unzip();
            lines.push(at);
            fixed.push(beads);
        }
        Ok(Self { dictionary, fixed, lines, warnings: Vec::new() })
    }

    /// What is known about version `k`.
    pub(crate) fn of(&self, k: usize) -> Knowledge<'_> {
        Knowledge { dictionary: Some(&*self.dictionary).filter(|d| !d.is_empty()), fixed: &self.fixed[k] }
    }

    /// A wrong fixed bead of version `k` with its place in the file; `None` for other errors.
    pub(crate) fn anchor_error(&self, job: &Job, k: usize, cause: &hexapla_core::Error) -> Option<Error> {
        let hexapla_core::Error::BadAnchor { index, reason } = cause else { return None };
        let (path, line) = (job.anchors[k].clone()?, *self.lines[k].get(*index)?);
        Some(Error::Anchor { path, line, reason: reason.clone() })
    }
}
