//! Dictionaries of a dictd server, as FreeDict publishes them.
//!
//! `NAME.index` has a line an entry: headword, offset and length in the text, the numbers in dictd's base 64. The text
//! is `NAME.dict`, or `NAME.dict.dz` (dictzip: gzip with a table of chunks in its header, which is not needed to read
//! it as a whole). An entry's first line is the headword with its pronunciation and word class; the line below it and
//! numbered lines are translations; other lines are explanations and are not read.
//! Source: man pages dictfmt(1) and dictzip(1) of the DICT project.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use hexapla_core::Dictionary;
use rustc_hash::FxHashSet;

use super::{Format, Read};
use crate::Error;

/// Most bytes of text that are read, unpacked: ten times the largest FreeDict dictionary of 2022.
const MOST: u64 = 1 << 30;

/// Most words of a translation: longer ones are explanations.
const WORDS: usize = 5;

/// The two files of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    index: PathBuf,
    /// Names that the text may have.
    texts: [PathBuf; 2],
}

impl Files {
    /// Both files, from the name of either; `None` for other names.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let stem = [".index", ".dict.dz", ".dict"].iter().find_map(|e| name.strip_suffix(e))?;
        let with = |e: &str| path.with_file_name(format!("{stem}{e}"));
        Some(Self { index: with(".index"), texts: [with(".dict.dz"), with(".dict")] })
    }
}

/// Reads both files.
///
/// # Errors
/// A file that is missing, cannot be read or unpacked, or grows beyond [`MOST`]; an index that is none.
pub(super) fn read(files: &Files) -> Result<Read, Error> {
    let index = unpacked(&files.index)?;
    let index = String::from_utf8_lossy(&index);
    let text = files.texts.iter().find(|t| t.exists()).unwrap_or(&files.texts[0]);
    parse(&index, &unpacked(text)?).map_err(|(line, reason)| Error::BadDictionary {
        path: files.index.clone(),
        line: Some(line),
        reason,
    })
}

/// The bytes of a file, unpacked where it is gzip.
fn unpacked(path: &Path) -> Result<Vec<u8>, Error> {
    let fail = |source| Error::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    let reader: Box<dyn io::Read> = if path.extension().is_some_and(|e| e == "dz") {
        Box::new(MultiGzDecoder::new(io::BufReader::new(file)))
    } else {
        Box::new(file)
    };
    reader.take(MOST + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MOST {
        return Err(Error::TooLarge { path: path.to_owned(), bytes: bytes.len() as u64, limit: MOST });
    }
    Ok(bytes)
}

/// Reads the entries; on failure, the line of the index and what is wrong with it.
fn parse(index: &str, text: &[u8]) -> Result<Read, (usize, String)> {
    let mut read = Read { dictionary: Dictionary::default(), format: Format::Dictd, skipped: 0, first_skipped: None };
    let mut seen = FxHashSet::default();
    for (k, line) in index.lines().enumerate() {
        let number = k + 1;
        let mut cells = line.split('\t');
        let (Some(head), Some(offset), Some(length)) = (cells.next(), cells.next(), cells.next()) else {
            return Err((number, "an index has headword, offset and length, parted by tabs".into()));
        };
        let (Some(offset), Some(length)) = (number_of(offset), number_of(length.trim_end())) else {
            return Err((number, "offset or length is no number in dictd's base 64".into()));
        };
        let end = offset.checked_add(length).filter(|&e| e <= text.len());
        let Some(end) = end else {
            return Err((number, "the entry lies behind the end of the .dict file; are they of one edition?".into()));
        };
        // An entry may stand in the index under several headwords.
        if head.starts_with("00database") || head.starts_with("00-database") || !seen.insert(offset) {
            continue;
        }
        let before = read.dictionary.len();
        entry(&String::from_utf8_lossy(&text[offset..end]), &mut read.dictionary);
        if read.dictionary.len() == before {
            read.skipped += 1;
            read.first_skipped.get_or_insert(number);
        }
    }
    Ok(read)
}

/// A number in dictd's base 64: the digits of MIME's base 64, the most significant first.
fn number_of(text: &str) -> Option<usize> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    if text.is_empty() || text.len() > 6 {
        return None;
    }
    text.bytes().try_fold(0usize, |n, c| Some(n * 64 + usize::from(digit(c)?)))
}

/// Adds the pairs of one entry.
fn entry(text: &str, dictionary: &mut Dictionary) {
    let mut lines = text.lines();
    let Some(head) = lines.next() else { return };
    // `headword /pronunciation/ <word class>`
    let head = head.split(" /").next().unwrap_or(head);
    let head = plain(head.split(" <").next().unwrap_or(head));
    for (k, line) in lines.enumerate() {
        let bare = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = bare.len() < line.trim_start().len();
        let sense = match bare.strip_prefix(". ") {
            Some(rest) if numbered => rest,
            _ if k == 0 => line,
            _ => continue,
        };
        for translation in plain(sense).split([',', ';']).map(str::trim) {
            if translation.split_whitespace().count() <= WORDS {
                dictionary.push(&head, translation);
            }
        }
    }
}

/// Without what stands in brackets.
fn plain(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "alföld /ˈɑlføld/\n1. plain, flat land (wide)\n2. lowlands\nház /haːz/ <n>\nhouse\na place to \
        live in\n";

    fn base64(mut n: usize) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = Vec::new();
        loop {
            out.insert(0, DIGITS[n % 64]);
            n /= 64;
            if n == 0 {
                return String::from_utf8(out).unwrap();
            }
        }
    }

    fn index() -> String {
        let second = TEXT.find("ház").unwrap();
        let line = |head: &str, from: usize, to: usize| format!("{head}\t{}\t{}\n", base64(from), base64(to - from));
        line("00databaseshort", 0, 3)
            + &line("alfold", 0, second)
            + &line("alföld", 0, second)
            + &line("ház", second, TEXT.len())
    }

    #[test]
    fn headwords_and_senses() {
        let read = parse(&index(), TEXT.as_bytes()).unwrap();
        let pairs: Vec<_> = read.dictionary.pairs().collect();
        assert_eq!(pairs, [("alföld", "plain"), ("alföld", "flat land"), ("alföld", "lowlands"), ("ház", "house")]);
    }

    #[test]
    fn a_broken_index_is_named() {
        assert_eq!(parse("a\tB\n", b"").unwrap_err().0, 1);
        assert_eq!(parse("a\tA\tA\nb\t?\tB\n", b"").unwrap_err().0, 2);
        let (line, reason) = parse(&index(), b"short").unwrap_err();
        assert!(line == 2 && reason.contains("one edition"), "{line} {reason}");
    }

    #[test]
    fn numbers_are_read_as_dictd_writes_them() {
        assert_eq!(number_of("A"), Some(0));
        assert_eq!(number_of("BA"), Some(64));
        assert_eq!(number_of("mEO3"), Some(((38 * 64 + 4) * 64 + 14) * 64 + 55));
        assert_eq!(number_of(&base64(987_654)), Some(987_654));
        assert_eq!(number_of(""), None);
    }

    #[test]
    fn dictzip_is_unpacked() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("hu.index"), index()).unwrap();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(TEXT.as_bytes()).unwrap();
        std::fs::write(folder.path().join("hu.dict.dz"), packed.finish().unwrap()).unwrap();
        for name in ["hu.index", "hu.dict.dz", "hu.dict"] {
            assert_eq!(super::super::read(&folder.path().join(name)).unwrap().dictionary.len(), 4, "{name}");
        }
        std::fs::write(folder.path().join("hu.dict.dz"), b"no gzip").unwrap();
        assert!(matches!(super::super::read(&folder.path().join("hu.index")), Err(Error::Read { .. })));
    }
}
