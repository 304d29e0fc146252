//! What can be typed after `hexapla batch`. Values only: nothing here touches a file.

use std::path::PathBuf;

use clap::ValueEnum;
use hexapla_core::Language;
use hexapla_formats::write::Format;

use super::shared::{AlignmentArgs, language, share, size};

/// Arguments of `hexapla batch`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct BatchArgs {
    /// A manifest (.tsv with a header, or .jsonl), a folder whose files are paired by name and language, or - for
    /// JSON lines on standard input.
    pub(crate) input: PathBuf,

    /// Folder for the results: aligned/, rejected/, report.html, report.tsv, report.json and journal.jsonl.
    #[arg(short, long = "output", value_name = "FOLDER")]
    pub(crate) output: Option<PathBuf>,

    /// Formats to write for every document: tmx, tsv, jsonl, beads.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format, default_value = "tmx")]
    pub(crate) to: Vec<Format>,

    /// Write one memory for each pair of languages (memories/en-ru.tmx) instead of one for each document.
    #[arg(long)]
    pub(crate) merge: bool,

    /// Go on with a batch that was interrupted: what is done and unchanged is kept, the rest is done.
    #[arg(long)]
    pub(crate) resume: bool,

    /// Print what would be aligned, and what stayed alone and why, and stop.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Stop at the first document that fails or is rejected.
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Folders: the source's language first, then those of the versions that are wanted [default: all; the source is
    /// the one that most documents have]. A manifest names languages itself.
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = language)]
    pub(crate) langs: Option<Vec<Language>>,

    /// Memory that the run may use; K, M and G are understood. Documents wait for each other to keep within it
    /// [default: half of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory: Option<u64>,

    /// Set apart as unrelated what is aligned with a lower quality, 0 to 1.
    #[arg(long, value_name = "Q", value_parser = share)]
    pub(crate) min_quality: Option<f32>,

    /// How progress is shown on standard error.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) progress: Show,

    #[command(flatten)]
    pub(crate) how: AlignmentArgs,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Show {
    /// A bar where standard error is a terminal, else nothing
    #[default]
    Auto,
    /// A JSON object a line
    Json,
    /// Nothing
    None,
}

const HELP: &str = "\
Examples:
  hexapla batch corpus/ -o out --dry-run
  hexapla batch corpus/ -o out --to tmx,tsv
  hexapla batch manifest.tsv -o out --resume
  hexapla batch - --to jsonl < jobs.jsonl > results.jsonl

A manifest is a table with a header: columns source and version (version.2, …), and, if wanted, id, langs (en,ru) and
options (segmentation=line min-confidence=0.5). Or JSON lines: {\"source\":\"a.en.txt\",\"versions\":[\"a.ru.txt\"]}.
Paths are relative to the manifest.

Exit status: 0 all documents are aligned; 1 some failed or were rejected (report.html says which and why); 2 the batch
could not be run; 130 and 143 interrupted (SIGINT, SIGTERM), go on with --resume.";

fn format(name: &str) -> Result<Format, String> {
    let known = Format::ALL.into_iter().find(|f| f.extension() == name.to_ascii_lowercase());
    known.ok_or_else(|| "write tmx, tsv, jsonl or beads".into())
}
