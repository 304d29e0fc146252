//! Rows of many documents become one memory, without holding their texts: the rows lie in files ([`Part`], as
//! `super::super::jsonl` writes them), what is held is where each begins, a few numbers a unit. Equal and contradicting
//! units are found across all documents, as in a single one.
//!
//! Not here: which documents belong together, and the rows themselves.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use hexapla_core::{Document, Language, Mark, Multitext, Row, Segment, Span};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::super::xml::clean;
use super::super::{Column, Report, Table, duplicates};
use super::{Beads, Duplicates, TmxOptions, Unit, element, put};

/// The rows of one document.
#[derive(Clone, Debug)]
pub struct Part {
    /// What the document is called in the memory.
    pub document: String,
    /// A file with its rows, as `jsonl` writes them for two columns.
    pub path: PathBuf,
}

/// Where a unit's row lies, and what is needed of it again and again.
struct Place {
    part: u32,
    length: u32,
    offset: u64,
    confidence: f32,
}

/// A row as `jsonl` writes it.
#[derive(serde::Deserialize)]
struct Line {
    texts: Ordered<String>,
    segments: Ordered<Vec<u32>>,
    confidence: f32,
    #[serde(default)]
    mark: Mark,
}

/// The values of a map, in the order in which they stand: the source's comes first.
struct Ordered<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Values<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of two columns")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
                let mut out = Vec::with_capacity(2);
                while let Some((_, value)) = map.next_entry::<serde::de::IgnoredAny, T>()? {
                    out.push(value);
                }
                Ok(out)
            }
        }
        deserializer.deserialize_map(Values(std::marker::PhantomData)).map(Self)
    }
}

/// Writes the rows of `parts`, in their order, as one memory with the columns `columns` (source, version).
///
/// Confidence and unaligned rows were decided on when the rows were written; [`TmxOptions::beads`],
/// [`TmxOptions::duplicates`] and [`TmxOptions::split`] apply here. Every unit tells its document (`x-document`).
///
/// # Errors
/// What `open` and the writers report; [`io::ErrorKind::InvalidData`] for a file that is not of such rows.
pub fn merge<W: Write, E: From<io::Error>>(
    parts: &[Part],
    columns: &[Column; 2],
    options: &TmxOptions,
    open: impl FnMut(usize) -> Result<W, E>,
) -> Result<Report, E> {
    let mut report = Report::default();
    let places = places(parts, options, &mut report)?;
    let count = places.len() as u32;
    // The closures of the plan cannot fail: the first error is kept, and reported behind it.
    let reader = std::cell::RefCell::new(Reader { parts, open: None });
    let failed = std::cell::RefCell::new(None);
    let text = |unit: u32, column: usize| match reader.borrow_mut().line(&places[unit as usize]) {
        Ok(line) => clean(line.texts.0[column].as_str().into()).0.into_owned(),
        Err(e) => {
            failed.borrow_mut().get_or_insert(e);
            String::new()
        }
    };
    let order: Vec<u32> = if options.duplicates == Duplicates::Keep {
        (0..count).collect()
    } else {
        let plan = duplicates::plan(count, |u| text(u, 0), |u| text(u, 1), |u| places[u as usize].confidence);
        (report.repeated, report.conflicts, report.conflict_examples) = (plan.repeated, plan.conflicts, plan.examples);
        plan.order
    };
    if let Some(error) = failed.take() {
        return Err(error.into());
    }
    let mut reader = reader.into_inner();
    let empty = Multitext { documents: Vec::new(), rows: Vec::new() };
    let head = element::head(Table { multitext: &empty, columns }, options)?;
    let unit = |number: u32, out: &mut Vec<u8>, report: &mut Report| {
        let place = &places[number as usize];
        let line = reader.line(place)?;
        let documents = [single(&line.texts.0[0])?, single(&line.texts.0[1])?];
        let row = Row { cells: vec![vec![0], vec![0]], confidence: vec![1.0, line.confidence], mark: line.mark };
        let multitext = Multitext { documents: documents.iter().collect(), rows: Vec::new() };
        let document = &parts[place.part as usize].document;
        let unit = Unit { number: number as usize, row: &row, versions: vec![1], document };
        Ok(element::unit(Table { multitext: &multitext, columns }, options, &unit, out, report)?)
    };
    put(&head, &order, options, report, unit, open)
}

/// A document of one segment: all of `text`.
fn single(text: &str) -> io::Result<Document> {
    let end = text.len() as u32;
    let segment = Segment { content: Span::new(0, end), end, ..Segment::default() };
    Document::new(text.to_owned(), Language::und(), vec![segment]).map_err(io::Error::other)
}

/// Finds the rows that become units.
fn places(parts: &[Part], options: &TmxOptions, report: &mut Report) -> io::Result<Vec<Place>> {
    let mut out = Vec::new();
    let mut bytes = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let mut file = BufReader::new(File::open(&part.path).map_err(|e| named(part, e))?);
        let mut offset = 0u64;
        loop {
            bytes.clear();
            let length = file.read_until(b'\n', &mut bytes).map_err(|e| named(part, e))?;
            if length == 0 {
                break;
            }
            let line = parse(part, &bytes)?;
            let place = Place { part: number as u32, length: length as u32, offset, confidence: line.confidence };
            offset += length as u64;
            let one = |column: usize| line.segments.0[column].len() == 1;
            let wanted = match options.beads {
                Beads::All => true,
                Beads::OneSource => one(0),
                Beads::OneToOne => one(0) && one(1),
            };
            let full = |column: usize| !clean(line.texts.0[column].as_str().into()).0.is_empty();
            if line.segments.0.iter().any(Vec::is_empty) {
                report.unaligned += 1;
            } else if !wanted {
                report.unwanted += 1;
            } else if !full(0) || !full(1) {
                report.emptied += 1;
            } else {
                out.push(place);
            }
        }
    }
    Ok(out)
}

fn parse(part: &Part, bytes: &[u8]) -> io::Result<Line> {
    let line: Line = serde_json::from_slice(bytes).map_err(|e| named(part, e.into()))?;
    if line.texts.0.len() == 2 && line.segments.0.len() == 2 {
        Ok(line)
    } else {
        Err(named(part, io::Error::new(io::ErrorKind::InvalidData, "a row that has not two columns")))
    }
}

fn named(part: &Part, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", part.path.display()))
}

/// Reads rows again; neighbours come from one open file.
struct Reader<'a> {
    parts: &'a [Part],
    open: Option<(u32, BufReader<File>, u64)>,
}

impl Reader<'_> {
    fn line(&mut self, place: &Place) -> io::Result<Line> {
        let part = &self.parts[place.part as usize];
        let (file, at) = match &mut self.open {
            Some((number, file, at)) if *number == place.part => (file, at),
            other => {
                let file = File::open(&part.path).map_err(|e| named(part, e))?;
                let (_, file, at) = other.insert((place.part, BufReader::new(file), 0));
                (file, at)
            }
        };
        if *at != place.offset {
            file.seek(SeekFrom::Start(place.offset)).map_err(|e| named(part, e))?;
        }
        let mut bytes = vec![0; place.length as usize];
        file.read_exact(&mut bytes).map_err(|e| named(part, e))?;
        *at = place.offset + u64::from(place.length);
        parse(part, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{alignment, columns, document};
    use super::super::super::{Options, jsonl};
    use super::*;

    fn part(folder: &std::path::Path, name: &str, source: &[&str], target: &[&str]) -> Part {
        let (s, t) = (document("en", source), document("ru", target));
        let beads: Vec<_> = (0..source.len() as u32).map(|k| ([k], [k])).collect();
        let beads: Vec<(&[u32], &[u32], f32)> = beads.iter().map(|(a, b)| (&a[..], &b[..], 0.9)).collect();
        let alignment = alignment(&beads);
        let multitext = Multitext::from_bitext(&s, &t, &alignment);
        let path = folder.join(name);
        let table = Table { multitext: &multitext, columns: &columns(&["en", "ru"]) };
        jsonl::write(table, &Options::default(), File::create(&path).unwrap()).unwrap();
        Part { document: name.into(), path }
    }

    fn merged(parts: &[Part], options: &TmxOptions) -> (Report, Vec<String>) {
        let columns: [Column; 2] = columns(&["en", "ru"]).try_into().unwrap();
        let mut files: Vec<std::rc::Rc<std::cell::RefCell<Vec<u8>>>> = Vec::new();
        struct Shared(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.borrow_mut().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let report = merge::<_, io::Error>(parts, &columns, options, |_| {
            files.push(Default::default());
            Ok(Shared(files.last().unwrap().clone()))
        });
        let texts = files.iter().map(|f| String::from_utf8(f.borrow().clone()).unwrap());
        (report.unwrap(), texts.collect())
    }

    #[test]
    fn equal_units_of_several_documents_are_written_once_and_the_best_comes_last() {
        let folder = tempfile::tempdir().unwrap();
        let parts = [
            part(folder.path(), "a", &["Yes.", "One & \u{2028}two.", "Hi."], &["Да.", "Раз.", "Привет."]),
            part(folder.path(), "b", &["Hi.", "Hi.", "Yes."], &["Здравствуйте.", "Здравствуйте.", "Да."]),
        ];
        let (report, files) = merged(&parts, &TmxOptions::default());
        assert_eq!((report.written, report.repeated, report.conflicts), (4, 2, 1));
        let segs: Vec<&str> = files[0].split("<seg>").skip(1).map(|s| s.split("</seg>").next().unwrap()).collect();
        let source: Vec<&str> = segs.chunks(2).map(|c| c[0]).collect();
        assert_eq!(source, ["Yes.", "One &amp; \u{2028}two.", "Hi.", "Hi."]);
        assert_eq!((segs[5], segs[7]), ("Привет.", "Здравствуйте."));
        assert!(files[0].contains("<prop type=\"x-document\">b</prop>"), "{}", files[0]);
        let (report, _) = merged(&parts, &TmxOptions { duplicates: Duplicates::Keep, ..TmxOptions::default() });
        assert_eq!(report.written, 6);
        let (report, files) = merged(&parts, &TmxOptions { split: Some(900), ..TmxOptions::default() });
        assert!(report.files > 1 && files.len() == report.files);
        assert!(files.iter().all(|f| f.starts_with("<?xml") && f.ends_with("</tmx>\n")));
    }

    #[test]
    fn a_file_that_holds_no_rows_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        std::fs::write(&path, "{\"texts\":{\"en\":\"A\"},\"segments\":{\"en\":[0]},\"confidence\":1}\n").unwrap();
        let columns: [Column; 2] = columns(&["en", "ru"]).try_into().unwrap();
        let made = merge::<Vec<u8>, io::Error>(
            &[Part { document: "x".into(), path }],
            &columns,
            &TmxOptions::default(),
            |_| Ok(Vec::new()),
        );
        let error = made.unwrap_err().to_string();
        assert!(error.contains("x.jsonl: a row that has not two columns"), "{error}");
    }
}
