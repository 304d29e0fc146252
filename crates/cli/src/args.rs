//! What can be typed. Values and their validation only: nothing here touches a file or starts work.
//!
//! Options that several commands have are in `shared`; those of `batch` alone in `batch`.

// Doc comments here are help texts for a terminal; they are no Markdown.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]

mod batch;
mod shared;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use hexapla_core::{Kind, Language};

pub(crate) use self::batch::{BatchArgs, Show};
use self::shared::KNOWN;
pub(crate) use self::shared::*;

/// Aligns a text with its translations and retranslations, sentence by sentence.
#[derive(Debug, Parser)]
#[command(name = "hexapla", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done; 1 done, but a gate that was asked for failed; 2 usage or input.")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A command a variant.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Align a text with one or more of its versions and write a translation memory or data.
    Align(Box<AlignArgs>),
    /// Align many documents unattended: resumable, one failure never stops the rest, bad pairs set apart.
    Batch(Box<BatchArgs>),
    /// Align gold sets and score the result: strict, lax and keyed precision, recall and F1.
    Eval(EvalArgs),
    /// Cut texts into sentences, one a line; or write our rules for CAT tools.
    Segment(SegmentArgs),
}

/// Arguments of `hexapla segment`.
#[derive(Debug, clap::Args)]
#[command(after_help = SEGMENT_HELP)]
pub(crate) struct SegmentArgs {
    /// Texts; none, or -, means standard input.
    pub(crate) files: Vec<PathBuf>,

    /// File to write [default: standard output]
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,

    /// Languages of the files, in order, or one for all: en,ru [default: from file or folder name, else detected]
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = language)]
    pub(crate) langs: Option<Vec<Language>>,

    /// Read JSON Lines, {"text": …, "lang": …} each, and add "starts": where every sentence begins, in characters.
    #[arg(long, conflicts_with = "offsets")]
    pub(crate) jsonl: bool,

    /// Write a line a sentence with its place instead: start and end in characters, number of the paragraph (from 0),
    /// kind, sentence; separated by tabs, with the file first where there are several.
    #[arg(long)]
    pub(crate) offsets: bool,

    /// What a single line break means.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) newlines: Newlines,

    #[command(flatten)]
    pub(crate) cutting: CuttingArgs,

    /// Write our own rules for these languages as SRX 2.0 instead of cutting anything; into a file .conf, as OmegaT's
    /// segmentation.conf.
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = language,
        conflicts_with_all = ["files", "langs", "jsonl", "offsets", "segmentation", "srx_profile"])]
    pub(crate) export_srx: Option<Vec<Language>>,
}

/// [`hexapla_core::segment::Newlines`] for the command line.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Newlines {
    /// Told from the text
    #[default]
    Auto,
    /// It ends a paragraph
    Paragraph,
    /// None: the text is wrapped, a blank line ends a paragraph
    Wrapped,
}

impl From<Newlines> for hexapla_core::segment::Newlines {
    fn from(n: Newlines) -> Self {
        match n {
            Newlines::Auto => Self::Auto,
            Newlines::Paragraph => Self::Paragraph,
            Newlines::Wrapped => Self::Wrapped,
        }
    }
}

/// What else can be scored.
#[derive(Debug, Subcommand)]
pub(crate) enum EvalCommand {
    /// Score segmentation: boundaries inside paragraphs.
    Segmentation(EvalSegmentationArgs),
}

/// Arguments of `hexapla eval segmentation`.
#[derive(Debug, clap::Args)]
pub(crate) struct EvalSegmentationArgs {
    /// Gold sets, JSON Lines: {"text": …, "lang": …, "starts": […]} a paragraph, starts in characters.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,

    /// Score these paragraphs ({"starts": […]}, in the same order) instead of cutting; a file for every gold set.
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    pub(crate) predictions: Option<Vec<PathBuf>>,

    /// Exit with 1 if the F1 of any file is lower, 0 to 1.
    #[arg(long, value_name = "F", value_parser = share)]
    pub(crate) min_f1: Option<f32>,

    #[command(flatten)]
    pub(crate) cutting: CuttingArgs,

    /// Print the scores as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `hexapla eval`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct EvalArgs {
    #[command(subcommand)]
    pub(crate) other: Option<EvalCommand>,

    /// Gold sets: folders of documents, each a folder with src.txt, tgt.txt (a segment a line) and gold.txt (beads),
    /// and src.keys and tgt.keys for keyed sets.
    #[arg(required = true)]
    pub(crate) gold: Vec<PathBuf>,

    /// Score these beads instead of aligning: FOLDER/<path of the document>.beads, or one file for one document.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) predictions: Option<PathBuf>,

    /// Also write the beads that were scored, with their confidences, to FOLDER/<path of the document>.beads.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) write_predictions: Option<PathBuf>,

    /// Exit with 1 if the F1 of any set (keyed where it has keys, else strict) is lower, 0 to 1.
    #[arg(long, value_name = "F", value_parser = share)]
    pub(crate) min_f1: Option<f32>,

    /// Languages of source and target [default: from the end of the set's name (NAME.de-fr), else detected]
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = language)]
    pub(crate) langs: Option<Vec<Language>>,

    #[command(flatten)]
    pub(crate) encoder: EncoderArgs,

    /// Passages out of the order of the text, as for align.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) moved: Moved,

    /// A dictionary, as for align; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) dictionary: Vec<PathBuf>,

    /// Soften scores by this before beads are chosen [default: the one that was measured]
    #[arg(long, value_name = "T", value_parser = factor)]
    pub(crate) temperature: Option<f32>,

    /// Multiply log-odds by this before they are called confidences [default: the one that was measured]
    #[arg(long, value_name = "SLOPE", value_parser = factor)]
    pub(crate) slope: Option<f32>,

    /// Lower confidences by this share, which no evidence explains [default: the one that was measured]
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) unexplained: Option<f32>,

    /// Leave out kinds of evidence or of search, to see what they are worth: length, lexicon, anchors, synonyms, meaning,
    /// gain, structure, overrun, utility.
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    pub(crate) without: Vec<Kind>,

    /// Threads to use; 0 means one for every core. The result does not depend on it.
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub(crate) jobs: usize,

    /// Also show how often beads are right, by tenths of their confidence.
    #[arg(long, conflicts_with = "predictions")]
    pub(crate) calibration: bool,

    /// Print the scores as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `hexapla align`.
#[derive(Debug, clap::Args)]
#[command(after_help = ALIGN_HELP)]
pub(crate) struct AlignArgs {
    /// The text that was translated.
    pub(crate) source: PathBuf,

    /// Its translations or retranslations.
    #[arg(required = true)]
    pub(crate) versions: Vec<PathBuf>,

    /// File to write; its extension tells the format: .tmx, .tsv, .jsonl or .beads. May be given several times.
    ///
    /// With several versions, a file is written for each: OUT.en-ru.tmx, OUT.en-zh.tmx, …
    #[arg(short, long = "output", value_name = "OUT", required = true)]
    pub(crate) output: Vec<PathBuf>,

    /// Languages of the source and of every version, in order: en,ru,zh [default: from file or folder name, else
    /// detected]
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = language)]
    pub(crate) langs: Option<Vec<Language>>,

    /// Beads that stand, a line each: [3, 4]:[5], segments counted from 0 (as in a .beads output). The rest is
    /// aligned around them.
    ///
    /// With several versions, give the option once for each, in order; a dash stands for none.
    #[arg(long, value_name = "FILE", help_heading = KNOWN)]
    pub(crate) anchors: Vec<PathBuf>,

    /// Exit with 1 if the quality of any alignment is lower than Q, 0 to 1; the files are written all the same.
    #[arg(long, value_name = "Q", value_parser = share)]
    pub(crate) min_quality: Option<f32>,

    #[command(flatten)]
    pub(crate) how: AlignmentArgs,
}

const ALIGN_HELP: &str = "\
Examples:
  hexapla align talks.en.txt talks.ru.txt -o talks.tmx
  hexapla align talks.en.txt talks.ru.txt talks.zh.txt -o out.tmx -o out.tsv
  hexapla align --langs de,fr --segmentation line src.txt tgt.txt -o out.beads";

const SEGMENT_HELP: &str = "\
Examples:
  hexapla segment talks.ru.txt
  cat talks.txt | hexapla segment --langs en --offsets
  hexapla segment --jsonl paragraphs.jsonl -o cut.jsonl
  hexapla segment --segmentation memoq.srx talks.de.txt
  hexapla segment --export-srx en,ru,zh -o hexapla.srx
  hexapla segment --export-srx en,ru -o project/omegat/segmentation.conf";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }
}
