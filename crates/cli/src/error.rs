//! What can go wrong on the command line, with its mend; and exit codes.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// How a command ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything as asked.
    Done,
    /// Done, but a gate that was asked for failed, or documents of a batch did.
    GateFailed,
    /// A signal ended it; the exit status tells which.
    Interrupted(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::GateFailed => ExitCode::from(1),
            Outcome::Interrupted(status) => ExitCode::from(status),
        }
    }
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] hexapla_formats::Error),
    /// The core refused a text.
    #[error("{}: {source}", path.display())]
    Text { path: PathBuf, source: hexapla_core::Error },
    /// Aligning failed.
    #[error("aligning {} with {}: {cause}", source_path.display(), version.display())]
    Align { source_path: PathBuf, version: PathBuf, cause: hexapla_core::Error },
    /// An input that is a folder.
    #[error("{} is a folder; name the text file in it", path.display())]
    Folder { path: PathBuf },
    /// One file given twice.
    #[error("{} and {} are the same file; give the source and different versions of it", first.display(), second.display())]
    SameFile { first: PathBuf, second: PathBuf },
    /// A text without any segment.
    #[error("{} has no text in it ({what}); is it the right file?", path.display())]
    EmptyText { path: PathBuf, what: &'static str },
    /// Not as many languages as files.
    #[error("--langs names {langs} language{}, but there {} {files} file{} (with align, the source and its versions): \
        name one for each, in order", if *langs == 1 { "" } else { "s" }, if *files == 1 { "is" } else { "are" },
        if *files == 1 { "" } else { "s" })]
    LangsCount { langs: usize, files: usize },
    /// A profile of SRX for rules that are no SRX.
    #[error("--srx-profile says how an SRX file is understood, but there is none: add --segmentation FILE.srx")]
    ProfileWithoutSrx,
    /// Not as many files of fixed beads as versions.
    #[error("--anchors is given {anchors} time{} for {versions} version{}: segments are counted in each version, so give \
        a file for every one, in order, and - for a version without",
        if *anchors == 1 { "" } else { "s" }, if *versions == 1 { "" } else { "s" })]
    AnchorsCount { anchors: usize, versions: usize },
    /// A fixed bead that does not fit the texts or the other beads.
    #[error("{}, line {line}: {reason}", path.display())]
    Anchor { path: PathBuf, line: usize, reason: String },
    /// A language that nothing tells.
    #[error("the language of {} is not told by its name, and its text is too short or too mixed to detect it; \
        name the languages (--langs en,ru), or put the code into the file's name (talks.ru.txt)", path.display())]
    NoLanguage { path: PathBuf },
    /// An output that would overwrite an input.
    #[error("-o {} would overwrite an input file; choose another name", path.display())]
    OutputIsInput { path: PathBuf },
    /// One file named for the beads of several documents.
    #[error("{} is one file, but there are {documents} documents; name a folder", path.display())]
    OneFile { path: PathBuf, documents: usize },
    /// Two outputs with one name.
    #[error("{} would be written twice; give every -o a name of its own", path.display())]
    OutputTwice { path: PathBuf },
    /// A manifest that cannot be understood as a whole.
    #[error("{} is no manifest: {what}", path.display())]
    Manifest { path: PathBuf, what: String },
    /// `--langs` of a folder with one language.
    #[error("--langs: name the source's language and at least one more, for instance en,ru")]
    BatchLangs,
    /// A batch without a folder to write to.
    #[error("name a folder for the results (-o FOLDER), or print what would be aligned (--dry-run)")]
    NoOutput,
    /// A folder in which another batch works.
    #[error("another batch is at work in {}; wait until it is done, or choose another folder", path.display())]
    Locked { path: PathBuf },
    /// A folder with a batch, and no word that it is to go on.
    #[error("{} holds a batch already ({done} documents are done); go on with it (--resume), or choose another \
        folder", path.display())]
    NotResumed { path: PathBuf, done: usize },
    /// A folder without a single pair.
    #[error("{}: no two files belong together ({alone} stay alone; --dry-run tells why)", path.display())]
    NoPairs { path: PathBuf, alone: usize },
    /// A batch that cannot go on.
    #[error("the batch stopped: {cause}; what is done is kept, go on with --resume")]
    BatchOver { cause: String },
    /// `--merge` with other formats than memories.
    #[error("--merge makes translation memories only; leave out --to, or write --to tmx")]
    MergeFormat,
    /// `--merge` with `--multi`.
    #[error("--merge makes a memory for each pair of languages; leave out --multi")]
    MergeMulti,
    /// A stream in another format than JSON lines.
    #[error("jobs on standard input are answered as JSON lines: write --to jsonl, and no -o, --merge or --resume")]
    StreamFormat,
    /// A folder without gold.
    #[error("{} holds no gold document: a folder with src.txt, tgt.txt and gold.txt", path.display())]
    NoGold { path: PathBuf },
    /// `--encoder` with something that cannot be used.
    #[error("--encoder {choice}: {reason}")]
    Encoder { choice: String, reason: String },
    /// `--cache` with a folder that cannot be used.
    #[error("--cache: {0}")]
    Cache(hexapla_encoder::Error),
    /// A text that could not be encoded, or whose vectors cannot be used.
    #[error("{}: {cause}", path.display())]
    Features { path: PathBuf, cause: hexapla_encoder::Error },
    /// Texts without precomputed vectors of their own.
    #[error("--encoder: {0}")]
    Vectors(hexapla_encoder::Error),
    /// The environment names a date that is none.
    #[error("SOURCE_DATE_EPOCH is '{value}'; write the seconds since 1970, or unset it")]
    SourceDate { value: String },
    /// The operating system gave no threads.
    #[error("--jobs {jobs}: cannot start the threads ({reason}); ask for fewer")]
    Threads { jobs: usize, reason: String },
    /// A line of JSON Lines that cannot be used.
    #[error("{}:{line}: {reason}", path.display())]
    JsonLine { path: PathBuf, line: usize, reason: String },
    /// Gold and predictions of different length.
    #[error("{} has {gold} paragraphs, {} has {predicted}; they must be in the same order", gold_path.display(), path.display())]
    PredictionCount { gold_path: PathBuf, gold: usize, path: PathBuf, predicted: usize },
    /// A segmentation file that cannot be used.
    #[error("{}: {source}", path.display())]
    Srx { path: PathBuf, source: hexapla_core::segment::srx::SrxError },
    /// Writing while the files are made.
    #[error("writing the results: {0}")]
    Io(#[from] io::Error),
}

impl Error {
    /// Whether the reader of our output went away, which is no failure.
    fn is_broken_pipe(&self) -> bool {
        let kind = match self {
            Self::Io(e) | Self::File(hexapla_formats::Error::Write { source: e, .. }) => e.kind(),
            _ => return false,
        };
        kind == io::ErrorKind::BrokenPipe
    }
}

/// Says what went wrong, and gives the exit code.
pub(crate) fn exit(error: &Error) -> ExitCode {
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    // Where even standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(2)
}
