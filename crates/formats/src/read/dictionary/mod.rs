//! Dictionaries: pairs of words or phrases, in three formats that the file itself tells apart.
//!
//! | format | told by |
//! | --- | --- |
//! | dictd (FreeDict) | the name ends in `.index`, `.dict` or `.dict.dz`; index and text are both read |
//! | hunalign | most lines hold ` @ `: `target @ source` |
//! | TSV | everything else: `source<TAB>target`, further columns ignored |
//!
//! In lines, `;` parts alternatives; blank lines and notes (`#`) are passed over; lines without a pair are counted.
//! Not here: what a pair is worth (`hexapla-core`).

mod dictd;
mod lines;

use std::path::Path;

use hexapla_core::Dictionary;

use crate::Error;

/// Format of a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `source<TAB>target`.
    Tsv,
    /// `target @ source`.
    Hunalign,
    /// FreeDict's `.index` with `.dict` or `.dict.dz`.
    Dictd,
}

/// A dictionary that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The pairs.
    pub dictionary: Dictionary,
    /// The format found.
    pub format: Format,
    /// Lines (dictd: entries) without a usable pair.
    pub skipped: usize,
    /// The first of them, from 1.
    pub first_skipped: Option<usize>,
}

/// Reads the dictionary at `path`; see [the table](self) for what it may be.
///
/// # Errors
/// A file that cannot be read, or that holds no pair at all ([`Error::BadDictionary`], with the line looked at).
pub fn read(path: &Path) -> Result<Read, Error> {
    let read = match dictd::Files::of(path) {
        Some(files) => dictd::read(&files)?,
        None => lines::parse(&super::text::read(path)?.text),
    };
    if read.dictionary.is_empty() {
        let (line, reason) = match (read.first_skipped, read.format) {
            (None, _) => (None, "it is empty".to_owned()),
            (line, Format::Dictd) => (line, "no entry has a translation".to_owned()),
            (line, _) => {
                (line, "no line is a pair; write source, a tab and target, or hunalign's target @ source".to_owned())
            }
        };
        return Err(Error::BadDictionary { path: path.to_owned(), line, reason });
    }
    Ok(read)
}
