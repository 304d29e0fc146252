//! What the end-to-end tests share: the binary, the sample, a folder to work in, hostile texts.

// Every test binary uses a part of this.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for one test, with the commands run in it.
pub(crate) struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and its folders.
    pub(crate) fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn read(&self, name: impl AsRef<Path>) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; there are {:?}", path.display(), self.files()))
    }

    /// Names of all files and folders in the room, sorted; hidden ones as well.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Copies the sample texts into the room.
    pub(crate) fn with_talks(self) -> Self {
        for name in ["talks.en.txt", "talks.ru.txt", "talks.zh.txt", "talks.retranslated.en.txt"] {
            fs::copy(talks(name), self.path(name)).unwrap();
        }
        self
    }

    /// The binary, to be run in the room, with a fixed date.
    pub(crate) fn hexapla(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hexapla"));
        command.current_dir(self.folder.path()).env("SOURCE_DATE_EPOCH", "1756771200");
        command
    }

    /// Runs `hexapla align` with `arguments`.
    pub(crate) fn align<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Ran {
        let chosen = arguments.iter().any(|a| a.as_ref() == "--encoder");
        let default = if chosen { &[] } else { DEFAULT };
        Ran::of(self.hexapla().arg("align").args(arguments).args(default))
    }
}

/// What stands for the default `--encoder` where the build has no built-in one.
pub(crate) const DEFAULT: &[&str] = if cfg!(feature = "builtin-model") { &[] } else { &["--encoder", "none"] };

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().expect("the binary runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: status.code(), out: text(stdout), err: text(stderr) }
    }

    /// Asserts that the run did its work.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// Asserts a refusal (exit status 2) whose message has all of `parts`, and is one line.
    #[track_caller]
    pub(crate) fn refused(self, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(2), "{self:#?}");
        assert!(self.err.starts_with("error: "), "{self:#?}");
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in {self:#?}");
        }
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self
    }
}

/// A file of the sample.
pub(crate) fn talks(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/samples/talks").join(name)
}

/// Segments of a `.tmx` that hexapla wrote: the texts of every unit, in order. For our own output only; the readers
/// of others are asked in `tools.rs`.
pub(crate) fn segs(tmx: &str) -> Vec<Vec<String>> {
    let unescape = |s: &str| {
        let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#13;", "\r"), ("&#10;", "\n"), ("&#9;", "\t")];
        named.iter().fold(s.to_owned(), |text, (from, to)| text.replace(from, to)).replace("&amp;", "&")
    };
    let unit =
        |tu: &str| tu.split("<seg>").skip(1).map(|s| unescape(s.split("</seg>").next().unwrap())).collect::<Vec<_>>();
    tmx.split("<tu ").skip(1).map(unit).collect()
}

/// Lines that break careless writers, one segment each: as bytes of a file, and as a memory must give them back.
pub(crate) fn hostile() -> Vec<(Vec<u8>, String)> {
    let same = [
        "Tom & Jerry said <b>bold</b> things.",
        "A CDATA end ]]> and a whole <![CDATA[section]]> in a line.",
        "<!-- a comment --> <?pi data?> <!DOCTYPE x>",
        "Escaped already: &amp; &lt; &#1; &nbsp; %percent;",
        "A no-break\u{a0}space, a narrow\u{202f}one, a thin\u{2009}one.",
        "Two  spaces,   three, and a\ttab.",
        "A carriage\rreturn inside.",
        "Right to left: \u{202b}שלום\u{202c} and marks \u{200f}\u{200e}\u{2067}مرحبا\u{2069}.",
        "Emoji: 😀 👩\u{200d}👩\u{200d}👧 🇷🇺 🏳\u{fe0f}\u{200d}🌈.",
        "C1 codes \u{80}\u{9f} and next line \u{85} inside.",
        "Line \u{2028} and paragraph \u{2029} separators.",
        "Composed é and decomposed e\u{301}, soft\u{ad}hyphen, zero\u{200b}width, BOM \u{feff} inside.",
        "Private use \u{e000}, replacement \u{fffd}, plane 16 \u{10fffd}.",
        "\"Quotes\" and 'apostrophes' “curly” «guillemets».",
        "Backslash \\n and \\t, braces {0} {name}, percents %s %1$d.",
        "= formula + and - signs @ too",
        "会谈在北京举行。　全角空格。",
    ];
    let mut out: Vec<(Vec<u8>, String)> = same.iter().map(|s| (s.as_bytes().to_vec(), (*s).to_owned())).collect();
    // What XML forbids becomes a space.
    out.push((b"Control \x01\x08 codes \x1f.\x0b\x0cEnd.".to_vec(), "Control    codes  .  End.".into()));
    out.push(("Noncharacters \u{fffe} and \u{ffff}.".into(), "Noncharacters   and  .".into()));
    // A lone surrogate's encoding is no UTF-8: three wrong bytes.
    out.push((b"A lone \xED\xA0\x80 surrogate.".to_vec(), "A lone \u{fffd}\u{fffd}\u{fffd} surrogate.".into()));
    let long: String =
        (0..).map(|k| format!("word{k} ")).flat_map(|w| w.chars().collect::<Vec<_>>()).take(10_000).collect();
    out.push((long.clone().into_bytes(), long.trim_end().to_owned()));
    let long = "長".repeat(10_000);
    out.push((long.clone().into_bytes(), long));
    out
}
