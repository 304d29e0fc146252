//! Bytes of a plain-text file become a string: the encoding is found, what cannot be decoded is counted.
//!
//! In this order: a byte-order mark; UTF-16 without one (NUL bytes on one side only); UTF-8 where it is valid, or
//! where it is mostly valid (a damaged file); else the detector of Firefox (chardetng) among the legacy encodings of
//! the web. Line ends stay as they are: spans refer to the text that is returned.
//!
//! Not here: markup, documents, archives; they are told apart (`sniff`) and refused with a mend.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use hexapla_core::Document;
use serde::Serialize;

use super::sniff::{self, NotText};
use crate::Error;

/// How an encoding was determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EncodingFound {
    /// By the byte-order mark.
    Mark,
    /// UTF-16 without a mark, by where NUL bytes stand.
    NulPattern,
    /// All bytes are valid in it.
    Valid,
    /// Nearly all bytes are valid UTF-8.
    Damaged,
    /// Guessed from the frequency of letters.
    Guessed,
}

/// A decoded text.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text, without a byte-order mark.
    pub text: String,
    /// Name of the encoding (WHATWG), for instance `UTF-8` or `windows-1251`.
    pub encoding: &'static str,
    /// How the encoding was determined.
    pub found: EncodingFound,
    /// Sequences of bytes that mean nothing in the encoding; each is U+FFFD in the text.
    pub undecodable: usize,
}

/// Reads the plain-text file at `path`.
///
/// # Errors
/// [`Error::Read`], [`Error::NotText`] and [`Error::TooLarge`] (beyond [`Document::MAX_BYTES`], as bytes or as text).
pub fn read(path: &Path) -> Result<Text, Error> {
    let fail = |source| Error::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(fail)?;
    let meta = file.metadata().map_err(fail)?;
    if meta.is_dir() {
        return Err(fail(io::ErrorKind::IsADirectory.into()));
    }
    let limit = Document::MAX_BYTES as u64;
    let too_large = |bytes| Error::TooLarge { path: path.to_owned(), bytes, limit };
    if meta.is_file() && meta.len() > limit {
        return Err(too_large(meta.len()));
    }
    read_from(file, meta.len() as usize, path)
}

/// Reads plain text from `reader`, standard input for instance; `path` is its name in messages, `size` a guess at its
/// size in bytes.
///
/// # Errors
/// As [`read`].
pub fn read_from(reader: impl Read, size: usize, path: &Path) -> Result<Text, Error> {
    let fail = |source| Error::Read { path: path.to_owned(), source };
    let limit = Document::MAX_BYTES as u64;
    let too_large = |bytes| Error::TooLarge { path: path.to_owned(), bytes, limit };
    let mut bytes = Vec::with_capacity(size + 1);
    // A pipe has no length: it is cut off where the limit is passed.
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(bytes.len() as u64));
    }
    let text = decode(bytes).map_err(|n| Error::NotText { path: path.to_owned(), what: n.what, mend: n.mend })?;
    if text.text.len() as u64 > limit {
        return Err(too_large(text.text.len() as u64));
    }
    Ok(text)
}

/// Reads a file of markup (XML) as text: decoded like plain text, but not refused for being markup.
///
/// # Errors
/// [`Error::Read`], [`Error::NotText`].
pub fn read_markup(path: &Path) -> Result<Text, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    decode_text(bytes).map_err(|n| Error::NotText { path: path.to_owned(), what: n.what, mend: n.mend })
}

fn decode(bytes: Vec<u8>) -> Result<Text, NotText> {
    if let Some(not) = sniff::by_magic(&bytes) {
        return Err(not);
    }
    let text = decode_text(bytes)?;
    match sniff::by_markup(&text.text) {
        Some(not) => Err(not),
        None => Ok(text),
    }
}

fn decode_text(bytes: Vec<u8>) -> Result<Text, NotText> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        return Ok(with(encoding, &bytes[mark..], EncodingFound::Mark));
    }
    if let Some(encoding) = utf16_by_pattern(&bytes) {
        return Ok(with(encoding, &bytes, EncodingFound::NulPattern));
    }
    if let Some(not) = sniff::by_control_bytes(&bytes) {
        return Err(not);
    }
    // ISO-2022-JP is plain ASCII to look at; an escape sequence gives it away.
    let japanese = bytes.windows(2).any(|w| w == b"\x1B$");
    let bytes = if japanese {
        bytes
    } else {
        match String::from_utf8(bytes) {
            Ok(text) => return Ok(Text { text, encoding: UTF_8.name(), found: EncodingFound::Valid, undecodable: 0 }),
            Err(e) => e.into_bytes(),
        }
    };
    if damaged_utf8(&bytes) {
        return Ok(with(UTF_8, &bytes, EncodingFound::Damaged));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    let found = if guess == UTF_8 || guess == ISO_2022_JP { EncodingFound::Valid } else { EncodingFound::Guessed };
    Ok(with(guess, &bytes, found))
}

/// Decodes all of `bytes`; every malformed sequence becomes one U+FFFD and is counted.
fn with(encoding: &'static Encoding, bytes: &[u8], found: EncodingFound) -> Text {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let (mut at, mut undecodable) = (0, 0);
    loop {
        let rest = &bytes[at..];
        let room = decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len());
        text.reserve(room.clamp(16, 1 << 20));
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                text.push('\u{FFFD}');
                undecodable += 1;
            }
        }
    }
    Text { text, encoding: encoding.name(), found, undecodable }
}

/// UTF-16 without a mark: NUL bytes stand on one side of the byte pairs only, and the pairs make characters.
///
/// In any script some characters are ASCII (spaces, line ends, digits), whose upper byte is NUL.
fn utf16_by_pattern(bytes: &[u8]) -> Option<&'static Encoding> {
    let mut nul = [0usize; 2];
    for (i, _) in bytes.iter().enumerate().filter(|(_, b)| **b == 0) {
        nul[i % 2] += 1;
    }
    let (few, many) = (nul[0].min(nul[1]), nul[0].max(nul[1]));
    // One ASCII character in a hundred at least. The other side has some NULs in Chinese (U+4E00 is its commonest
    // character), but not nearly as many as a binary file.
    if many * 200 < bytes.len() || few * 3 > many || many == 0 {
        return None;
    }
    let little = nul[1] > nul[0];
    let units = bytes.chunks_exact(2).map(|p| {
        let pair = [p[0], p[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    let (mut sound, mut all) = (0usize, 0usize);
    for c in char::decode_utf16(units) {
        all += 1;
        let c = c.unwrap_or('\0');
        let other = matches!(c, '\t' | '\n' | '\r' | '\u{B}' | '\u{C}');
        sound += usize::from(other || !(c.is_control() || matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FFFE}'..)));
    }
    // ASCII with a few NULs would pass as CJK. In UTF-16, a fifth of the bytes are below the space: the upper bytes
    // of letters, or NUL.
    let low = bytes.iter().filter(|b| **b < b' ').count();
    let sparse = low * 5 < bytes.len() && std::str::from_utf8(bytes).is_ok();
    (sound * 100 >= all * 98 && !sparse).then_some(if little { UTF_16LE } else { UTF_16BE })
}

/// Whether the bytes are UTF-8 with some damage: far more valid sequences of several bytes than wrong bytes. A text
/// in a legacy encoding hardly ever forms a valid sequence.
fn damaged_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut wrong) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    wrong > 0 && valid > 4 * wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str = "Переговоры прошли в Пекине.\r\nСтороны подписали документы.\r\n";

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    }

    #[test]
    fn marks_are_obeyed_and_removed() {
        for (mark, little) in [(b"\xFF\xFE", true), (b"\xFE\xFF", false)] {
            let bytes = [mark.as_slice(), &utf16(RUSSIAN, little)].concat();
            let text = decode(bytes).unwrap();
            assert_eq!((text.text.as_str(), text.found), (RUSSIAN, EncodingFound::Mark));
        }
        let text = decode([b"\xEF\xBB\xBF".as_slice(), RUSSIAN.as_bytes()].concat()).unwrap();
        assert_eq!((text.text.as_str(), text.encoding), (RUSSIAN, "UTF-8"));
    }

    #[test]
    fn utf16_is_found_without_a_mark() {
        for sample in
            [RUSSIAN, "Plain English, in two-byte units.\n", "会谈在北京举行。 2025年9月2日，双方签署了文件。\n"]
        {
            for little in [true, false] {
                let text = decode(utf16(sample, little)).unwrap();
                assert_eq!(text.text, sample);
                assert_eq!(text.found, EncodingFound::NulPattern);
                assert_eq!(text.encoding, if little { "UTF-16LE" } else { "UTF-16BE" });
            }
        }
    }

    #[test]
    fn a_stray_nul_does_not_make_utf16() {
        let text = decode(b"One line.\0 Another line of plain text.\n".repeat(3)).unwrap();
        assert_eq!((text.encoding, text.undecodable), ("UTF-8", 0));
    }

    #[test]
    fn legacy_encodings_are_guessed() {
        let long = "Переговоры прошли в Пекине, в Большом зале народных собраний. ".repeat(3);
        for encoding in [encoding_rs::WINDOWS_1251, encoding_rs::KOI8_R] {
            let (bytes, _, _) = encoding.encode(&long);
            let text = decode(bytes.into_owned()).unwrap();
            assert_eq!((text.text.as_str(), text.found), (long.as_str(), EncodingFound::Guessed));
        }
        let chinese = "会谈在北京举行，双方就广泛的议题交换了意见。".repeat(3);
        let (bytes, _, _) = encoding_rs::GBK.encode(&chinese);
        assert_eq!(decode(bytes.into_owned()).unwrap().text, chinese);
        let (bytes, _, _) = ISO_2022_JP.encode("会談は北京で行われた。両国は文書に署名した。");
        assert_eq!(decode(bytes.into_owned()).unwrap().encoding, "ISO-2022-JP");
    }

    #[test]
    fn damaged_utf8_stays_utf8_and_is_counted() {
        // The UTF-8 form of a lone surrogate, and a sequence that was cut off.
        let bytes = [RUSSIAN.as_bytes(), b"\xED\xA0\x80", RUSSIAN.as_bytes(), b"\xD0"].concat();
        let text = decode(bytes).unwrap();
        assert_eq!((text.encoding, text.found), ("UTF-8", EncodingFound::Damaged));
        assert!(text.undecodable >= 2);
        assert_eq!(text.text.matches('\u{FFFD}').count(), text.undecodable);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(decode(vec![0; 4096]).unwrap_err().what.contains("all NUL"));
        let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(decode(noise).unwrap_err().what.contains("binary"));
        let tmx = utf16("<?xml version=\"1.0\"?><tmx version=\"1.4\">", true);
        assert!(decode([b"\xFF\xFE".as_slice(), &tmx].concat()).unwrap_err().what.contains("TMX"));
    }

    #[test]
    fn no_bytes_bring_it_down() {
        // A seeded generator of bytes that look like several encodings at once.
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let mut next = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let pieces: [&[u8]; 14] = [
            b"word ",
            b"\r\n",
            b"\0",
            b"\xFF\xFE",
            b"\xFE\xFF",
            b"\xEF\xBB\xBF",
            b"\xED\xA0\x80",
            b"\xD0\x9F",
            b"\x1B$B",
            b"\xE4",
            b"\x04\x3F",
            b"<?xml ",
            b"PK\x03\x04",
            b"\xF4\x90\x80\x80",
        ];
        for _ in 0..5000 {
            let bytes: Vec<u8> = (0..next(40)).flat_map(|_| pieces[next(14) as usize].to_vec()).collect();
            let length = bytes.len();
            if let Ok(text) = decode(bytes) {
                assert!(text.text.len() <= 3 * length && text.undecodable <= text.text.matches('\u{FFFD}').count());
            }
        }
    }

    #[test]
    fn an_empty_file_is_an_empty_text() {
        assert_eq!(decode(Vec::new()).unwrap().text, "");
    }
}
