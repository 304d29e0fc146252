//! Tab-separated values: a header, then a row a line.
//!
//! Columns: the text of every version, then the segments of every version (`0 1 2`, counted from 0), then
//! `confidence` and `mark`. In texts, a tab, line feed, carriage return and backslash are written `\t`, `\n`, `\r`
//! and `\\`; nothing is quoted, and no other character is changed.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Options, Report, Table, mark, shown};

/// Writes the rows of `table`.
///
/// # Errors
/// What the writer reports.
pub fn write(table: Table<'_>, options: &Options, mut out: impl Write) -> io::Result<Report> {
    let mut report = Report { files: 1, ..Report::default() };
    for column in table.columns {
        write!(out, "{}\t", escape(&column.label))?;
    }
    for column in table.columns {
        write!(out, "{}.segments\t", escape(&column.label))?;
    }
    writeln!(out, "confidence\tmark")?;
    for row in table.rows(options, &mut report) {
        for column in 0..table.columns.len() {
            write!(out, "{}\t", escape(&table.cell(row, column)))?;
        }
        for cell in &row.cells {
            write!(out, "{}\t", numbers(cell))?;
        }
        writeln!(out, "{}\t{}", shown(super::confidence(row)), mark(row))?;
    }
    out.flush()?;
    Ok(report)
}

/// Writes what stands in no link: `version`, `segments`, `text`, `confidence` (that nothing answers it).
///
/// # Errors
/// What the writer reports.
pub fn write_unaligned(table: Table<'_>, mut out: impl Write) -> io::Result<Report> {
    let mut report = Report { files: 1, ..Report::default() };
    writeln!(out, "version\tsegments\ttext\tconfidence")?;
    for row in table.multitext.rows.iter().filter(|r| !Table::is_linked(r)) {
        for (column, cell) in row.cells.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
            let (label, text) = (escape(&table.columns[column].label), table.cell(row, column));
            writeln!(out, "{label}\t{}\t{}\t{}", numbers(cell), escape(&text), shown(super::confidence(row)))?;
            report.written += 1;
        }
    }
    out.flush()?;
    Ok(report)
}

fn numbers(cell: &[u32]) -> String {
    cell.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\t', '\n', '\r', '\\']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use hexapla_core::Multitext;

    use super::super::tests::{alignment, columns, document};
    use super::*;

    #[test]
    fn rows_have_texts_segments_confidence_and_mark() {
        let (s, t) = (document("en", &["A\tb \\ c.", "Two.", "Alone."]), document("ru", &["А.", "Два."]));
        let beads = alignment(&[(&[0, 1], &[0, 1], 0.5), (&[2], &[], 0.75)]);
        let m = Multitext::from_bitext(&s, &t, &beads);
        let table = Table { multitext: &m, columns: &columns(&["en", "ru"]) };
        let written = |options: &Options| {
            let mut out = Vec::new();
            let report = write(table, options, &mut out).unwrap();
            (String::from_utf8(out).unwrap(), report)
        };
        let (text, report) = written(&Options::default());
        assert_eq!(
            text,
            "en\tru\ten.segments\tru.segments\tconfidence\tmark\n\
             A\\tb \\\\ c. Two.\tА. Два.\t0 1\t0 1\t0.50\tpath\n"
        );
        assert_eq!((report.written, report.unaligned), (1, 1));
        let (text, _) = written(&Options { keep_unaligned: true, ..Options::default() });
        assert!(text.ends_with("Alone.\t\t2\t\t0.75\tpath\n"), "{text}");
        let mut out = Vec::new();
        write_unaligned(table, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "version\tsegments\ttext\tconfidence\nen\t2\tAlone.\t0.75\n");
    }
}
