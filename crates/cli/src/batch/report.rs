//! What a batch came to, as figures and as tables.
//!
//! Not here: the page (`html`), and writing the files (`publish`).
//!
//! No row depends on the course of the run: they stand in the order of the manifest.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Serialize;
use serde_json::Value;

use super::journal::Run;
use super::pairing::Alone;
use super::reason::Reason;
use super::record::{Histogram, OutputRecord, Record, Status};

/// All that a batch came to.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    pub(crate) version: &'a str,
    /// Date of the memories: when the batch was begun first.
    pub(crate) created: &'a str,
    pub(crate) options: &'a Value,
    pub(crate) totals: Totals,
    /// How often each reason came up.
    pub(crate) reasons: BTreeMap<Reason, usize>,
    /// All links by confidence, in ten classes.
    pub(crate) confidence: Histogram,
    /// Merged memories.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) memories: &'a [OutputRecord],
    pub(crate) documents: Vec<&'a Record>,
    /// Files that found no partner.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) alone: &'a [Alone],
}

/// Counts over all documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) documents: usize,
    pub(crate) aligned: usize,
    pub(crate) rejected: usize,
    pub(crate) failed: usize,
    /// Not begun, for the run was interrupted.
    pub(crate) waiting: usize,
    pub(crate) segments: usize,
    pub(crate) beads: usize,
    pub(crate) doubtful: usize,
    /// Files that found no partner.
    pub(crate) alone: usize,
}

impl<'a> Report<'a> {
    /// Gathers what became of the documents; `None` for those that were not begun.
    pub(crate) fn new(
        run: &'a Run,
        records: &'a [Option<Record>],
        alone: &'a [Alone],
        memories: &'a [OutputRecord],
    ) -> Self {
        let documents: Vec<&Record> = records.iter().flatten().collect();
        let with = |status| documents.iter().filter(|d| d.status == status).count();
        let alignments = || documents.iter().flat_map(|d| &d.alignments);
        let totals = Totals {
            documents: records.len(),
            aligned: with(Status::Aligned),
            rejected: with(Status::Rejected),
            failed: with(Status::Failed),
            waiting: records.len() - documents.len(),
            segments: documents.iter().map(|d| d.segments()).sum(),
            beads: alignments().map(|a| a.beads).sum(),
            doubtful: alignments().map(|a| a.doubtful).sum(),
            alone: alone.len(),
        };
        let mut reasons = BTreeMap::new();
        for reason in documents.iter().filter_map(|d| d.reason()) {
            *reasons.entry(reason).or_default() += 1;
        }
        let mut confidence = Histogram::default();
        for a in alignments() {
            for (sum, n) in confidence.iter_mut().zip(a.confidence) {
                *sum += n;
            }
        }
        let (version, created, options) = (run.version.as_str(), run.created.as_str(), &run.options);
        Self { version, created, options, totals, reasons, confidence, memories, documents, alone }
    }

    /// A row a document.
    pub(crate) fn table(&self) -> String {
        let mut out = String::from(
            "id\tstatus\treason\tquality\tlanguages\tsegments\tcoverage\tbeads\tdoubtful\tmoved\tlooks_like\ttexts\toutputs\tcause\tmend\n",
        );
        for d in &self.documents {
            let join = |parts: Vec<String>| parts.join(" ");
            let alignments =
                |f: fn(&super::record::AlignmentRecord) -> String| join(d.alignments.iter().map(f).collect());
            let quality = d.quality.map(|q| format!("{q:.4}")).unwrap_or_default();
            let (cause, mend) = d.fault.as_ref().map(|f| (f.cause.as_str(), f.mend.as_str())).unwrap_or_default();
            let cells = [
                d.id.clone(),
                d.status.name().to_owned(),
                d.reason().map(|r| r.to_string()).unwrap_or_default(),
                quality,
                join(d.texts.iter().map(|t| t.language.clone()).filter(|l| !l.is_empty()).collect()),
                join(d.texts.iter().map(|t| t.segments.to_string()).collect()),
                alignments(|a| format!("{:.4}/{:.4}", a.coverage[0], a.coverage[1])),
                alignments(|a| a.beads.to_string()),
                alignments(|a| a.doubtful.to_string()),
                alignments(|a| a.moved.to_string()),
                join(d.texts.iter().map(|t| t.looks_like.clone()).filter(|l| !l.is_empty()).collect()),
                d.texts.iter().map(|t| t.path.clone()).collect::<Vec<_>>().join(" | "),
                d.shown_outputs().map(|o| o.path.clone()).collect::<Vec<_>>().join(" | "),
                cause.to_owned(),
                mend.to_owned(),
            ];
            line(&mut out, &cells);
        }
        out
    }

    /// A row a document that was rejected or failed.
    pub(crate) fn reasons_table(&self) -> String {
        let mut out = String::from("id\tstatus\treason\tcause\tmend\n");
        for d in &self.documents {
            if let Some(f) = &d.fault {
                let cells = [d.id.as_str(), d.status.name(), &f.reason.to_string(), &f.cause, &f.mend];
                line(&mut out, &cells);
            }
        }
        out
    }
}

fn line<S: AsRef<str>>(out: &mut String, cells: &[S]) {
    for (k, cell) in cells.iter().enumerate() {
        if k > 0 {
            out.push('\t');
        }
        for c in cell.as_ref().chars() {
            match c {
                '\t' => out.push_str("\\t"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\\' => out.push_str("\\\\"),
                c => out.push(c),
            }
        }
    }
    out.push('\n');
}

/// How many bad documents the summary names.
const NAMED: usize = 8;

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = &self.totals;
        write!(f, "{} documents: {} aligned, {} rejected, {} failed", t.documents, t.aligned, t.rejected, t.failed)?;
        if t.waiting > 0 {
            write!(f, ", {} not begun", t.waiting)?;
        }
        writeln!(f, "; {} segments, {} beads", t.segments, t.beads)?;
        let mut reasons = String::new();
        for (k, (reason, count)) in self.reasons.iter().enumerate() {
            let comma = if k > 0 { ", " } else { "" };
            write!(reasons, "{comma}{count} {reason}")?;
        }
        if !reasons.is_empty() {
            writeln!(f, "reasons: {reasons}")?;
        }
        let bad: Vec<_> = self.documents.iter().filter(|d| d.fault.is_some()).collect();
        for d in bad.iter().take(NAMED) {
            if let Some(fault) = &d.fault {
                writeln!(f, "  {:?}: {}", d.id, fault.cause)?;
            }
        }
        if bad.len() > NAMED {
            writeln!(f, "  … and {} more in rejected/reasons.tsv", bad.len() - NAMED)?;
        }
        if t.alone > 0 {
            let files = if t.alone == 1 { "file" } else { "files" };
            writeln!(f, "{} {files} found no partner (report.html tells why)", t.alone)?;
        }
        Ok(())
    }
}
