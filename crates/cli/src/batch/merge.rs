//! One memory a pair of languages: the parts of all documents that were aligned, in the order of the batch.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hexapla_formats::output::Outputs;
use hexapla_formats::write::Column;
use hexapla_formats::write::tmx::{self, Part};

use super::hash;
use super::record::{OutputRecord, Record, Status};
use super::settings::Settings;
use crate::error::Error;

/// The folder of merged memories, below the output folder.
const FOLDER: &str = "memories";

/// Writes the memories below `root`; all appear together.
///
/// # Errors
/// Parts that cannot be read, memories that cannot be written.
pub(crate) fn write(root: &Path, settings: &Settings, records: &[Option<Record>]) -> Result<Vec<OutputRecord>, Error> {
    let mut pairs: BTreeMap<(String, String), Vec<Part>> = BTreeMap::new();
    for record in records.iter().flatten().filter(|r| r.status == Status::Aligned) {
        // A part a version, in their order.
        for (version, output) in record.texts[1..].iter().zip(&record.outputs) {
            let part = Part { document: record.id.clone(), path: root.join(&output.path) };
            pairs.entry((record.texts[0].language.clone(), version.language.clone())).or_default().push(part);
        }
    }
    let folder = root.join(FOLDER);
    let failed = |path: &Path, source| Error::File(hexapla_formats::Error::Write { path: path.to_owned(), source });
    fs::create_dir_all(&folder).map_err(|e| failed(&folder, e))?;
    let mut outputs = Outputs::new();
    let mut written: Vec<(PathBuf, usize)> = Vec::new();
    for ((source, version), parts) in &pairs {
        let path = folder.join(format!("{source}-{version}.tmx"));
        let same = source == version;
        let column = |label: &str, code: String| Column { label: label.to_owned(), code, file: String::new() };
        let code = if same { format!("{version}-x-version") } else { version.clone() };
        let columns = [column(source, source.clone()), column(version, code)];
        let numbered = |part: usize| folder.join(format!("{source}-{version}.{}.tmx", part + 1));
        let name = |part: usize| if part == 0 { path.clone() } else { numbered(part) };
        let report =
            tmx::merge(parts, &columns, &settings.tmx, |part| outputs.create(&name(part)).map_err(Error::from))?;
        if report.files > 1 {
            outputs.rename(&path, &numbered(0));
            written.extend((0..report.files).map(|part| (numbered(part), report.written)));
        } else {
            written.push((path, report.written));
        }
    }
    outputs.publish()?;
    let told = written.into_iter().map(|(path, units)| {
        let (sha256, bytes) = hash::of_file(&path).map_err(|e| failed(&path, e))?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(OutputRecord { path: format!("{FOLDER}/{name}"), written: units, bytes, sha256 })
    });
    told.collect()
}
