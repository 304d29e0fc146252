//! One document of a batch as it was asked for: where its texts are, which options are its own, or why it cannot be
//! aligned at all.
//!
//! Not here: where entries come from (`manifest`, `pairing`, `stream`), and what becomes of them (`work`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use hexapla_core::Language;
use serde_json::Value;

use super::reason::Fault;
use crate::args::{Beads, Duplicates, Moved, Segmentation, Segtype};

/// A document: a source and its versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// Its name in outputs and reports; unique in the batch.
    pub(crate) id: String,
    /// The source, then its versions.
    pub(crate) sides: Vec<Side>,
    /// Options that differ from the batch's.
    pub(crate) own: Own,
    /// Why it cannot be aligned, where that is known already.
    pub(crate) fault: Option<Fault>,
}

/// A text of a document.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub(crate) input: Input,
    /// Its language, where it was given.
    pub(crate) language: Option<Language>,
}

/// Where a text is.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// In a file.
    Path(PathBuf),
    /// Here; the name stands in messages and may tell the version.
    Text { name: String, text: String },
}

impl Input {
    /// The path, or the name that stands for it.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Path(path) => path,
            Self::Text { name, .. } => Path::new(name),
        }
    }

    /// Size in bytes; 0 where the file cannot be looked at.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Path(path) => std::fs::metadata(path).map_or(0, |m| if m.is_file() { m.len() } else { 0 }),
            Self::Text { text, .. } => text.len() as u64,
        }
    }
}

/// Options of a single document; `None` where the batch's apply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Own {
    pub(crate) segmentation: Option<Segmentation>,
    pub(crate) min_confidence: Option<f32>,
    pub(crate) min_quality: Option<f32>,
    pub(crate) keep_unaligned: Option<bool>,
    pub(crate) multi: Option<bool>,
    pub(crate) moved: Option<Moved>,
    /// A file of fixed beads for each version, in order; those that are left out at the end have none.
    pub(crate) anchors: Vec<PathBuf>,
    pub(crate) tmx_segtype: Option<Segtype>,
    pub(crate) tmx_beads: Option<Beads>,
    pub(crate) tmx_duplicates: Option<Duplicates>,
    pub(crate) tmx_split: Option<u64>,
}

/// Names of the options that a document may have for itself, as messages list them.
const NAMES: &str = "anchors, segmentation, moved, min-confidence, min-quality, keep-unaligned, multi, tmx-segtype, tmx-beads, \
     tmx-duplicates, tmx-split";

impl Own {
    /// Reads `min-confidence=0.5 keep-unaligned=true …`.
    ///
    /// # Errors
    /// The first option that is unknown or has a wrong value, in words.
    pub(crate) fn of_text(text: &str) -> Result<Self, String> {
        let mut own = Self::default();
        for part in text.split_whitespace() {
            let (name, value) = part.split_once('=').unwrap_or((part, "true"));
            own.set(name, value)?;
        }
        Ok(own)
    }

    /// Reads `{"min-confidence": 0.5, …}`.
    ///
    /// # Errors
    /// The first option that is unknown or has a wrong value, in words.
    pub(crate) fn of_json(options: &serde_json::Map<String, Value>) -> Result<Self, String> {
        let mut own = Self::default();
        for (name, value) in options {
            match value {
                Value::String(text) => own.set(name, text)?,
                other => own.set(name, &other.to_string())?,
            }
        }
        Ok(own)
    }

    /// Takes relative paths as relative to `folder`.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        for path in &mut self.anchors {
            *path = folder.join(&path);
        }
        self
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name.replace('_', "-").as_str() {
            "segmentation" => self.segmentation = Some(named(name, crate::args::segmentation(value))?),
            "min-confidence" => self.min_confidence = Some(named(name, crate::args::share(value))?),
            "min-quality" => self.min_quality = Some(named(name, crate::args::share(value))?),
            "keep-unaligned" => self.keep_unaligned = Some(truth(name, value)?),
            "anchors" => self.anchors = value.split(',').map(PathBuf::from).collect(),
            "multi" => self.multi = Some(truth(name, value)?),
            "moved" => self.moved = Some(choice(name, value)?),
            "tmx-split" => self.tmx_split = Some(named(name, crate::args::size(value))?),
            "tmx-segtype" => self.tmx_segtype = Some(choice(name, value)?),
            "tmx-beads" => self.tmx_beads = Some(choice(name, value)?),
            "tmx-duplicates" => self.tmx_duplicates = Some(choice(name, value)?),
            other => return Err(format!("'{other}' is no option of a document; there are {NAMES}")),
        }
        Ok(())
    }
}

fn named<T>(name: &str, value: Result<T, String>) -> Result<T, String> {
    value.map_err(|what| format!("option {name}: {what}"))
}

fn truth(name: &str, value: &str) -> Result<bool, String> {
    value.parse().map_err(|_| format!("option {name}: write true or false, not '{value}'"))
}

fn choice<T: ValueEnum>(name: &str, value: &str) -> Result<T, String> {
    T::from_str(value, true).map_err(|_| {
        let called = |v: &T| Some(v.to_possible_value()?.get_name().to_owned());
        let all: Vec<String> = T::value_variants().iter().filter_map(called).collect();
        format!("option {name}: write {}, not '{value}'", all.join(" or "))
    })
}

/// Longest part of a path that is made of an id, in bytes: file systems take 255, and endings are added.
const LONGEST: usize = 180;

/// The path, below a folder and without an extension, that stands for an id: the id itself as far as that is safe.
///
/// `/` divides folders. Characters that a file system, a shell script or another operating system would stumble over,
/// a leading or trailing dot or space, and `%` itself are written `%XX`, so that different ids have different paths and
/// none leads out of the folder.
pub(crate) fn path_of(id: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for part in id.split(['/', '\\']) {
        let mut safe = String::new();
        let last = part.chars().count().saturating_sub(1);
        for (k, c) in part.chars().enumerate() {
            let edge = (k == 0 && matches!(c, '.' | ' ' | '-')) || (k == last && matches!(c, '.' | ' '));
            if edge || c.is_control() || matches!(c, '%' | '<' | '>' | ':' | '"' | '|' | '?' | '*') {
                for byte in c.to_string().bytes() {
                    let _ = write!(safe, "%{byte:02X}");
                }
            } else {
                safe.push(c);
            }
        }
        if safe.is_empty() {
            safe.push('%');
        }
        if safe.len() > LONGEST {
            let cut = (0..=LONGEST - 18).rev().find(|&k| safe.is_char_boundary(k)).unwrap_or(0);
            safe = format!("{}%~{}", &safe[..cut], &super::hash::of_bytes(part.as_bytes())[..16]);
        }
        out.push(safe);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_lead_out_of_the_folder() {
        for (id, path) in [
            ("book/1", "book/1"),
            ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd"),
            ("/etc/passwd", "%/etc/passwd"),
            ("a\\b", "a/b"),
            ("a\nb", "a%0Ab"),
            (".hidden ", "%2Ehidden%20"),
            ("-rf", "%2Drf"),
            ("50%", "50%25"),
            ("書", "書"),
            ("", "%"),
        ] {
            assert_eq!(path_of(id), Path::new(path), "{id:?}");
        }
        let (a, b) = (path_of(&"長".repeat(200)), path_of(&"長".repeat(201)));
        assert!(a != b && a.as_os_str().len() <= LONGEST + 2, "{a:?}");
    }

    #[test]
    fn own_options_are_checked() {
        let own = Own::of_text("segmentation=line min_confidence=0.5 keep-unaligned").unwrap();
        assert_eq!(
            (own.segmentation, own.min_confidence, own.keep_unaligned),
            (Some(Segmentation::Line), Some(0.5), Some(true))
        );
        assert!(Own::of_text("min-confidence=7").unwrap_err().contains("from 0 to 1"));
        assert!(Own::of_text("speed=9").unwrap_err().contains("'speed' is no option"));
        assert_eq!(
            Own::of_text("tmx-beads=some").unwrap_err(),
            "option tmx-beads: write all or one-source or one-to-one, not 'some'"
        );
    }
}
