//! TMX 1.4, as CAT tools load it.
//!
//! The rules behind every choice here were measured on seven readers; the ones that shape the code:
//!
//! - the header has all seven attributes, `version` is exactly `1.4`, the source language is a real code;
//! - in a unit, `note` and `prop` come before `tuv`, and own `prop` types begin with `x-`;
//! - a `seg` holds the bare text, without white space around it, and is never empty;
//! - of equal units one is written; of contradicting ones the best comes last ([`Duplicates`]);
//! - a header that says `paragraph` lets OmegaT cut units again by its own rules, so that beads of several sentences
//!   match as well ([`Segtype`]).
//!
//! Which units are written, and in which order, is decided here; what an element looks like, in `element`; which
//! characters XML allows, in `xml`. Not here: several versions in one language (the caller makes a memory for each).

use std::io::{self, Write};

use hexapla_core::Row;
use serde::{Deserialize, Serialize};

use super::xml::clean;
use super::{Options, Report, Table, duplicates};
use crate::Error;

pub use merge::{Part, merge};

mod element;
mod merge;
#[cfg(test)]
mod tests;

/// What the header says a unit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Segtype {
    /// A unit may hold several sentences, and a tool may cut it again. The default: it gives the most matches.
    #[default]
    Paragraph,
    /// A unit is a sentence.
    Sentence,
}

impl Segtype {
    fn name(self) -> &'static str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Sentence => "sentence",
        }
    }
}

/// Which beads become units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beads {
    /// All that have text in the source and in a version. The default: it gives the most matches.
    #[default]
    All,
    /// Those of one source segment.
    OneSource,
    /// Those of one segment in every version.
    OneToOne,
}

/// What becomes of units with the same source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// Equal units are written once, contradicting ones so that the best comes last. The default.
    #[default]
    Merge,
    /// All are written, in the order of the text.
    Keep,
}

/// Options of [`write()`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TmxOptions {
    /// Which rows are written; [`Options::keep_unaligned`] has no effect, since a `seg` is never empty.
    pub rows: Options,
    /// What the header says a unit is.
    pub segtype: Segtype,
    /// Which beads become units.
    pub beads: Beads,
    /// What becomes of units with the same source text.
    pub duplicates: Duplicates,
    /// Largest size of a file in bytes; a new part begins where it would be passed. A single unit is never cut.
    pub split: Option<u64>,
    /// Date of creation as [`stamp`] writes it; none is written where it is empty.
    pub created: String,
}

/// A date as TMX wants it, `YYYYMMDDThhmmssZ`; `seconds` since 1970, or now.
///
/// # Errors
/// [`Error::BadDate`] outside the years 0 to 9999.
pub fn stamp(seconds: Option<i64>) -> Result<String, Error> {
    let at = match seconds {
        None => jiff::Timestamp::now(),
        Some(seconds) => jiff::Timestamp::from_second(seconds).map_err(|_| Error::BadDate { seconds })?,
    };
    let year_is_short = (0..=9999).contains(&at.to_zoned(jiff::tz::TimeZone::UTC).year());
    if !year_is_short {
        return Err(Error::BadDate { seconds: at.as_second() });
    }
    Ok(at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// Writes the memory of `table`: its first column is the source, every other column becomes a `tuv`.
///
/// `open` gives the file of part 0, 1, …; without [`TmxOptions::split`] there is one part only.
///
/// # Errors
/// What `open` and the writers report.
pub fn write<W: Write, E: From<io::Error>>(
    table: Table<'_>,
    options: &TmxOptions,
    open: impl FnMut(usize) -> Result<W, E>,
) -> Result<Report, E> {
    let mut report = Report::default();
    let units = select(table, options, &mut report);
    let order = order(table, options, &units, &mut report);
    let head = element::head(table, options)?;
    let unit = |number: u32, unit: &mut Vec<u8>, report: &mut Report| {
        Ok(element::unit(table, options, &units[number as usize], unit, report)?)
    };
    put(&head, &order, options, report, unit, open)
}

/// Writes `head`, the units of `order` as `make` gives them, and what closes them; counts in `report`.
fn put<W: Write, E: From<io::Error>>(
    head: &[u8],
    order: &[u32],
    options: &TmxOptions,
    mut report: Report,
    mut make: impl FnMut(u32, &mut Vec<u8>, &mut Report) -> Result<(), E>,
    mut open: impl FnMut(usize) -> Result<W, E>,
) -> Result<Report, E> {
    let (mut part, mut size, mut unit) = (open(0)?, head.len() + FOOT.len(), Vec::new());
    part.write_all(head)?;
    report.files = 1;
    for &number in order {
        unit.clear();
        make(number, &mut unit, &mut report)?;
        let full = options.split.is_some_and(|limit| (size + unit.len()) as u64 > limit);
        if full && size > head.len() + FOOT.len() {
            part.write_all(FOOT)?;
            part.flush()?;
            part = open(report.files)?;
            part.write_all(head)?;
            size = head.len() + FOOT.len();
            report.files += 1;
        }
        part.write_all(&unit)?;
        size += unit.len();
        report.written += 1;
    }
    part.write_all(FOOT)?;
    part.flush()?;
    Ok(report)
}

/// What closes a part.
const FOOT: &[u8] = b"</body>\n</tmx>\n";

/// A row that becomes a unit, and the versions that stand in it.
struct Unit<'a> {
    number: usize,
    row: &'a Row,
    versions: Vec<usize>,
    /// Name of the document in a memory of several; empty in others.
    document: &'a str,
}

impl Unit<'_> {
    fn confidence(&self) -> f32 {
        self.versions.iter().map(|v| self.row.confidence[*v]).fold(1.0, f32::min)
    }
}

fn select<'a>(table: Table<'a>, options: &TmxOptions, report: &mut Report) -> Vec<Unit<'a>> {
    let mut units = Vec::new();
    for (number, row) in table.multitext.rows.iter().enumerate() {
        let linked = |v: &usize| !row.cells[0].is_empty() && !row.cells[*v].is_empty();
        let mut versions: Vec<usize> = (1..row.cells.len()).filter(linked).collect();
        if versions.is_empty() {
            report.unaligned += 1;
            continue;
        }
        versions.retain(|v| row.confidence[*v] >= options.rows.min_confidence);
        if versions.is_empty() {
            report.below += 1;
            continue;
        }
        let one_source = row.cells[0].len() == 1;
        let wanted = match options.beads {
            Beads::All => true,
            Beads::OneSource => one_source,
            Beads::OneToOne => one_source && versions.iter().all(|v| row.cells[*v].len() == 1),
        };
        if !wanted {
            report.unwanted += 1;
            continue;
        }
        let full = |column: usize| !clean(table.cell(row, column)).0.is_empty();
        versions.retain(|v| full(*v));
        if versions.is_empty() || !full(0) {
            report.emptied += 1;
            continue;
        }
        units.push(Unit { number, row, versions, document: "" });
    }
    units
}

fn order(table: Table<'_>, options: &TmxOptions, units: &[Unit<'_>], report: &mut Report) -> Vec<u32> {
    let count = units.len() as u32;
    if options.duplicates == Duplicates::Keep {
        return (0..count).collect();
    }
    let text = |u: u32, column| clean(table.cell(units[u as usize].row, column)).0.into_owned();
    let translations = |u: u32| {
        let parts = units[u as usize].versions.iter().map(|v| format!("{v}\0{}", text(u, *v)));
        parts.collect::<Vec<_>>().join("\0")
    };
    let plan = duplicates::plan(count, |u| text(u, 0), translations, |u| units[u as usize].confidence());
    report.repeated = plan.repeated;
    report.conflicts = plan.conflicts;
    report.conflict_examples = plan.examples;
    plan.order
}
