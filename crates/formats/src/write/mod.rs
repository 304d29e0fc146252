//! Writing: rows of aligned segments become files, one module a format.
//!
//! Every writer takes a [`Table`] (the rows and what its columns are called) and [`Options`], writes to anything that
//! is `io::Write`, and returns a [`Report`] of what was written, left out and changed.
//!
//! Not here: names of files, and when a file appears (`output`).

pub mod beads;
mod cell;
mod duplicates;
pub mod jsonl;
pub mod tmx;
pub mod tsv;
mod xml;

use std::path::Path;

use hexapla_core::{Multitext, Row};
use serde::Serialize;

pub use duplicates::Conflict;

use crate::Error;

/// A format of aligned text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Translation Memory eXchange 1.4: what CAT tools load.
    Tmx,
    /// Tab-separated values with a header.
    Tsv,
    /// A JSON object a row, a row a line.
    Jsonl,
    /// Segment numbers only: `[0]:[1, 2]:0.97`.
    Beads,
}

impl Format {
    /// All formats, in the order in which messages name them.
    pub const ALL: [Self; 4] = [Self::Tmx, Self::Tsv, Self::Jsonl, Self::Beads];

    /// The extension of the format's files, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Tmx => "tmx",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Beads => "beads",
        }
    }

    /// The format that the extension of `path` tells, in any case.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`].
    pub fn of(path: &Path) -> Result<Self, Error> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        let known = Self::ALL.into_iter().find(|f| f.extension() == extension);
        known.ok_or_else(|| Error::UnknownFormat { path: path.to_owned(), extension })
    }

    pub(crate) fn list() -> String {
        let [first @ .., last] = Self::ALL.map(|f| format!(".{}", f.extension()));
        format!("{} or {last}", first.join(", "))
    }
}

/// What one version is called in the outputs.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Heads the column in TSV and JSON Lines; distinct among the columns: `en`, `ru`, `en:retranslated`.
    pub label: String,
    /// The language code in TMX (`xml:lang`); distinct among the columns of one memory.
    pub code: String,
    /// File name of the text, without its folder, told in a TMX's header; empty if it has none.
    pub file: String,
}

/// Rows to be written, and what their columns are called.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The rows; column 0 is the source.
    pub multitext: &'a Multitext<'a>,
    /// A column a document of `multitext`, in the same order.
    pub columns: &'a [Column],
}

/// Which rows are written; the same for every format.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Links whose confidence is lower are left out; 0 keeps all.
    pub min_confidence: f32,
    /// Whether rows where a version has nothing are written (TSV and JSON Lines; `.beads` has them always, TMX never).
    pub keep_unaligned: bool,
}

/// What was written, what was left out, what was changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Rows, units or beads written.
    pub written: usize,
    /// Left out, because a side has no text.
    pub unaligned: usize,
    /// Left out, because the confidence is under the wanted one.
    pub below: usize,
    /// Left out, because of the kind of bead that was asked for.
    pub unwanted: usize,
    /// Left out, because an equal unit is written.
    pub repeated: usize,
    /// Left out, because nothing remained of one side but characters that XML forbids.
    pub emptied: usize,
    /// Characters replaced by a space, because XML forbids them.
    pub forbidden: usize,
    /// Source texts with several translations.
    pub conflicts: usize,
    /// The first of them.
    pub conflict_examples: Vec<Conflict>,
    /// Files written.
    pub files: usize,
}

impl Table<'_> {
    /// Text of one cell as it is written: on one line, without white space around it.
    fn cell(&self, row: &Row, column: usize) -> std::borrow::Cow<'_, str> {
        cell::text(self.multitext.documents[column], &row.cells[column])
    }

    /// Whether any two versions have text in the row.
    fn is_linked(row: &Row) -> bool {
        row.cells.iter().filter(|c| !c.is_empty()).count() > 1
    }

    /// Rows as TSV, JSON Lines and beads have them, with the report of what is left out.
    fn rows(&self, options: &Options, report: &mut Report) -> Vec<&Row> {
        let mut kept = Vec::with_capacity(self.multitext.rows.len());
        for row in &self.multitext.rows {
            if !Self::is_linked(row) && !options.keep_unaligned {
                report.unaligned += 1;
            } else if confidence(row) < options.min_confidence {
                report.below += 1;
            } else {
                kept.push(row);
            }
        }
        report.written = kept.len();
        kept
    }
}

/// A row's confidence: the lowest of its links; of a row without links, the lowest of its nulls.
fn confidence(row: &Row) -> f32 {
    let linked = row.cells.iter().skip(1).any(|c| !c.is_empty());
    if linked { row.lowest_confidence() } else { row.confidence.iter().skip(1).copied().fold(1.0, f32::min) }
}

/// A confidence as text: two or three decimals, never rounded up to certainty.
fn shown(confidence: f32) -> String {
    let thousandths = (f64::from(confidence.clamp(0.0, 1.0)) * 1000.0).round() as u32;
    let thousandths = if confidence < 1.0 { thousandths.min(999) } else { 1000 };
    if thousandths.is_multiple_of(10) {
        format!("{}.{:02}", thousandths / 1000, thousandths % 1000 / 10)
    } else {
        format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
    }
}

/// How a row came about, in one word.
fn mark(row: &Row) -> &'static str {
    match row.mark {
        hexapla_core::Mark::Path => "path",
        hexapla_core::Mark::Moved => "moved",
        hexapla_core::Mark::Fixed => "fixed",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use hexapla_core::{Alignment, Bead, Document, Language, Mark};

    use super::*;

    /// A document of pre-cut lines.
    pub(crate) fn document(language: &str, lines: &[&str]) -> Document {
        Document::from_lines(lines, Language::parse(language).unwrap()).unwrap()
    }

    /// Beads with their confidences.
    pub(crate) fn alignment(beads: &[(&[u32], &[u32], f32)]) -> Alignment {
        let bead = |b: &(&[u32], &[u32], f32)| Bead {
            source: b.0.to_vec(),
            target: b.1.to_vec(),
            confidence: b.2,
            mark: Mark::Path,
        };
        Alignment { beads: beads.iter().map(bead).collect(), quality: 1.0 }
    }

    pub(crate) fn columns(labels: &[&str]) -> Vec<Column> {
        labels.iter().map(|l| Column { label: (*l).into(), code: (*l).into(), file: format!("{l}.txt") }).collect()
    }

    #[test]
    fn formats_are_told_by_extension() {
        assert_eq!(Format::of(Path::new("a.b/OUT.TMX")).unwrap(), Format::Tmx);
        let wrong = Format::of(Path::new("out.docx")).unwrap_err().to_string();
        assert_eq!(
            wrong,
            "-o out.docx: '.docx' is no format that can be written; end the name in .tmx, .tsv, .jsonl or .beads"
        );
        assert!(Format::of(Path::new("out")).unwrap_err().to_string().contains("no extension"));
    }

    #[test]
    fn a_confidence_is_never_rounded_up_to_certainty() {
        for (value, text) in [(0.97, "0.97"), (0.9999, "0.999"), (1.0, "1.00"), (0.0, "0.00"), (0.125, "0.125")] {
            assert_eq!(shown(value), text);
        }
    }
}
