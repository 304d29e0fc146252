//! JSON Lines: an object a row.
//!
//! `{"texts":{"en":"…","ru":"…"},"segments":{"en":[0],"ru":[0,1]},"confidence":0.97,"mark":"path"}`; with several
//! versions also `"confidences":{"ru":0.97,"zh":0.91}`. A version that has nothing in a row has an empty text and no
//! segments.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::SerializeMap;

use super::{Options, Report, Table, mark};

/// Writes the rows of `table`.
///
/// # Errors
/// What the writer reports.
pub fn write(table: Table<'_>, options: &Options, mut out: impl Write) -> io::Result<Report> {
    let mut report = Report { files: 1, ..Report::default() };
    let labels: Vec<&str> = table.columns.iter().map(|c| c.label.as_str()).collect();
    for row in table.rows(options, &mut report) {
        let texts: Vec<_> = (0..labels.len()).map(|c| table.cell(row, c)).collect();
        let confidences: Vec<f64> = row.confidence.iter().skip(1).map(|c| rounded(*c)).collect();
        let line = Line {
            texts: Pairs(&labels, &texts),
            segments: Pairs(&labels, &row.cells),
            confidence: rounded(super::confidence(row)),
            confidences: (labels.len() > 2).then_some(Pairs(&labels[1..], &confidences)),
            mark: mark(row),
        };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(report)
}

#[derive(Serialize)]
struct Line<'a> {
    texts: Pairs<'a, std::borrow::Cow<'a, str>>,
    segments: Pairs<'a, Vec<u32>>,
    confidence: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidences: Option<Pairs<'a, f64>>,
    mark: &'a str,
}

/// A map in the order of the columns.
struct Pairs<'a, T>(&'a [&'a str], &'a [T]);

impl<T: Serialize> Serialize for Pairs<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in self.0.iter().zip(self.1) {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Four decimals: what a posterior is good for, and short.
fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use hexapla_core::Multitext;

    use super::super::tests::{alignment, columns, document};
    use super::*;

    #[test]
    fn a_row_is_an_object() {
        let (s, a, b) =
            (document("en", &["One.", "“Q” \u{1}."]), document("ru", &["Раз.", "Д."]), document("zh", &["一"]));
        let (to_a, to_b) = (alignment(&[(&[0], &[0], 0.9), (&[1], &[1], 0.8)]), alignment(&[(&[0], &[0], 0.25)]));
        let m = Multitext::join(&s, &[(&a, &to_a), (&b, &to_b)]);
        let mut out = Vec::new();
        write(Table { multitext: &m, columns: &columns(&["en", "ru", "zh"]) }, &Options::default(), &mut out).unwrap();
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[0]["texts"]["zh"], "一");
        assert_eq!(lines[0]["confidence"], 0.25);
        assert_eq!(lines[0]["confidences"]["ru"], 0.9);
        assert_eq!(lines[1]["texts"]["en"], "“Q” \u{1}.");
        assert_eq!(lines[1]["segments"]["zh"], serde_json::json!([]));
    }
}
