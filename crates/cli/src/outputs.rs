//! Which files are written for the named outputs, what their columns are called, and writing them: all become visible
//! together, when all are whole.
//!
//! | asked | one version | several versions | several versions, `--multi` |
//! | --- | --- | --- | --- |
//! | `out.tmx` | `out.tmx` | `out.en-ru.tmx`, `out.en-zh.tmx` | `out.tmx` |
//!
//! Where a version has the language of the source or of another version, its file also carries the version's name:
//! `out.en-en.retranslated.tmx`. A multilingual memory has every language once (readers take one variant a language),
//! so such versions get a file of their own there, too. Beads are pairs: a file for each version always.

use std::path::{Path, PathBuf};

use hexapla_core::{Alignment, Multitext};
use hexapla_formats::output::Outputs;
use hexapla_formats::write::{Column, Format, Report, Table, beads, jsonl, tmx, tsv};

use crate::error::Error;
use crate::job::{self, Job, Target};
use crate::names;
use crate::texts::Version;

/// A file to be written: `columns` are indices of texts, the source (0) first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    pub(crate) columns: Vec<usize>,
}

/// A file that was written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) format: Format,
    pub(crate) report: Report,
}

/// The names of all texts: the source's is empty, the versions' are distinct.
fn version_names(texts: &[Version]) -> Vec<String> {
    let mut out = vec![String::new()];
    for (k, text) in texts.iter().enumerate().skip(1) {
        let name = names::version(&texts[0].name, &text.name, k, &out);
        out.push(name);
    }
    out
}

/// Plans the files for `targets`; `check` as [`job::check_outputs`] has it.
///
/// # Errors
/// [`Error::OutputTwice`], [`Error::OutputIsInput`] for a name that is made from the languages; those of `check`.
pub(crate) fn plan(
    job: &Job,
    texts: &[Version],
    check: impl Fn(&Path) -> Result<(), hexapla_formats::Error>,
) -> Result<Vec<Planned>, Error> {
    let names = version_names(texts);
    let tag = |k: usize| texts[k].document.language().as_str();
    // Versions whose language tells them apart from all other texts.
    let alone = |k: usize| (0..texts.len()).all(|other| other == k || tag(other) != tag(k));
    let mut out = Vec::new();
    for Target { path, format } in &job.targets {
        let pair = |k: usize| {
            let label =
                if alone(k) { format!("{}-{}", tag(0), tag(k)) } else { format!("{}-{}.{}", tag(0), tag(k), names[k]) };
            Planned { path: labelled(path, &label), format: *format, columns: vec![0, k] }
        };
        let all = || 1..texts.len();
        if texts.len() == 2 {
            out.push(Planned { path: path.clone(), format: *format, columns: vec![0, 1] });
        } else if !job.multi || *format == Format::Beads {
            out.extend(all().map(pair));
        } else if *format == Format::Tmx {
            let first = |k: &usize| (0..*k).all(|before| tag(before) != tag(*k));
            let together: Vec<usize> = std::iter::once(0).chain(all().filter(first)).collect();
            if together.len() > 1 {
                out.push(Planned { path: path.clone(), format: *format, columns: together });
            }
            out.extend(all().filter(|k| !first(k)).map(pair));
        } else {
            out.push(Planned { path: path.clone(), format: *format, columns: (0..texts.len()).collect() });
        }
    }
    let mut paths: Vec<PathBuf> = out.iter().map(|p| p.path.clone()).collect();
    if job.tmx.rows.keep_unaligned {
        paths.extend(out.iter().filter(|p| p.format == Format::Tmx).map(|p| unaligned(&p.path)));
    }
    job::check_outputs(paths.iter().map(PathBuf::as_path), &job.inputs, check)?;
    Ok(out)
}

/// Where what is left out of the memory `path` is written.
fn unaligned(path: &Path) -> PathBuf {
    path.with_extension("unaligned.tsv")
}

/// `out.en-ru.tmx` of `out.tmx`.
fn labelled(path: &Path, label: &str) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(label);
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Columns of the texts `indices`. A version that shares its language with any text is labelled with its name as
/// well; only where it shares it with a text of the same file must its code differ, too.
fn columns(texts: &[Version], indices: &[usize]) -> Vec<Column> {
    let names = version_names(texts);
    let tag = |k: usize| texts[k].document.language().as_str();
    let column = |&k: &usize| {
        let same = |other: usize| other != k && tag(other) == tag(k);
        let file = texts[k].path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let plain = tag(k).to_owned();
        let label = if k > 0 && (0..texts.len()).any(same) { format!("{plain}:{}", names[k]) } else { plain.clone() };
        let code = if k > 0 && indices.iter().any(|&other| same(other)) {
            format!("{plain}-x-{}", private(&names[k]))
        } else {
            plain
        };
        Column { label, code, file }
    };
    indices.iter().map(column).collect()
}

/// A private-use subtag (RFC 5646, section 2.2.7) made of a version's name: at most eight ASCII letters and digits.
fn private(name: &str) -> String {
    let subtag: String =
        name.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>().to_ascii_lowercase();
    if subtag.is_empty() { "version".into() } else { subtag }
}

/// Writes all planned files.
///
/// # Errors
/// The first file that cannot be written; then none appears.
pub(crate) fn write(
    job: &Job,
    planned: &[Planned],
    texts: &[Version],
    alignments: &[Alignment],
) -> Result<Vec<Written>, Error> {
    let mut outputs = Outputs::new();
    let mut written = Vec::new();
    for file in planned {
        let columns = columns(texts, &file.columns);
        let multitext = joined(texts, alignments, &file.columns);
        let table = Table { multitext: &multitext, columns: &columns };
        written.extend(write_file(job, file, table, &mut outputs)?);
    }
    outputs.publish()?;
    Ok(written)
}

/// The rows of all versions side by side, as JSON lines in memory.
///
/// # Errors
/// None that can be expected: figures that are no JSON.
pub(crate) fn rows(job: &Job, texts: &[Version], alignments: &[Alignment]) -> Result<Vec<u8>, Error> {
    let all: Vec<usize> = (0..texts.len()).collect();
    let (columns, multitext) = (columns(texts, &all), joined(texts, alignments, &all));
    let mut out = Vec::new();
    jsonl::write(Table { multitext: &multitext, columns: &columns }, &job.tmx.rows, &mut out)?;
    Ok(out)
}

/// The rows of the texts `indices`, the source (0) first.
fn joined<'a>(texts: &'a [Version], alignments: &[Alignment], indices: &[usize]) -> Multitext<'a> {
    let source = &texts[0].document;
    let versions: Vec<_> = indices[1..].iter().map(|&k| (&texts[k].document, &alignments[k - 1])).collect();
    match versions.as_slice() {
        [(document, alignment)] => Multitext::from_bitext(source, document, alignment),
        several => Multitext::join(source, several),
    }
}

fn write_file(job: &Job, file: &Planned, table: Table<'_>, outputs: &mut Outputs) -> Result<Vec<Written>, Error> {
    let (path, rows) = (&file.path, &job.tmx.rows);
    let done = |report| Written { paths: vec![path.clone()], format: file.format, report };
    // A failure while writing names the file.
    let named = |source| Error::File(hexapla_formats::Error::Write { path: path.clone(), source });
    Ok(match file.format {
        Format::Tsv => vec![done(tsv::write(table, rows, outputs.create(path)?).map_err(named)?)],
        Format::Jsonl => vec![done(jsonl::write(table, rows, outputs.create(path)?).map_err(named)?)],
        Format::Beads => vec![done(beads::write(table, rows, outputs.create(path)?).map_err(named)?)],
        Format::Tmx => write_memory(job, path, table, outputs)?,
    })
}

fn write_memory(job: &Job, path: &Path, table: Table<'_>, outputs: &mut Outputs) -> Result<Vec<Written>, Error> {
    let numbered = |part: usize| labelled(path, &(part + 1).to_string());
    let name = |part: usize| if part == 0 { path.to_owned() } else { numbered(part) };
    let named = |error| match error {
        Error::Io(source) => Error::File(hexapla_formats::Error::Write { path: path.to_owned(), source }),
        other => other,
    };
    let made = tmx::write(table, &job.tmx, |part| outputs.create(&name(part)).map_err(Error::from));
    let report = made.map_err(named)?;
    let paths = if report.files > 1 {
        outputs.rename(path, &numbered(0));
        (0..report.files).map(numbered).collect()
    } else {
        vec![path.to_owned()]
    };
    let mut out = vec![Written { paths, format: Format::Tmx, report }];
    if job.tmx.rows.keep_unaligned {
        let path = unaligned(path);
        let named = |source| Error::File(hexapla_formats::Error::Write { path: path.clone(), source });
        let report = tsv::write_unaligned(table, outputs.create(&path)?).map_err(named)?;
        out.push(Written { paths: vec![path], format: Format::Tsv, report });
    }
    Ok(out)
}
