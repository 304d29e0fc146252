//! The crate's one error type: every message names the file, what is wrong with it and how to mend it.

use std::io;
use std::path::PathBuf;

/// What can go wrong with a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused to open or read a file.
    #[error("cannot read {}: {}", path.display(), explain(source))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no plain text.
    #[error("{} is {what}, not plain text: {mend}", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        what: String,
        /// How to get a plain text.
        mend: String,
    },
    /// The text is larger than spans can address.
    #[error("{} has {bytes} bytes; the limit is {limit}: split it into parts, for instance by chapter", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes, or the size of its text in UTF-8.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Writing failed; nothing stands under the file's name that was not there before.
    #[error("cannot write {}: {}", path.display(), explain(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// An output's name tells no known format.
    #[error(
        "-o {}: {}; end the name in {}",
        path.display(),
        if extension.is_empty() { "the name has no extension that tells a format".to_owned() }
        else { format!("'.{extension}' is no format that can be written") },
        crate::write::Format::list()
    )]
    UnknownFormat {
        /// The output as given.
        path: PathBuf,
        /// Its extension, without the dot.
        extension: String,
    },
    /// A line that begins like a bead and is none.
    #[error("{}, line {line}: '{found}' is no bead; write [source segments]:[target segments], for instance [0, 1]:[2]", path.display())]
    BadBead {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// How the line begins.
        found: String,
    },
    /// A dictionary without a pair, or one that is damaged.
    #[error("{}{}: {reason}", path.display(), line.map_or(String::new(), |l| format!(", line {l}")))]
    BadDictionary {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where one is to blame.
        line: Option<usize>,
        /// What is wrong, and how to mend it.
        reason: String,
    },
    /// A date that cannot be shown as year, month, day.
    #[error("{seconds} seconds after 1970 is no date that can be written")]
    BadDate {
        /// The seconds since 1970-01-01 00:00 UTC.
        seconds: i64,
    },
}

/// What the operating system said, in words of ours where its own name no mend.
fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder; check the name".into(),
        io::ErrorKind::PermissionDenied => "permission denied; check the rights of the file and its folder".into(),
        io::ErrorKind::IsADirectory => "it is a folder; name a file".into(),
        io::ErrorKind::StorageFull => "the disk is full; make room and run again".into(),
        _ => error.to_string(),
    }
}
