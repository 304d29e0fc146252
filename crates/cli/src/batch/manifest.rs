//! Manifests: a table or JSON lines become entries. A wrong line becomes an entry with its fault, so that one mistake
//! does not stop a night's work; a file that is no manifest at all is an error.
//!
//! Table (`.tsv`): a header names the columns `source`, `version` (`version.2`, …: any name that begins so), and, if
//! wanted, `id`, `langs` (`en,ru`) and `options` (`segmentation=line min-confidence=0.5`). Cells may hold `\t`, `\n` and
//! `\\`. JSON lines (`.jsonl`): an object a line, see [`Line`]. In both, empty lines and lines that begin with `#` are
//! passed over, and paths are relative to the manifest's folder.
//!
//! Not here: whether files exist (`work`).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use hexapla_core::Language;
use serde::Deserialize;
use serde_json::Value;

use super::entry::{Entry, Input, Own, Side};
use super::reason::{Fault, Reason};
use crate::error::Error;
use crate::names;

/// An object of JSON lines: of a manifest, or of a stream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// Name of the document; a string or a number.
    #[serde(default)]
    pub(crate) id: Value,
    source: Text,
    versions: Vec<Text>,
    #[serde(default)]
    options: serde_json::Map<String, Value>,
}

/// A text: a path, or an object.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Text {
    Path(String),
    Object(Object),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

/// Where texts may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From<'a> {
    /// Files, relative to a folder.
    Files(&'a Path),
    /// The line itself.
    Inline,
}

impl Line {
    /// The entry that the line asks for; its id is empty where the line has none.
    ///
    /// # Errors
    /// What is wrong with the line, in words.
    pub(crate) fn entry(self, from: From<'_>) -> Result<Entry, String> {
        let id = id_of(&self.id)?;
        if self.versions.is_empty() {
            return Err("\"versions\" is empty; name at least one version".into());
        }
        let own = match from {
            From::Files(folder) => Own::of_json(&self.options)?.within(folder),
            From::Inline if self.options.contains_key("anchors") => {
                return Err("\"anchors\" name a file; a job has none".into());
            }
            From::Inline => Own::of_json(&self.options)?,
        };
        let mut sides = Vec::new();
        for (k, text) in std::iter::once(self.source).chain(self.versions).enumerate() {
            sides.push(text.side(k, from)?);
        }
        Ok(Entry { id, sides, own, fault: None })
    }
}

/// An id as text; empty where there is none.
pub(crate) fn id_of(id: &Value) -> Result<String, String> {
    match id {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err("\"id\" is neither a string nor a number".into()),
    }
}

impl Text {
    fn side(self, number: usize, from: From<'_>) -> Result<Side, String> {
        let place = if number == 0 { "\"source\"".to_owned() } else { format!("version {number}") };
        let object = match self {
            Self::Path(path) => Object { path: Some(path), text: None, lang: None, name: None },
            Self::Object(object) => object,
        };
        let language = match object.lang.as_deref() {
            None | Some("" | "und") => None,
            Some(tag) => Some(Language::parse(tag).map_err(|e| format!("{place}: {e}"))?),
        };
        let input = match (object.path, object.text, from) {
            (Some(path), None, From::Files(folder)) if !path.is_empty() => Input::Path(folder.join(path)),
            (None, Some(text), From::Inline) => {
                let made = || if number == 0 { "source".to_owned() } else { format!("version{number}") };
                Input::Text { name: object.name.unwrap_or_else(made), text }
            }
            (_, _, From::Files(_)) => return Err(format!("{place} needs a \"path\" (and no \"text\")")),
            (_, _, From::Inline) => return Err(format!("{place} needs a \"text\" (and no \"path\")")),
        };
        Ok(Side { input, language })
    }
}

/// Reads the manifest at `path`.
///
/// # Errors
/// A file that cannot be read, that is neither a table nor JSON lines, or has no entry.
pub(crate) fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let unreadable = |source| Error::File(hexapla_formats::Error::Read { path: path.to_owned(), source });
    let wrong = |what: String| Error::Manifest { path: path.to_owned(), what };
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let lines = lines(BufReader::new(File::open(path).map_err(unreadable)?)).map_err(|e| match e.kind() {
        io::ErrorKind::InvalidData => wrong("it is not UTF-8; save it as UTF-8".into()),
        _ => unreadable(e),
    })?;
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut entries = match extension.as_str() {
        "tsv" | "tab" | "txt" => table(&lines, &folder).map_err(wrong)?,
        "jsonl" | "ndjson" | "json" => {
            lines.iter().map(|(number, line)| json(*number, line, &folder)).collect::<Vec<_>>()
        }
        _ => return Err(wrong("end its name in .tsv or .jsonl, so that it is clear what it is".into())),
    };
    if entries.is_empty() {
        return Err(wrong("there is no document in it".into()));
    }
    unique(&mut entries);
    Ok(entries)
}

/// Lines with their numbers, without those that say nothing.
fn lines(reader: impl BufRead) -> io::Result<Vec<(usize, String)>> {
    let mut out = Vec::new();
    for (k, line) in reader.lines().enumerate() {
        let mut line = line?;
        if k == 0 && line.starts_with('\u{feff}') {
            line.remove(0);
        }
        if !line.trim().is_empty() && !line.starts_with('#') {
            out.push((k + 1, line));
        }
    }
    Ok(out)
}

/// An entry that cannot be aligned, for line `number` is wrong.
fn bad(number: usize, id: String, what: String) -> Entry {
    let fault = Fault::new(Reason::BadEntry, format!("line {number} of the manifest: {what}"), "correct the line");
    Entry { id, fault: Some(fault), ..Entry::default() }
}

fn json(number: usize, line: &str, folder: &Path) -> Entry {
    match serde_json::from_str::<Line>(line) {
        Ok(parsed) => {
            let id = id_of(&parsed.id).unwrap_or_default();
            parsed.entry(From::Files(folder)).unwrap_or_else(|what| bad(number, id, what))
        }
        Err(e) => bad(number, String::new(), e.to_string()),
    }
}

/// What the header says.
struct Columns {
    id: Option<usize>,
    source: usize,
    versions: Vec<usize>,
    langs: Option<usize>,
    options: Option<usize>,
}

fn columns(header: &str) -> Result<Columns, String> {
    let names: Vec<String> = header.split('\t').map(|c| c.trim().to_lowercase()).collect();
    let at = |name: &str| names.iter().position(|n| n == name);
    let example = "the first line has to name the columns, divided by tabs, for instance: id, source, version, langs";
    let source = at("source").ok_or_else(|| format!("there is no column 'source'; {example}"))?;
    let versions: Vec<usize> = (0..names.len()).filter(|&k| names[k].starts_with("version")).collect();
    if versions.is_empty() {
        return Err(format!("there is no column 'version'; {example}"));
    }
    let known = |k: &usize| {
        versions.contains(k) || ["id", "source", "langs", "options", "note", ""].contains(&names[*k].as_str())
    };
    if let Some(k) = (0..names.len()).find(|k| !known(k)) {
        return Err(format!(
            "'{}' is no column of a manifest; there are id, source, version…, langs, options and note",
            names[k]
        ));
    }
    Ok(Columns { id: at("id"), source, versions, langs: at("langs"), options: at("options") })
}

fn table(lines: &[(usize, String)], folder: &Path) -> Result<Vec<Entry>, String> {
    let Some(((_, header), rows)) = lines.split_first() else { return Ok(Vec::new()) };
    let columns = columns(header)?;
    Ok(rows.iter().map(|(number, line)| row(*number, line, &columns, folder)).collect())
}

fn row(number: usize, line: &str, columns: &Columns, folder: &Path) -> Entry {
    let cells: Vec<String> = line.split('\t').map(|c| unescape(c.trim())).collect();
    let cell = |k: usize| cells.get(k).map(String::as_str).unwrap_or_default();
    let id = columns.id.map(cell).unwrap_or_default().to_owned();
    let made = || -> Result<Entry, String> {
        let versions: Vec<&str> = columns.versions.iter().map(|&k| cell(k)).filter(|c| !c.is_empty()).collect();
        let source = cell(columns.source);
        if source.is_empty() {
            return Err("the source is empty".into());
        }
        if versions.is_empty() {
            return Err("there is no version".into());
        }
        let mut langs = Vec::new();
        for tag in columns.langs.map(cell).unwrap_or_default().split(',').filter(|t| !t.trim().is_empty()) {
            langs.push(Language::parse(tag).map_err(|e| e.to_string())?);
        }
        if !langs.is_empty() && langs.len() != versions.len() + 1 {
            let (have, files) = (langs.len(), versions.len() + 1);
            return Err(format!("langs names {have}, but there are {files} files; name one for each, in order"));
        }
        let paths = std::iter::once(source).chain(versions);
        let side =
            |(k, path): (usize, &str)| Side { input: Input::Path(folder.join(path)), language: langs.get(k).cloned() };
        let own = Own::of_text(columns.options.map(cell).unwrap_or_default())?.within(folder);
        Ok(Entry { id: id.clone(), sides: paths.enumerate().map(side).collect(), own, fault: None })
    };
    made().unwrap_or_else(|what| bad(number, id.clone(), what))
}

fn unescape(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut chars = cell.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('\\') => out.push('\\'),
                // A path of Windows, written as it is.
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

/// Gives every entry an id of its own: one that has none is called after its source; one whose id is taken has a
/// fault if the id was given, and a number behind it if it was made.
pub(crate) fn unique(entries: &mut [Entry]) {
    let mut taken: HashMap<PathBuf, usize> = HashMap::new();
    // What was given comes first, so that a made id never takes it.
    for given in [true, false] {
        for (k, entry) in entries.iter_mut().enumerate().filter(|(_, e)| e.id.is_empty() != given) {
            let wanted = if given { entry.id.clone() } else { made_id(entry, k) };
            let mut id = wanted.clone();
            let mut number = 2;
            while let Some(first) = taken_by(&taken, &id) {
                if given && entry.fault.is_none() {
                    let cause = format!("the id {wanted:?} is that of document {} as well", first + 1);
                    entry.fault = Some(Fault::new(Reason::DuplicateId, cause, "give every document its own id"));
                }
                id = format!("{wanted}~{number}");
                number += 1;
            }
            taken.insert(super::entry::path_of(&id), k);
            entry.id = id;
        }
    }
}

fn taken_by(taken: &HashMap<PathBuf, usize>, id: &str) -> Option<usize> {
    taken.get(&super::entry::path_of(id)).copied()
}

fn made_id(entry: &Entry, number: usize) -> String {
    let source = entry.sides.first().map(|s| names::read(s.input.path()).parts.join("."));
    source.filter(|s| !s.is_empty()).unwrap_or_else(|| format!("document-{}", number + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> Result<Vec<Entry>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    fn fault(entry: &Entry) -> (Reason, &str) {
        let f = entry.fault.as_ref().unwrap();
        (f.reason, &f.cause)
    }

    #[test]
    fn a_table_names_texts_languages_and_options() {
        let entries = of(
            "m.tsv",
            "id\tsource\tversion\tversion.2\tlangs\toptions\n# a remark\n\
             a\tx.txt\ty.txt\tz.txt\ten,ru,zh\tsegmentation=line\n\tnew\\nline.en.txt\ty.ru.txt\t\t\t\n",
        )
        .unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].id, "a");
        assert_eq!(entries[0].sides.len(), 3);
        assert_eq!(entries[0].sides[2].language.as_ref().unwrap().as_str(), "zh");
        assert!(entries[0].own.segmentation.is_some());
        assert!(entries[1].sides[0].input.path().to_string_lossy().ends_with("new\nline.en.txt"));
        assert_eq!(entries[1].id, "new\nline");
    }

    #[test]
    fn wrong_lines_are_faults_and_wrong_files_errors() {
        let entries = of(
            "m.tsv",
            "id\tsource\tversion\tlangs\na\tx\ty\ten\nb\t\ty\t\nc\tx\t\t\nd\tx\ty\ten,klingonese\na\tx\ty\t\nok\tx\ty\t\n",
        )
        .unwrap();
        assert!(fault(&entries[0]).1.contains("line 2 of the manifest: langs names 1, but there are 2 files"));
        assert!(fault(&entries[1]).1.contains("source is empty"));
        assert!(fault(&entries[2]).1.contains("no version"));
        assert!(fault(&entries[3]).1.contains("klingonese"));
        assert_eq!(fault(&entries[4]).0, Reason::DuplicateId);
        assert_eq!(entries[4].id, "a~2");
        assert!(entries[5].fault.is_none());
        let error = |name: &str, text: &str| of(name, text).unwrap_err().to_string();
        assert!(error("m.tsv", "x\ty\n").contains("no column 'source'; the first line has to name the columns"));
        assert!(error("m.tsv", "source\tversion\tlang\n").contains("'lang' is no column"));
        assert!(error("m.tsv", "source\tversion\n").contains("no document in it"));
        assert!(error("m.xlsx", "").contains("end its name in .tsv or .jsonl"));
    }

    #[test]
    fn json_lines_have_paths_or_objects() {
        let entries = of(
            "m.jsonl",
            r#"{"source":"a.en.txt","versions":["a.ru.txt",{"path":"b.txt","lang":"zh"}]}
{"id":7,"source":"a","versions":["b"],"options":{"min-confidence":0.5}}
{"source":"a","versions":[]}
{"source":"a","versions":["b"],"options":{"speed":1}}
{"source":{"lang":"en","text":"A."},"versions":["b"]}
{"source":"a","version":["b"]}
not json
"#,
        )
        .unwrap();
        assert_eq!((entries[0].id.as_str(), entries[0].sides.len()), ("a", 3));
        assert_eq!((entries[1].id.as_str(), entries[1].own.min_confidence), ("7", Some(0.5)));
        for (k, what) in
            [(2, "\"versions\" is empty"), (3, "'speed'"), (4, "needs a \"path\""), (5, "version"), (6, "line 7")]
        {
            assert!(fault(&entries[k]).1.contains(what), "{:?}", entries[k]);
        }
    }
}
