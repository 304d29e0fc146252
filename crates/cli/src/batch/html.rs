//! `report.html`: one file without anything from outside. The rows are data, which the page's own script puts into the
//! table as text: no byte of an input is ever read as markup, and the page's policy forbids every other script.
//!
//! Not here: what the page looks like and does (`report.css`, `report.js`).

use serde_json::{Value, json};

use super::record::Record;
use super::report::Report;
use crate::error::Error;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The page.
///
/// # Errors
/// None that can be expected: figures that are no JSON.
pub(crate) fn page(report: &Report<'_>) -> Result<String, Error> {
    let data = json!({
        "version": report.version,
        "created": report.created,
        "options": report.options,
        "totals": report.totals,
        "reasons": report.reasons,
        "confidence": report.confidence,
        "memories": report.memories.iter().map(|m| json!({"path": m.path, "href": href(&m.path), "written": m.written})).collect::<Vec<_>>(),
        "documents": report.documents.iter().map(|d| row(d)).collect::<Vec<_>>(),
        "alone": report.alone,
    });
    let policy = format!(
        "default-src 'none'; img-src data:; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&sha256(SCRIPT)),
        base64(&sha256(STYLE))
    );
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>Hexapla batch report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <noscript>This page needs JavaScript; report.tsv holds the same rows.</noscript>\n\
         <main id=\"main\"></main>\n\
         <script type=\"application/json\" id=\"data\">{}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        inert(&data.to_string())
    ))
}

fn row(d: &Record) -> Value {
    let least = |f: fn(&super::record::AlignmentRecord) -> f64| d.alignments.iter().map(f).reduce(f64::min);
    json!({
        "id": d.id,
        "status": d.status,
        "fault": d.fault,
        "quality": d.quality,
        "coverage": least(|a| a.coverage[0].min(a.coverage[1])),
        "segments": d.segments(),
        "beads": d.alignments.iter().map(|a| a.beads).sum::<usize>(),
        "doubtful": d.alignments.iter().map(|a| a.doubtful).sum::<usize>(),
        "texts": d.texts.iter().map(|t| json!({
            "path": t.path, "language": t.language, "looks": t.looks_like, "sure": t.sure, "segments": t.segments,
            "encoding": t.encoding, "bytes": t.bytes,
        })).collect::<Vec<_>>(),
        "alignments": d.alignments,
        "outputs": d.shown_outputs().map(|o| json!({"path": o.path, "href": href(&o.path), "written": o.written})).collect::<Vec<_>>(),
        "warnings": d.warnings,
    })
}

/// JSON that can stand in a script element: nothing in it ends the element or begins another.
fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

/// A relative link to a file: whatever is not plain is written `%XX`.
fn href(path: &str) -> String {
    let mut out = String::from("./");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn sha256(text: &str) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(text.as_bytes()).to_vec()
}

/// Base64 as RFC 4648, section 4, has it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for k in 0..4 {
            let letter = LETTERS[(n >> (18 - 6 * k)) as usize & 63];
            out.push(if k <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_data_is_markup() {
        let evil = "</script><img src=x onerror=alert(1)>&\u{2028}";
        let safe = inert(&json!(evil).to_string());
        assert!(!safe.contains(['<', '>', '&', '\u{2028}']));
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), evil);
    }

    #[test]
    fn links_and_hashes_are_written_right() {
        assert_eq!(href("aligned/a%0Ab ü?.tmx"), "./aligned/a%250Ab%20%C3%BC%3F.tmx");
        // The test vectors of RFC 4648, section 10.
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
