//! What a file is when it is no plain text, and how to make one of it.
//!
//! Not here: decoding (`text`).

/// What a file seems to be, and the way to a plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotText {
    pub(super) what: String,
    pub(super) mend: String,
}

impl NotText {
    fn new(what: &str, mend: &str) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }
}

const SAVE_AS: &str = "save it as plain text (.txt, UTF-8) in the program it was made with";
const UNPACK: &str = "unpack it first";
const NO_TEXT: &str = "give the text itself, as plain text (.txt, UTF-8)";

/// First bytes of common files that are no text: the bytes, what they are, the mend.
const MAGIC: &[(&[u8], &str, &str)] = &[
    (b"%PDF-", "a PDF file", "extract its text first, for instance with pdftotext"),
    (b"{\\rtf", "a Rich Text (RTF) file", SAVE_AS),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Office document", SAVE_AS),
    (b"\x1F\x8B", "a gzip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xFD7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xB5\x2F\xFD", "a zstd archive", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"\x89PNG\r\n\x1A\n", "a PNG picture", NO_TEXT),
    (b"\xFF\xD8\xFF", "a JPEG picture", NO_TEXT),
    (b"GIF8", "a GIF picture", NO_TEXT),
    (b"SQLite format 3\0", "an SQLite database", NO_TEXT),
    (b"\x7FELF", "a program", NO_TEXT),
    (b"%!PS", "a PostScript file", "extract its text first, for instance with ps2ascii"),
];

/// Names inside a ZIP archive that tell what it is.
const ZIPPED: &[(&[u8], &str)] = &[
    (b"word/", "a Word document"),
    (b"xl/", "an Excel workbook"),
    (b"ppt/", "a PowerPoint presentation"),
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument.text", "a LibreOffice document"),
    (b"application/vnd.oasis.opendocument", "a LibreOffice file"),
];

/// How far into a ZIP archive names are looked for, in bytes.
const ZIP_HEAD: usize = 4096;

/// Tells by the first bytes.
pub(super) fn by_magic(bytes: &[u8]) -> Option<NotText> {
    if bytes.starts_with(b"PK\x03\x04") {
        let head = &bytes[..bytes.len().min(ZIP_HEAD)];
        let found = ZIPPED.iter().find(|(name, _)| contains(head, name));
        return Some(match found {
            Some((_, what)) => NotText::new(what, SAVE_AS),
            None => NotText::new("a ZIP archive", UNPACK),
        });
    }
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        return Some(NotText::new(
            "a text in UTF-32",
            "convert it to UTF-8 first (iconv -f UTF-32 -t UTF-8 FILE > NEW.txt)",
        ));
    }
    MAGIC.iter().find(|m| bytes.starts_with(m.0)).map(|m| NotText::new(m.1, m.2))
}

/// Control bytes that a text has no use for, in per cent, from which on a file counts as binary. Measured on what
/// matters here: a legacy-encoded text has none; compressed or random bytes have 10 per cent; programs more.
const BINARY_PER_CENT: usize = 5;

/// Tells by the share of control bytes (NUL among them).
pub(super) fn by_control_bytes(bytes: &[u8]) -> Option<NotText> {
    let control = bytes.iter().filter(|&&b| is_control(b)).count();
    if control * 100 < bytes.len() * BINARY_PER_CENT || control == 0 {
        return None;
    }
    let nul = bytes.iter().filter(|&&b| b == 0).count();
    let what = if nul == bytes.len() {
        format!("{nul} bytes that are all NUL")
    } else {
        format!("a binary file ({control} of its {} bytes are control codes, {nul} of them NUL)", bytes.len())
    };
    Some(NotText { what, mend: NO_TEXT.into() })
}

/// Controls other than tab, line feed, vertical tab, form feed, carriage return and escape (ISO-2022 encodings).
pub(super) fn is_control(b: u8) -> bool {
    matches!(b, 0..=8 | 0x0E..=0x1A | 0x1C..=0x1F | 0x7F)
}

/// Tells markup by how the decoded text begins.
pub(super) fn by_markup(text: &str) -> Option<NotText> {
    let start = text.trim_start();
    let head: String = start.chars().take(1000).collect::<String>().to_ascii_lowercase();
    let xml = head.starts_with("<?xml") || head.starts_with("<!doctype");
    let has = |tag: &str| head.starts_with(&format!("<{tag}")) || (xml && head.contains(&format!("<{tag}")));
    if has("tmx") || (xml && head.contains("doctype tmx")) {
        return Some(NotText::new(
            "a translation memory (TMX)",
            "it is aligned already; give the plain texts that it was made from",
        ));
    }
    if has("xliff") {
        return Some(NotText::new(
            "an XLIFF file",
            "it is aligned already; give the plain texts that it was made from",
        ));
    }
    if has("html") || (xml && head.contains("doctype html")) {
        return Some(NotText::new("an HTML page", "save it as plain text in a browser"));
    }
    xml.then(|| NotText::new("an XML file", "extract its text first; hexapla reads plain text"))
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_and_documents_are_told_apart() {
        let docx = b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml\0\0word/document.xml".as_slice();
        assert_eq!(by_magic(docx).unwrap().what, "a Word document");
        assert_eq!(by_magic(b"PK\x03\x04zzzz").unwrap().what, "a ZIP archive");
        assert_eq!(by_magic(b"%PDF-1.7").unwrap().what, "a PDF file");
        assert_eq!(by_magic("Plain.".as_bytes()), None);
    }

    #[test]
    fn nul_bytes_are_named() {
        assert!(by_control_bytes(&[0; 100]).unwrap().what.contains("100 bytes that are all NUL"));
        assert_eq!(by_control_bytes(b"A text.\tWith tabs\r\n\x0C and a form feed."), None);
        assert_eq!(by_control_bytes(b""), None);
    }

    #[test]
    fn markup_is_refused_and_a_tag_inside_a_text_is_not() {
        for (text, what) in [
            ("<?xml version=\"1.0\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<tmx version=\"1.4\">", "(TMX)"),
            ("\n<tmx version=\"1.4\">", "(TMX)"),
            ("<?xml version=\"1.0\"?><xliff version=\"1.2\">", "XLIFF"),
            ("<!DOCTYPE html><html>", "HTML"),
            ("<?xml version='1.0'?><book/>", "XML"),
        ] {
            assert!(by_markup(text).unwrap().what.contains(what), "{text}");
        }
        assert_eq!(by_markup("The tag <tmx> opens a memory."), None);
        assert_eq!(by_markup("<b>Bold</b> words."), None);
    }
}
