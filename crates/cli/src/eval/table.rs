//! The table of scores, for people.

use std::io::{self, Write};

use hexapla_core::calibration::Calibration;
use hexapla_core::evaluate::{Counts, Scores};

/// Scores of one set.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Row {
    pub(crate) set: String,
    pub(crate) documents: usize,
    #[serde(flatten)]
    pub(crate) scores: Scores,
}

impl Row {
    /// The measure that counts for this set: keyed where there are keys, strict elsewhere.
    pub(crate) fn main(&self) -> (&'static str, Counts) {
        match self.scores.keyed {
            Some(k) => ("keyed", k),
            None => ("strict", self.scores.strict),
        }
    }
}

/// Prints a row a set and the total.
pub(crate) fn print(rows: &[Row], total: &Row, out: &mut impl Write) -> io::Result<()> {
    let width = rows.iter().map(|r| r.set.chars().count()).max().unwrap_or(0).max(5);
    writeln!(out, "{:width$}  docs  strict P      R     F1  lax P      R     F1  keyed P      R     F1", "set")?;
    for row in rows {
        line(row, width, out)?;
    }
    if rows.len() > 1 {
        line(total, width, out)?;
        means(rows, out)?;
    }
    Ok(())
}

/// Prints a row a tenth of confidence, and the expected calibration error.
pub(crate) fn calibration(calibration: &Calibration, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\nconfidence  beads  stated  right (strict, sets without keys)")?;
    for (k, t) in calibration.tenths.iter().enumerate().filter(|(_, t)| t.beads > 0) {
        let (from, to) = (k as f64 / 10.0, (k + 1) as f64 / 10.0);
        writeln!(out, "{from:.1} to {to:.1}  {:>5}  {:.3}   {:.3}", t.beads, t.stated(), t.observed())?;
    }
    writeln!(out, "expected calibration error {:.4}", calibration.expected_error())
}

fn line(row: &Row, width: usize, out: &mut impl Write) -> io::Result<()> {
    let three = |c: &Counts| format!("{:.4} {:.4} {:.4}", c.precision(), c.recall(), c.f1());
    let keyed = row.scores.keyed.as_ref().map_or_else(|| "     –      –      –".to_owned(), three);
    writeln!(
        out,
        "{:width$}  {:>4}    {} {}   {keyed}",
        row.set,
        row.documents,
        three(&row.scores.strict),
        three(&row.scores.lax)
    )
}

/// Averages over sets of F1, which a sum over documents hides.
fn means(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    for (what, keyed) in [("strict, sets without keys", false), ("keyed, sets with keys", true)] {
        let f1: Vec<f64> = rows.iter().filter(|r| r.scores.keyed.is_some() == keyed).map(|r| r.main().1.f1()).collect();
        if !f1.is_empty() {
            writeln!(out, "mean F1 ({what}): {:.4} over {} sets", f1.iter().sum::<f64>() / f1.len() as f64, f1.len())?;
        }
    }
    Ok(())
}
