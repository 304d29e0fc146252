//! What can be typed. Values and their validation only: nothing here touches a file or starts work.

// Doc comments here are help texts for a terminal; they are no Markdown.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, value_parser};
use hexapla_core::Language;
use hexapla_formats::write::tmx;

use crate::batch::args::BatchArgs;

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

    /// Write our own rules for these languages as SRX 2.0 instead of cutting anything.
    #[arg(long, value_name = "TAGS", value_delimiter = ',', value_parser = language,
        conflicts_with_all = ["files", "langs", "jsonl", "offsets", "segmentation"])]
    pub(crate) export_srx: Option<Vec<Language>>,
}

/// How texts are cut.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct CuttingArgs {
    /// How texts are cut: by our own rules, not at all (a line is a segment), or by the rules of a CAT tool.
    #[arg(long, value_name = "default|line|FILE.srx", default_value = "default", value_parser = segmentation)]
    pub(crate) segmentation: Segmentation,

    /// Whose understanding of SRX is followed [default: guessed from the file]
    #[arg(long, value_enum)]
    pub(crate) srx_profile: Option<Profile>,
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

/// [`hexapla_core::segment::srx::Profile`] for the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Profile {
    /// LanguageTool and the loomchild library
    Languagetool,
    /// Okapi and the tools built on it
    Okapi,
    /// OmegaT
    Omegat,
}

impl From<Profile> for hexapla_core::segment::srx::Profile {
    fn from(p: Profile) -> Self {
        match p {
            Profile::Languagetool => Self::LanguageTool,
            Profile::Okapi => Self::Okapi,
            Profile::Omegat => Self::OmegaT,
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

    /// Also write the beads that were scored, to FOLDER/<path of the document>.beads.
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

    /// Threads to use; 0 means one for every core. The result does not depend on it.
    #[arg(short, long, value_name = "N", default_value_t = 0)]
    pub(crate) jobs: usize,

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

    #[command(flatten)]
    pub(crate) text: TextArgs,

    #[command(flatten)]
    pub(crate) known: KnownArgs,

    #[command(flatten)]
    pub(crate) talk: TalkArgs,

    /// What becomes of passages that stand elsewhere in the other version, out of the order of the text.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) moved: Moved,

    /// Leave out links whose confidence is lower than P, 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = share, hide_default_value = true)]
    pub(crate) min_confidence: f32,

    /// Also write what has no counterpart: as rows with an empty side in .tsv and .jsonl, and for every .tmx in a
    /// file of its own, OUT.unaligned.tsv.
    #[arg(long)]
    pub(crate) keep_unaligned: bool,

    /// Write one file with all versions side by side instead of one for each (.tmx, .tsv, .jsonl).
    #[arg(long)]
    pub(crate) multi: bool,

    /// Exit with 1 if the quality of any alignment is lower than Q, 0 to 1; the files are written all the same.
    #[arg(long, value_name = "Q", value_parser = share)]
    pub(crate) min_quality: Option<f32>,

    #[command(flatten)]
    pub(crate) tmx: TmxArgs,
}

/// How texts are cut and understood; common to all commands that align.
#[derive(Debug, clap::Args)]
pub(crate) struct TextArgs {
    #[command(flatten)]
    pub(crate) cutting: CuttingArgs,

    #[command(flatten)]
    pub(crate) encoder: EncoderArgs,

    /// Threads to use; 0 means one for every core. The result does not depend on it.
    #[arg(short, long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u16).range(..=MOST_JOBS))]
    pub(crate) jobs: u16,
}

/// Where meaning comes from; common to all commands that align.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EncoderArgs {
    /// Sentence encoder: builtin, none, or the path of a folder: a model, or vectors that another program made, for
    /// every text talks.txt a file talks.txt.npy or talks.txt.safetensors with a row a segment.
    #[arg(long, value_name = "builtin|none|PATH", default_value = "builtin", value_parser = encoder)]
    pub(crate) encoder: EncoderChoice,

    /// Keep vectors in FOLDER, so that another run over the same segments with the same model need not make them
    /// again. The alignment is the same with and without.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) cache: Option<PathBuf>,
}

/// What the person knows about the texts.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "What you know")]
pub(crate) struct KnownArgs {
    /// Words and phrases that translate each other: lines of source<TAB>target, hunalign's target @ source, or the
    /// .index or .dict.dz of a FreeDict dictionary. May be given several times; either direction serves.
    #[arg(long, value_name = "FILE")]
    pub(crate) dictionary: Vec<PathBuf>,

    /// Beads that stand, a line each: [3, 4]:[5], segments counted from 0 (as in a .beads output). The rest is
    /// aligned around them.
    ///
    /// With several versions, give the option once for each, in order; a dash stands for none.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchors: Vec<PathBuf>,
}

/// How much is said; common to all commands.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct TalkArgs {
    /// Say nothing but errors.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Print the summary as JSON on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a translation memory is written like.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Translation memories (.tmx)")]
pub(crate) struct TmxArgs {
    /// What the header says a unit is: CAT tools cut units of a paragraph again, which gives more matches.
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    pub(crate) tmx_segtype: Segtype,

    /// Which beads become units.
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    pub(crate) tmx_beads: Beads,

    /// What becomes of units with the same source text.
    #[arg(long, value_name = "KIND", value_enum, default_value_t)]
    pub(crate) tmx_duplicates: Duplicates,

    /// Begin a new part (OUT.1.tmx, OUT.2.tmx, …) where a file would grow beyond SIZE bytes; K, M and G are understood.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) tmx_split: Option<u64>,
}

/// How texts are cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segmentation {
    /// Into sentences, by our own rules.
    Default,
    /// Not at all: a line is a segment, empty ones included.
    Line,
    /// By the rules of this SRX file.
    Srx(PathBuf),
}

/// What becomes of moved passages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Moved {
    /// Linked, and marked as moved
    #[default]
    Keep,
    /// Left without counterpart
    Drop,
}

/// Which encoder is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EncoderChoice {
    /// The one that comes with the program.
    Builtin,
    /// None: length, lexicon and anchors alone.
    None,
    /// A folder.
    Path(PathBuf),
}

/// [`tmx::Segtype`] for the command line.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Segtype {
    /// One or more sentences
    #[default]
    Paragraph,
    /// A sentence, never cut again
    Sentence,
}

/// [`tmx::Beads`] for the command line.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Beads {
    /// All that are linked
    #[default]
    All,
    /// Those with one source segment
    OneSource,
    /// Those with one segment on every side
    OneToOne,
}

/// [`tmx::Duplicates`] for the command line.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Duplicates {
    /// Equal units once; of several translations the best last, where CAT tools take it from
    #[default]
    Merge,
    /// All, in the order of the text
    Keep,
}

impl From<Segtype> for tmx::Segtype {
    fn from(s: Segtype) -> Self {
        match s {
            Segtype::Paragraph => Self::Paragraph,
            Segtype::Sentence => Self::Sentence,
        }
    }
}

impl From<Beads> for tmx::Beads {
    fn from(b: Beads) -> Self {
        match b {
            Beads::All => Self::All,
            Beads::OneSource => Self::OneSource,
            Beads::OneToOne => Self::OneToOne,
        }
    }
}

impl From<Duplicates> for tmx::Duplicates {
    fn from(d: Duplicates) -> Self {
        match d {
            Duplicates::Merge => Self::Merge,
            Duplicates::Keep => Self::Keep,
        }
    }
}

/// More threads than any machine has cores for are a slip of the finger.
const MOST_JOBS: i64 = 1024;

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
  hexapla segment --export-srx en,ru,zh -o hexapla.srx";

pub(crate) fn segmentation(text: &str) -> Result<Segmentation, String> {
    Ok(match text {
        "default" => Segmentation::Default,
        "line" => Segmentation::Line,
        path if path.to_ascii_lowercase().ends_with(".srx") => Segmentation::Srx(path.into()),
        _ => return Err("write default, line or the path of an SRX file (FILE.srx)".into()),
    })
}

pub(crate) fn language(tag: &str) -> Result<Language, String> {
    Language::parse(tag).map_err(|e| e.to_string())
}

pub(crate) fn share(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(p) if (0.0..=1.0).contains(&p) => Ok(p),
        _ => Err("write a number from 0 to 1, for instance 0.8".into()),
    }
}

fn encoder(text: &str) -> Result<EncoderChoice, String> {
    Ok(match text {
        "builtin" => EncoderChoice::Builtin,
        "none" => EncoderChoice::None,
        "" => return Err("write builtin, none or the path of a folder".into()),
        path => EncoderChoice::Path(path.into()),
    })
}

pub(crate) fn size(text: &str) -> Result<u64, String> {
    let wrong = || "write a number of bytes, for instance 500000, 900K, 100M or 1G".to_owned();
    let (digits, unit) = match text.to_ascii_uppercase() {
        t if t.ends_with('K') => (t[..t.len() - 1].to_owned(), 1 << 10),
        t if t.ends_with('M') => (t[..t.len() - 1].to_owned(), 1 << 20),
        t if t.ends_with('G') => (t[..t.len() - 1].to_owned(), 1 << 30),
        t => (t, 1),
    };
    let bytes = digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).filter(|n| *n > 0);
    bytes.ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("900k"), Ok(900 << 10));
        assert_eq!(size("1G"), Ok(1 << 30));
        assert_eq!(size("77"), Ok(77));
        for wrong in ["", "M", "-1", "0", "1T", "99999999999999999999G"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
