//! Why a document was not aligned, or was set apart; each with its cause in words and its mend.

use std::fmt;
use std::io;

use hexapla_formats::Error as FileError;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A stable name of the reason; `report.tsv`, `report.json` and results of streams carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reason {
    /// The line of the manifest, or the job, is wrong.
    BadEntry,
    /// Two documents with one id.
    DuplicateId,
    /// A path with control characters, or one that is not Unicode.
    BadPath,
    /// There is no such file.
    Missing,
    /// The file cannot be read.
    Unreadable,
    /// A folder, a pipe or a device.
    NotAFile,
    /// One file on both sides.
    SameFile,
    /// No text in the file.
    Empty,
    /// A binary file, a document of another program, markup.
    NotText,
    /// Larger than a document may be.
    TooLarge,
    /// Needs more memory than the run may use.
    Memory,
    /// The file was written to while it was read.
    Changed,
    /// The language is not told and cannot be detected.
    NoLanguage,
    /// An output cannot be written.
    Write,
    /// The encoder or the aligner refused the texts.
    Refused,
    /// A defect of ours.
    Internal,
    /// Both sides are the same text.
    SameText,
    /// Each side is in the other's language.
    Swapped,
    /// A side is in another language than it is said to be.
    WrongLanguage,
    /// The texts are no translations of each other.
    Unrelated,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    /// What is wrong, in words, with names and figures.
    pub(crate) cause: String,
    /// How to mend it; empty where the cause says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) mend: String,
}

impl Fault {
    pub(crate) fn new(reason: Reason, cause: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { reason, cause: cause.into(), mend: mend.into() }
    }
}

/// A failure of one attempt at a document.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) fault: Fault,
    /// Whether trying again may help.
    pub(crate) transient: bool,
    /// Whether no other document can be written either: a full or read-only disk.
    pub(crate) fatal: bool,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self { transient: fault.reason == Reason::Changed, fatal: false, fault }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let reason = match &error {
            Error::File(FileError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Reason::Missing,
            Error::File(FileError::Read { .. }) => Reason::Unreadable,
            Error::File(FileError::NotText { .. }) => Reason::NotText,
            Error::File(FileError::TooLarge { .. }) => Reason::TooLarge,
            Error::File(FileError::Write { .. }) | Error::OutputIsInput { .. } | Error::OutputTwice { .. } => {
                Reason::Write
            }
            Error::Folder { .. } => Reason::NotAFile,
            Error::SameFile { .. } => Reason::SameFile,
            Error::EmptyText { .. } => Reason::Empty,
            Error::NoLanguage { .. } => Reason::NoLanguage,
            Error::Io(_) => Reason::Write,
            _ => Reason::Refused,
        };
        let os = match &error {
            Error::File(FileError::Read { source, .. } | FileError::Write { source, .. }) => Some(source),
            Error::Io(source) => Some(source),
            _ => None,
        };
        let transient = os.is_some_and(is_transient);
        let fatal = reason == Reason::Write && os.is_some_and(is_fatal);
        // Our messages are "cause: mend" or "cause; mend" in one sentence.
        Self { fault: Fault::new(reason, error.to_string(), ""), transient, fatal }
    }
}

/// Whether an operation that failed so may succeed when it is tried again.
pub(crate) fn is_transient(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, NetworkDown, ResourceBusy, StaleNetworkFileHandle, TimedOut, WouldBlock};
    // EIO, ENFILE, EMFILE, ENOMEM have no kind of their own, or none that is the same everywhere.
    let numbered = cfg!(unix) && matches!(error.raw_os_error(), Some(5 | 12 | 23 | 24));
    let kinds = [Interrupted, NetworkDown, ResourceBusy, StaleNetworkFileHandle, TimedOut, WouldBlock];
    numbered || kinds.contains(&error.kind())
}

/// Whether nothing can be written any more.
pub(crate) fn is_fatal(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    [QuotaExceeded, ReadOnlyFilesystem, StorageFull].contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_written_as_they_are_serialised() {
        assert_eq!(Reason::WrongLanguage.to_string(), "wrong-language");
        assert_eq!(serde_json::to_string(&Reason::NotAFile).unwrap(), "\"not-a-file\"");
    }

    #[test]
    fn failures_are_told_apart() {
        let failure = |kind: io::ErrorKind, write: bool| {
            let (path, source) = ("x".into(), kind.into());
            let error = if write { FileError::Write { path, source } } else { FileError::Read { path, source } };
            let f = Failure::from(Error::File(error));
            (f.fault.reason, f.transient, f.fatal)
        };
        assert_eq!(failure(io::ErrorKind::NotFound, false), (Reason::Missing, false, false));
        assert_eq!(failure(io::ErrorKind::PermissionDenied, false), (Reason::Unreadable, false, false));
        assert_eq!(failure(io::ErrorKind::TimedOut, false), (Reason::Unreadable, true, false));
        assert_eq!(failure(io::ErrorKind::StorageFull, true), (Reason::Write, false, true));
        assert_eq!(failure(io::ErrorKind::ReadOnlyFilesystem, true), (Reason::Write, false, true));
    }
}
