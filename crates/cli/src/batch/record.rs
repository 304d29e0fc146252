//! What became of a document: the line of the journal and the row of the report.
//!
//! Nothing in it depends on when, where or with how many threads it was made, so that an interrupted batch ends with
//! the same report as an uninterrupted one.

use std::collections::BTreeMap;

use hexapla_core::{Alignment, Bead, Mark};
use serde::{Deserialize, Serialize};

use super::reason::{Fault, Reason};
use crate::report::DOUBTFUL;
use crate::texts::Version;

/// Where parts of merged memories lie, below the output folder: outputs of documents, but nothing for people.
pub(crate) const PARTS: &str = ".parts";

/// How a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    /// Aligned; its outputs are in `aligned/`.
    Aligned,
    /// Aligned, but a bad pair; its outputs are in `rejected/`.
    Rejected,
    /// Could not be aligned; there are no outputs.
    Failed,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aligned => "aligned",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

/// A document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) status: Status,
    /// What is wrong; `None` where the document is aligned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault>,
    /// The lowest quality of its alignments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quality: Option<f64>,
    /// The source, then its versions.
    pub(crate) texts: Vec<TextRecord>,
    /// An alignment a version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) alignments: Vec<AlignmentRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) outputs: Vec<OutputRecord>,
    /// What was noticed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
}

/// A text of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TextRecord {
    pub(crate) path: String,
    /// SHA-256 of the file; empty where it could not be read.
    #[serde(default)]
    pub(crate) sha256: String,
    #[serde(default)]
    pub(crate) bytes: u64,
    /// The language it was aligned as.
    #[serde(default)]
    pub(crate) language: String,
    /// The language it looks like; empty where that cannot be told.
    #[serde(default)]
    pub(crate) looks_like: String,
    /// How sure that is, 0 to 1.
    #[serde(default)]
    pub(crate) sure: f64,
    #[serde(default)]
    pub(crate) encoding: String,
    #[serde(default)]
    pub(crate) segments: usize,
}

/// Beads in ten classes of confidence.
pub(crate) type Histogram = [usize; 10];

/// An alignment in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AlignmentRecord {
    /// `en-ru`.
    pub(crate) languages: String,
    /// How far the texts are translations of each other, 0 to 1.
    pub(crate) quality: f64,
    /// Shares of the source's and the version's segments that are linked, 0 to 1.
    pub(crate) coverage: [f64; 2],
    pub(crate) beads: usize,
    /// How many beads of each type there are.
    pub(crate) types: BTreeMap<String, usize>,
    /// Links under [`DOUBTFUL`].
    pub(crate) doubtful: usize,
    /// Links off the monotone path.
    pub(crate) moved: usize,
    /// Links by confidence: class k holds those from k/10.
    pub(crate) confidence: Histogram,
    /// The links with the lowest confidence.
    pub(crate) worst: Vec<Example>,
}

/// A link, shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Example {
    pub(crate) confidence: f64,
    pub(crate) source: String,
    pub(crate) version: String,
}

/// A file that was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutputRecord {
    /// Path below the output folder, with `/`.
    pub(crate) path: String,
    /// Units, rows or beads in it.
    pub(crate) written: usize,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

impl Record {
    /// A document that could not be aligned.
    pub(crate) fn failed(id: String, texts: Vec<TextRecord>, fault: Fault) -> Self {
        let status = Status::Failed;
        Self {
            id,
            status,
            fault: Some(fault),
            quality: None,
            texts,
            alignments: vec![],
            outputs: vec![],
            warnings: vec![],
        }
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.fault.as_ref().map(|f| f.reason)
    }

    /// The outputs that are meant for people: parts of a merged memory are not.
    pub(crate) fn shown_outputs(&self) -> impl Iterator<Item = &OutputRecord> {
        self.outputs.iter().filter(|o| !o.path.starts_with(PARTS))
    }

    /// Segments of all texts.
    pub(crate) fn segments(&self) -> usize {
        self.texts.iter().map(|t| t.segments).sum()
    }
}

/// How many of the least certain links are shown.
const WORST: usize = 3;

/// Characters of a text that is shown.
const SHOWN: usize = 120;

impl AlignmentRecord {
    /// The figures of `alignment` between `source` and `version`.
    pub(crate) fn new(source: &Version, version: &Version, alignment: &Alignment) -> Self {
        let (s, v) = (&source.document, &version.document);
        let linked: Vec<&Bead> = alignment.beads.iter().filter(|b| !b.is_null()).collect();
        let mut types = BTreeMap::new();
        let mut confidence = Histogram::default();
        for bead in &alignment.beads {
            *types.entry(format!("{}-{}", bead.source.len(), bead.target.len())).or_default() += 1;
        }
        for bead in &linked {
            confidence[((bead.confidence * 10.0) as usize).min(9)] += 1;
        }
        let share = |part: usize, of: usize| rounded(if of == 0 { 0.0 } else { part as f64 / of as f64 });
        let mut worst = linked.clone();
        worst.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
        worst.truncate(WORST);
        let example = |b: &&Bead| Example {
            confidence: rounded(b.confidence.into()),
            source: short(&s.joined(&b.source)),
            version: short(&v.joined(&b.target)),
        };
        Self {
            languages: format!("{}-{}", s.language(), v.language()),
            quality: rounded(alignment.quality.into()),
            coverage: [
                share(linked.iter().map(|b| b.source.len()).sum(), s.len()),
                share(linked.iter().map(|b| b.target.len()).sum(), v.len()),
            ],
            beads: alignment.beads.len(),
            types,
            doubtful: linked.iter().filter(|b| b.confidence < DOUBTFUL).count(),
            moved: linked.iter().filter(|b| b.mark == Mark::Moved).count(),
            confidence,
            worst: worst.iter().map(example).collect(),
        }
    }
}

/// Four decimals: what a posterior is good for.
fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

fn short(text: &str) -> String {
    let flat: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out: String = flat.chars().take(SHOWN).collect();
    if flat.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}
