//! Options that several commands have, each written once; and what their values can be.

use std::path::PathBuf;

use clap::{ValueEnum, value_parser};
use hexapla_core::{Kind, Language};
use hexapla_formats::write::tmx;

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

/// What shapes alignments, and what is written of them: the same for one document (`align`) and for many (`batch`).
#[derive(Debug, clap::Args)]
pub(crate) struct AlignmentArgs {
    #[command(flatten)]
    pub(crate) text: TextArgs,

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

    /// Write one file with all versions of a document side by side instead of one for each (.tmx, .tsv, .jsonl).
    #[arg(long)]
    pub(crate) multi: bool,

    /// Words and phrases that translate each other: lines of source<TAB>target, hunalign's target @ source, or the
    /// .index or .dict.dz of a FreeDict dictionary. May be given several times; either direction serves.
    #[arg(long, value_name = "FILE", help_heading = KNOWN)]
    pub(crate) dictionary: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) tmx: TmxArgs,

    #[command(flatten)]
    pub(crate) talk: TalkArgs,
}

/// The heading of options that bring knowledge.
pub(super) const KNOWN: &str = "What you know";

/// How texts are cut and understood.
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

pub(crate) fn kind(name: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::ALL.into_iter().find(|k| k.name() == name).ok_or_else(|| format!("it is one of {}", names()))
}

pub(crate) fn factor(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|t| (0.1..=10.0).contains(t));
    number.ok_or_else(|| "it is a number from 0.1 to 10".into())
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
    use super::*;

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
