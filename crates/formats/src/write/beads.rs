//! Beads as text: `[0]:[1, 2]:0.97` a line, segments counted from 0, `[]` for none; then the confidence.

use std::io::{self, Write};

use super::{Options, Report, Table, shown};

/// Writes the beads of the source and the version in column 1. Nulls are always written.
///
/// # Errors
/// What the writer reports.
pub fn write(table: Table<'_>, options: &Options, mut out: impl Write) -> io::Result<Report> {
    let mut report = Report { files: 1, ..Report::default() };
    let options = Options { keep_unaligned: true, ..options.clone() };
    for row in table.rows(&options, &mut report) {
        writeln!(out, "{:?}:{:?}:{}", row.cells[0], row.cells[1], shown(super::confidence(row)))?;
    }
    out.flush()?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use hexapla_core::Multitext;

    use super::super::tests::{alignment, columns, document};
    use super::*;

    #[test]
    fn nulls_are_written_and_weak_beads_left_out() {
        let (s, t) = (document("en", &["a", "b", "c"]), document("ru", &["а", "б", "в"]));
        let beads = alignment(&[(&[0], &[0, 1], 0.97), (&[1], &[], 0.6), (&[2], &[2], 0.3)]);
        let m = Multitext::from_bitext(&s, &t, &beads);
        let table = Table { multitext: &m, columns: &columns(&["en", "ru"]) };
        let mut out = Vec::new();
        let report = write(table, &Options { min_confidence: 0.5, ..Options::default() }, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "[0]:[0, 1]:0.97\n[1]:[]:0.60\n");
        assert_eq!((report.written, report.below), (2, 1));
    }
}
