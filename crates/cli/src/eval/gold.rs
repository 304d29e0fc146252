//! Finding and reading gold documents.
//!
//! A document is a folder with `src.txt` and `tgt.txt` (a segment a line) and `gold.txt` (beads); with `src.keys` and
//! `tgt.keys` it is keyed. The folder above it is its set; languages come from `--langs` or from the end of the set's
//! name: `textberg-dev.de-fr`, or `mark.en_KJV-Twenty` for two versions in one language.

use std::fs;
use std::path::{Path, PathBuf};

use hexapla_core::evaluate::Links;
use hexapla_core::language::detect;
use hexapla_core::segment;
use hexapla_core::{Document, Language};
use hexapla_formats::read::{beads, text};

use crate::error::Error;

/// Deepest folder under a GOLD argument that is looked at.
const DEPTH: usize = 8;

/// Where a gold document lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Name of its set, relative to the argument: `hand/parice.en-is`.
    pub(crate) set: String,
    /// The document's path relative to the argument, for predictions.
    pub(crate) relative: PathBuf,
    /// The folder.
    pub(crate) folder: PathBuf,
}

/// A gold document, read.
pub(crate) struct Gold {
    pub(crate) source: Document,
    pub(crate) target: Document,
    pub(crate) beads: Vec<Links>,
    pub(crate) keys: Option<(Vec<String>, Vec<String>)>,
}

/// All gold documents under `root`, sorted by path.
///
/// # Errors
/// A folder that cannot be read, or that holds no document.
pub(crate) fn find(root: &Path) -> Result<Vec<Place>, Error> {
    let mut folders = Vec::new();
    walk(root, DEPTH, &mut folders)?;
    folders.sort();
    if folders.is_empty() {
        return Err(Error::NoGold { path: root.to_owned() });
    }
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let root_name = fs::canonicalize(root).map(|p| name(&p)).unwrap_or_default();
    let places = folders.into_iter().map(|folder| {
        let relative = folder.strip_prefix(root).unwrap_or(&folder).to_owned();
        let set = match relative.parent() {
            None => fs::canonicalize(&folder).ok().and_then(|f| f.parent().map(name)).unwrap_or_default(),
            Some(p) if p.as_os_str().is_empty() => root_name.clone(),
            Some(p) => p.to_string_lossy().replace('\\', "/"),
        };
        Place { set, relative, folder }
    });
    Ok(places.collect())
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::File(hexapla_formats::Error::Read { path: folder.to_owned(), source });
    if folder.join("gold.txt").is_file() {
        found.push(folder.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if depth > 0 && path.is_dir() {
            walk(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

impl Place {
    /// Reads the document.
    ///
    /// # Errors
    /// A file that is missing, is no text, or holds a bad bead.
    pub(crate) fn read(&self, langs: Option<&[Language]>) -> Result<Gold, Error> {
        let load = |file: &str| text::read(&self.folder.join(file)).map(|t| t.text);
        let (source, target) = (load("src.txt")?, load("tgt.txt")?);
        let beads = beads::read(&self.folder.join("gold.txt"))?;
        let keys = match self.folder.join("src.keys").is_file() {
            true => Some((lines(&load("src.keys")?), lines(&load("tgt.keys")?))),
            false => None,
        };
        let named = match langs {
            Some([s, t]) => Some((s.clone(), t.clone())),
            _ => languages(&self.set),
        };
        let (s, t) = named.unwrap_or_else(|| (detected(&source), detected(&target)));
        let document = |file: &str, text: String, language| {
            let segments = segment::lines(&text);
            Document::new(text, language, segments)
                .map_err(|source| Error::Text { path: self.folder.join(file), source })
        };
        Ok(Gold { source: document("src.txt", source, s)?, target: document("tgt.txt", target, t)?, beads, keys })
    }
}

fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(str::to_owned).collect()
}

fn detected(text: &str) -> Language {
    detect(text).map_or_else(Language::und, |d| d.language)
}

/// The languages that a set's name ends in.
fn languages(set: &str) -> Option<(Language, Language)> {
    let end = set.rsplit(['.', '/']).next()?;
    if let Some((one, _)) = end.split_once('_') {
        let language = Language::parse(one).ok()?;
        return Some((language.clone(), language));
    }
    let (s, t) = end.split_once('-')?;
    // `zhs` is a common name for simplified Chinese in corpora.
    let parse = |tag: &str| Language::parse(if tag == "zhs" { "zh-Hans" } else { tag }).ok();
    Some((parse(s)?, parse(t)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_from_set_names() {
        let tags = |set: &str| languages(set).map(|(s, t)| format!("{s} {t}"));
        assert_eq!(tags("hand/parice.en-is").as_deref(), Some("en is"));
        assert_eq!(tags("keyed/mark.zhs-en").as_deref(), Some("zh-Hans en"));
        assert_eq!(tags("mark.en_KJV-Twenty").as_deref(), Some("en en"));
        assert_eq!(tags("stories"), None);
    }
}
