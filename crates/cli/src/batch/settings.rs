//! What holds for a whole batch, resolved from the arguments and checked before the work.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hexapla_core::Dictionary;
use hexapla_encoder::Loaded;
use hexapla_encoder::precomputed::Precomputed;
use hexapla_formats::write::Format;
use hexapla_formats::write::tmx::TmxOptions;
use serde_json::{Value, json};

use super::entry::Entry;
use super::hash;
use super::record::{PARTS, Status};
use crate::args::{BatchArgs, EncoderArgs, Moved, TalkArgs};
use crate::cutting::Cutting;
use crate::error::Error;
use crate::job;
use crate::known;

/// What every document of a batch shares.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The output folder; `None` for streams.
    pub(crate) output: Option<PathBuf>,
    formats: Vec<Format>,
    /// One memory a pair of languages.
    pub(crate) merge: bool,
    pub(crate) multi: bool,
    pub(crate) moved: Moved,
    pub(crate) cutting: Cutting,
    pub(crate) encoder: EncoderArgs,
    pub(crate) min_quality: Option<f32>,
    /// All dictionaries together, and what tells them from others.
    pub(crate) dictionary: Arc<Dictionary>,
    dictionary_hashes: Vec<String>,
    /// How rows are written, and TMX in particular.
    pub(crate) tmx: TmxOptions,
    pub(crate) talk: TalkArgs,
}

impl Settings {
    /// Resolves what `args` say of documents.
    ///
    /// # Errors
    /// Options that exclude each other.
    pub(crate) fn resolve(args: &BatchArgs) -> Result<Self, Error> {
        if args.merge && args.to != [Format::Tmx] {
            return Err(Error::MergeFormat);
        }
        let how = &args.how;
        if args.merge && how.multi {
            return Err(Error::MergeMulti);
        }
        let (dictionary, warnings) = known::read_dictionaries(&how.dictionary)?;
        for warning in warnings.iter().filter(|_| !how.talk.quiet) {
            // Where even standard error is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "warning: {} ({} times)", warning.text, warning.count);
        }
        let mut formats = args.to.clone();
        formats.dedup();
        Ok(Self {
            output: args.output.clone(),
            formats,
            merge: args.merge,
            multi: how.multi,
            moved: how.moved,
            cutting: Cutting::resolve(how.text.cutting.clone())?,
            encoder: how.text.encoder.clone(),
            min_quality: args.min_quality,
            dictionary: Arc::new(dictionary),
            dictionary_hashes: how.dictionary.iter().map(|p| content(p)).collect(),
            tmx: job::memory_options(how)?,
            talk: how.talk,
        })
    }

    /// The folder for outputs of documents that ended so, below the output folder.
    pub(crate) fn folder(&self, status: Status) -> &'static Path {
        Path::new(match status {
            Status::Aligned if self.merge => PARTS,
            Status::Aligned => "aligned",
            _ => "rejected",
        })
    }

    /// The formats of documents that ended so.
    pub(crate) fn formats(&self, status: Status) -> &[Format] {
        // A merged memory is made of rows as data.
        if self.merge && status == Status::Aligned { &[Format::Jsonl] } else { &self.formats }
    }

    /// Whether a text whose language nobody knows is of no use.
    pub(crate) fn needs_language(&self) -> bool {
        self.formats.contains(&Format::Tmx)
    }

    /// All options that shape the outputs, as the journal's header tells them.
    pub(crate) fn options(&self, encoder: Option<&str>) -> Value {
        let t = &self.tmx;
        json!({
            "to": self.formats.iter().map(|f| f.extension()).collect::<Vec<_>>(),
            "merge": self.merge,
            "multi": self.multi,
            "moved": if self.moved == Moved::Keep { "keep" } else { "drop" },
            "segmentation": self.cutting.to_string(),
            "encoder": encoder.unwrap_or("none"),
            "dictionary": self.dictionary_hashes,
            "min-quality": self.min_quality,
            "min-confidence": t.rows.min_confidence,
            "keep-unaligned": t.rows.keep_unaligned,
            "tmx-segtype": t.segtype,
            "tmx-beads": t.beads,
            "tmx-duplicates": t.duplicates,
            "tmx-split": t.split,
        })
    }

    /// A hash of all that shapes the outputs of `entry`, besides its texts.
    pub(crate) fn key(options: &Value, entry: &Entry, encoder: Option<&Loaded>) -> String {
        let languages: Vec<_> = entry.sides.iter().map(|s| s.language.as_ref().map(|l| l.as_str())).collect();
        let own = format!("{:?}", entry.own);
        let anchors: Vec<_> = entry.own.anchors.iter().map(|p| content(p)).collect();
        let vectors: Vec<_> = match encoder {
            Some(Loaded::Vectors(made)) => entry.sides.iter().map(|s| stamp(made, s.input.path())).collect(),
            _ => Vec::new(),
        };
        let all = json!([env!("CARGO_PKG_VERSION"), options, languages, own, anchors, vectors]);
        hash::of_bytes(all.to_string().as_bytes())
    }
}

/// What tells vectors of a text from others: they are too large to be read twice.
fn stamp(made: &Precomputed, text: &Path) -> String {
    let meta = made.find(text).ok().and_then(|path| fs::metadata(path).ok());
    meta.map(|m| format!("{} {:?}", m.len(), m.modified().ok())).unwrap_or_default()
}

/// A hash of a file's content; empty where it cannot be read, which the work will tell.
fn content(path: &Path) -> String {
    hash::of_file(path).map(|(sha256, _)| sha256).unwrap_or_default()
}
