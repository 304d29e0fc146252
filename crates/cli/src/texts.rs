//! Files become documents: decoded, their language found, cut into segments. What was noticed becomes a warning.

use std::path::{Path, PathBuf};

use hexapla_core::language::{Detected, detect};
use hexapla_core::segment::Newlines;
use hexapla_core::{Document, Language};
use hexapla_formats::read::text::{self, EncodingFound, Text};
use serde::Serialize;

use crate::cutting::Cutting;
use crate::error::Error;
use crate::names::{self, Name, Told};
use crate::warning::Warning;

/// How a language was determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LanguageFound {
    /// Given with `--langs`.
    Flag,
    /// Told by the file's name.
    FileName,
    /// Told by the folder's name.
    Folder,
    /// Detected from the text.
    Detected,
    /// Neither told nor detected.
    Unknown,
}

/// A text that is ready to be aligned.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) path: PathBuf,
    pub(crate) name: Name,
    pub(crate) document: Document,
    pub(crate) language_found: LanguageFound,
    /// What the text itself looks like.
    pub(crate) detected: Option<Detected>,
    pub(crate) encoding: &'static str,
    pub(crate) encoding_found: EncodingFound,
    pub(crate) undecodable: usize,
    pub(crate) warnings: Vec<Warning>,
}

/// Reads and cuts the text at `path`.
///
/// # Errors
/// A file that cannot be read or is no plain text; a text without a segment.
pub(crate) fn load(path: &Path, given: Option<&Language>, cutting: &Cutting) -> Result<Version, Error> {
    cut(path, text::read(path)?, given, cutting)
}

/// Cuts a text that is called `path` in messages, and whose name may tell its language.
///
/// # Errors
/// A text without a segment.
pub(crate) fn cut(path: &Path, read: Text, given: Option<&Language>, cutting: &Cutting) -> Result<Version, Error> {
    let name = names::read(path);
    let mut warnings = Vec::new();
    let detected = detect(&read.text);
    let (language, language_found) = language(path, given, &name, detected.clone(), &mut warnings);
    warnings.extend(of_encoding(path, &read));
    let blank = if read.text.is_empty() { "the file is empty" } else { "white space only" };
    let segments = cutting.segments(&read.text, &language, Newlines::default())?;
    if segments.iter().all(|s| s.content.is_empty()) {
        return Err(Error::EmptyText { path: path.to_owned(), what: blank });
    }
    let document =
        Document::new(read.text, language, segments).map_err(|source| Error::Text { path: path.to_owned(), source })?;
    Ok(Version {
        path: path.to_owned(),
        name,
        document,
        language_found,
        detected,
        encoding: read.encoding,
        encoding_found: read.found,
        undecodable: read.undecodable,
        warnings,
    })
}

/// What is doubtful about how a text was decoded.
pub(crate) fn of_encoding(path: &Path, read: &Text) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let shown = path.display();
    if read.undecodable > 0 {
        let what = format!(
            "{shown}: byte sequences that are not {}; each is U+FFFD now. Save the file as UTF-8 to mend them",
            read.encoding
        );
        warnings.push(Warning::new("undecodable", read.undecodable, what));
    }
    if read.found == EncodingFound::Guessed {
        let what =
            format!("{shown}: encoding guessed ({}); save the file as UTF-8 if letters look wrong", read.encoding);
        warnings.push(Warning::new("encoding-guessed", 1, what));
    }
    warnings
}

/// How sure the detector must be before its word is held against a name's.
const SURE: f64 = 0.8;

/// How unsure a detection is told to the person.
const UNSURE: f64 = 0.3;

fn language(
    path: &Path,
    given: Option<&Language>,
    name: &Name,
    detected: Option<Detected>,
    warnings: &mut Vec<Warning>,
) -> (Language, LanguageFound) {
    let told = match (given, &name.language) {
        (Some(language), _) => Some((language.clone(), LanguageFound::Flag)),
        (None, Some((language, Told::FileName))) => Some((language.clone(), LanguageFound::FileName)),
        (None, Some((language, Told::Folder))) => Some((language.clone(), LanguageFound::Folder)),
        (None, None) => None,
    };
    let shown = path.display();
    match (told, detected) {
        (Some((language, found)), detected) => {
            let other = detected.filter(|d| d.confidence >= SURE && d.language.primary() != language.primary());
            if let Some(d) = other {
                let by = match found {
                    LanguageFound::Flag => "--langs says",
                    LanguageFound::FileName => "its name says",
                    _ => "its folder says",
                };
                let what = format!(
                    "{shown}: {by} {language}, but the text looks like {}; {language} is used (--langs decides)",
                    d.language
                );
                warnings.push(Warning::new("language-conflict", 1, what));
            }
            (language, found)
        }
        (None, Some(d)) => {
            if d.confidence < UNSURE {
                let what = format!("{shown}: {} is a weak guess at its language; --langs decides", d.language);
                warnings.push(Warning::new("language-guessed", 1, what));
            }
            (d.language, LanguageFound::Detected)
        }
        (None, None) => (Language::und(), LanguageFound::Unknown),
    }
}
