//! What the person sees at the end: texts, alignments, warnings, files. As lines on standard error, or as JSON on
//! standard output.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use hexapla_core::encode::Encoder;
use hexapla_core::{Alignment, Mark};
use hexapla_formats::write::{Conflict, Format};
use serde::Serialize;

use crate::args::TalkArgs;
use crate::job::Job;
use crate::outputs::Written;
use crate::texts::{LanguageFound, Version};
use crate::warning::Warning;

/// Confidence under which a bead counts as doubtful: about one in three such beads or more is wrong.
pub(crate) const DOUBTFUL: f32 = 0.7;

/// Quality under which two texts hardly are translations of each other.
pub(crate) const LOW_QUALITY: f32 = 0.3;

/// The summary of `align`.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    texts: Vec<TextSummary>,
    /// Name of the sentence encoder, where one was used.
    encoder: Option<String>,
    alignments: Vec<AlignmentSummary>,
    outputs: Vec<OutputSummary>,
    warnings: Vec<Warning>,
}

#[derive(Debug, Serialize)]
struct TextSummary {
    file: String,
    language: String,
    language_found: LanguageFound,
    encoding: &'static str,
    encoding_found: hexapla_formats::read::text::EncodingFound,
    undecodable: usize,
    segments: usize,
}

#[derive(Debug, Serialize)]
struct AlignmentSummary {
    source: String,
    version: String,
    languages: String,
    beads: usize,
    types: BTreeMap<String, usize>,
    moved: usize,
    doubtful: usize,
    quality: f32,
}

#[derive(Debug, Serialize)]
struct OutputSummary {
    paths: Vec<String>,
    format: Format,
    #[serde(flatten)]
    report: hexapla_formats::write::Report,
}

impl Summary {
    /// Gathers what is to be said.
    pub(crate) fn new(
        texts: &[Version],
        alignments: &[Alignment],
        written: &[Written],
        job: &Job,
        encoder: Option<&dyn Encoder>,
    ) -> Self {
        let mut warnings: Vec<Warning> = texts.iter().flat_map(|t| t.warnings.clone()).collect();
        warnings.extend(encoder.and_then(|e| unknown_languages(e, texts)));
        let alignments: Vec<_> = alignments.iter().zip(&texts[1..]).map(|(a, t)| align(&texts[0], t, a)).collect();
        for a in alignments.iter().filter(|a| a.quality < LOW_QUALITY) {
            let what = format!(
                "{} and {} hardly look like translations of each other (quality {:.2}); are they the right files?",
                a.source, a.version, a.quality
            );
            warnings.push(Warning::new("low-quality", 1, what));
        }
        let least = job.min_quality.unwrap_or(0.0);
        for a in alignments.iter().filter(|a| a.quality < least) {
            let what =
                format!("{} and {}: the quality {:.3} is under --min-quality {least}", a.source, a.version, a.quality);
            warnings.push(Warning::new("min-quality", 1, what));
        }
        for output in written {
            warn_of_output(output, &mut warnings);
        }
        Self {
            texts: texts.iter().map(text).collect(),
            encoder: encoder.map(|e| e.id().to_owned()),
            alignments,
            outputs: written
                .iter()
                .map(|w| OutputSummary {
                    paths: w.paths.iter().map(|p| p.display().to_string()).collect(),
                    format: w.format,
                    report: w.report.clone(),
                })
                .collect(),
            warnings,
        }
    }

    /// Adds what else was noticed.
    pub(crate) fn and(mut self, warnings: Vec<Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// Tells it in the way that was asked for.
    ///
    /// # Errors
    /// What standard output reports.
    pub(crate) fn tell(&self, talk: TalkArgs) -> io::Result<()> {
        if talk.json {
            let mut out = io::stdout().lock();
            serde_json::to_writer_pretty(&mut out, self)?;
            out.write_all(b"\n")?;
            return out.flush();
        }
        if !talk.quiet {
            // A closed standard error is nobody to tell.
            let _ = write!(io::stderr(), "{self}");
        }
        Ok(())
    }
}

/// Tells of languages that the encoder was not trained on.
fn unknown_languages(encoder: &dyn Encoder, texts: &[Version]) -> Option<Warning> {
    let mut unknown: Vec<&str> = texts
        .iter()
        .map(|t| t.document.language())
        .filter(|l| encoder.knows(l) == Some(false))
        .map(|l| l.as_str())
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    let what = format!(
        "the encoder {} was not trained on {}; words, lengths and numbers count all the more",
        encoder.id(),
        unknown.join(", ")
    );
    (!unknown.is_empty()).then(|| Warning::new("encoder-language", unknown.len(), what))
}

fn text(v: &Version) -> TextSummary {
    TextSummary {
        file: v.path.display().to_string(),
        language: v.document.language().to_string(),
        language_found: v.language_found,
        encoding: v.encoding,
        encoding_found: v.encoding_found,
        undecodable: v.undecodable,
        segments: v.document.len(),
    }
}

fn align(source: &Version, version: &Version, alignment: &Alignment) -> AlignmentSummary {
    let mut types = BTreeMap::new();
    for bead in &alignment.beads {
        *types.entry(format!("{}-{}", bead.source.len(), bead.target.len())).or_insert(0) += 1;
    }
    AlignmentSummary {
        source: source.path.display().to_string(),
        version: version.path.display().to_string(),
        languages: format!("{}-{}", source.document.language(), version.document.language()),
        beads: alignment.beads.len(),
        types,
        moved: alignment.beads.iter().filter(|b| b.mark == Mark::Moved).count(),
        doubtful: alignment.beads.iter().filter(|b| b.confidence < DOUBTFUL).count(),
        quality: alignment.quality,
    }
}

fn warn_of_output(output: &Written, warnings: &mut Vec<Warning>) {
    let file = output.paths.first().map(|p| p.display().to_string()).unwrap_or_default();
    let r = &output.report;
    let mut warn = |kind, count: usize, text: String| {
        if count > 0 {
            warnings.push(Warning::new(kind, count, text));
        }
    };
    warn(
        "forbidden",
        r.forbidden,
        format!("{file}: control codes and the like, which XML forbids, replaced by spaces"),
    );
    warn("emptied", r.emptied, format!("{file}: units left out, for nothing but forbidden characters was in a side"));
    let example = r.conflict_examples.first().map(|c: &Conflict| format!(", for instance “{}”", short(&c.source)));
    let example = example.unwrap_or_default();
    warn(
        "conflicts",
        r.conflicts,
        format!(
            "{file}: source texts with several translations{example}; the best stands last, where CAT tools take it"
        ),
    );
}

/// The beginning of a text, for a message.
fn short(text: &str) -> String {
    const CHARS: usize = 40;
    let mut out: String = text.chars().take(CHARS).collect();
    if text.chars().nth(CHARS).is_some() {
        out.push('…');
    }
    out
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.texts.iter().map(|t| t.file.chars().count()).max().unwrap_or(0);
        for t in &self.texts {
            let found = match t.language_found {
                LanguageFound::Flag => "given",
                LanguageFound::FileName => "by file name",
                LanguageFound::Folder => "by folder",
                LanguageFound::Detected => "detected",
                LanguageFound::Unknown => "unknown",
            };
            write!(f, "{:width$}  {} ({found}), {} segments", t.file, t.language, t.segments)?;
            if t.encoding != "UTF-8" {
                write!(f, ", {}", t.encoding)?;
            }
            writeln!(f)?;
        }
        for a in &self.alignments {
            let mut types: Vec<_> = a.types.iter().collect();
            types.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
            let types: Vec<_> = types.iter().map(|(name, count)| format!("{count} {name}")).collect();
            if self.alignments.len() > 1 {
                writeln!(f, "{} and {}:", a.source, a.version)?;
            }
            writeln!(f, "{} beads: {}", a.beads, types.join(", "))?;
            if a.moved > 0 {
                writeln!(f, "{} moved", a.moved)?;
            }
            writeln!(f, "{} doubtful (confidence under {DOUBTFUL}); quality {:.2}", a.doubtful, a.quality)?;
        }
        for w in &self.warnings {
            match w.count {
                1 => writeln!(f, "warning: {}", w.text)?,
                n => writeln!(f, "warning: {} ({n} times)", w.text)?,
            }
        }
        for o in &self.outputs {
            write!(f, "wrote {} ({} {}", o.paths.join(", "), o.report.written, unit(o.format))?;
            let left: usize = o.report.below + o.report.unaligned + o.report.unwanted + o.report.repeated;
            if left > 0 {
                let parts = [
                    (o.report.unaligned, "unaligned"),
                    (o.report.below, "under --min-confidence"),
                    (o.report.unwanted, "of other bead types"),
                    (o.report.repeated, "repeated"),
                ];
                let parts: Vec<_> =
                    parts.iter().filter(|p| p.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
                write!(f, "; left out: {}", parts.join(", "))?;
            }
            writeln!(f, ")")?;
        }
        Ok(())
    }
}

fn unit(format: Format) -> &'static str {
    match format {
        Format::Tmx => "units",
        Format::Beads => "beads",
        _ => "rows",
    }
}
