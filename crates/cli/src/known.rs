//! What the person knows about the texts, read from files: fixed beads.

use hexapla_core::Knowledge;
use hexapla_core::evaluate::Links;
use hexapla_formats::read::beads;

use crate::error::Error;
use crate::job::Job;

/// Knowledge of every version.
pub(crate) struct Known {
    /// Fixed beads a version.
    fixed: Vec<Vec<Links>>,
    /// The line of each in its file.
    lines: Vec<Vec<usize>>,
}

impl Known {
    /// Reads the files that `job` names.
    ///
    /// # Errors
    /// A file that cannot be read or has a line that is no bead.
    pub(crate) fn read(job: &Job) -> Result<Self, Error> {
        let (mut fixed, mut lines) = (Vec::new(), Vec::new());
        for path in &job.anchors {
            let read = path.as_deref().map(beads::read_anchors).transpose()?.unwrap_or_default();
            let (at, beads) = read.into_iter().unzip();
            lines.push(at);
            fixed.push(beads);
        }
        Ok(Self { fixed, lines })
    }

    /// What is known about version `k`.
    pub(crate) fn of(&self, k: usize) -> Knowledge<'_> {
        Knowledge { fixed: &self.fixed[k], ..Knowledge::default() }
    }

    /// A wrong fixed bead of version `k` with its place in the file; `None` for other errors.
    pub(crate) fn anchor_error(&self, job: &Job, k: usize, cause: &hexapla_core::Error) -> Option<Error> {
        let hexapla_core::Error::BadAnchor { index, reason } = cause else { return None };
        let (path, line) = (job.anchors[k].clone()?, *self.lines[k].get(*index)?);
        Some(Error::Anchor { path, line, reason: reason.clone() })
    }
}
