//! One document: looked at, hashed, read, judged, aligned, written; whatever happens, a [`Record`] comes out.
//!
//! Not here: which documents, in which order and how many at once (`schedule`), and what is remembered (`journal`).

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use hexapla_core::Alignment;
use hexapla_encoder::Loaded;
use hexapla_formats::output;
use hexapla_formats::read::text::{EncodingFound, Text};
use hexapla_formats::write::Format;

use super::entry::{Entry, Input, Own, path_of};
use super::hash;
use super::judge;
use super::reason::{Failure, Fault, Reason};
use super::record::{AlignmentRecord, OutputRecord, Record, Status, TextRecord};
use super::settings::Settings;
use crate::alignments;
use crate::error::Error;
use crate::job::{Job, Target};
use crate::known::Known;
use crate::outputs::{self, Written};
use crate::progress::Progress;
use crate::texts::{self, Version};

/// Attempts at a document that fails for a reason that may pass, and the wait before the second; each further one is
/// four times as long.
const ATTEMPTS: u32 = 3;
const WAIT: Duration = Duration::from_millis(50);

/// A document that is done, and whether it is any use to go on.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) record: Record,
    /// Nothing can be written any more.
    pub(crate) fatal: bool,
}

/// Aligns the document of `entry` and writes its outputs below the output folder.
pub(crate) fn run(entry: &Entry, settings: &Settings, encoder: Option<&Loaded>) -> Done {
    let mut texts = listed(entry);
    if let Some(fault) = &entry.fault {
        return Done { record: Record::failed(entry.id.clone(), texts, fault.clone()), fatal: false };
    }
    let attempt = |texts: &mut [TextRecord]| {
        let whole = AssertUnwindSafe(|| attempt(entry, settings, encoder, texts));
        catch_unwind(whole).unwrap_or_else(|panic| Err(Fault::new(Reason::Internal, defect(&*panic), REPORT_IT).into()))
    };
    match tried(|| attempt(&mut texts)) {
        Ok(record) => Done { record, fatal: false },
        Err(f) => Done { record: Record::failed(entry.id.clone(), texts, f.fault), fatal: f.fatal },
    }
}

const REPORT_IT: &str = "this is a defect of hexapla: please report it, with the text if that is possible";

/// Aligns the document of `entry` and gives its rows, as JSON lines; nothing is written.
pub(crate) fn in_memory(entry: &Entry, settings: &Settings, encoder: Option<&Loaded>) -> (Record, Vec<u8>) {
    let mut texts = listed(entry);
    let work = AssertUnwindSafe(|| -> Result<(Record, Vec<u8>), Failure> {
        let aligned = aligned(entry, settings, encoder, &mut texts)?;
        let rows = match aligned.alignments.as_slice() {
            [] => Vec::new(),
            alignments => outputs::rows(&job(entry, settings, Vec::new()), &aligned.texts, alignments)?,
        };
        Ok((told(entry, &texts, &aligned), rows))
    });
    let done =
        catch_unwind(work).unwrap_or_else(|panic| Err(Fault::new(Reason::Internal, defect(&*panic), REPORT_IT).into()));
    done.unwrap_or_else(|f| (Record::failed(entry.id.clone(), texts, f.fault), Vec::new()))
}

/// What a panic said.
pub(crate) fn defect(panic: &(dyn std::any::Any + Send)) -> String {
    let said =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("the program failed while it worked on the document ({})", said.unwrap_or_default())
}

/// Tries until it succeeds, or the failure is one that will not pass.
fn tried<T>(mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut number = 1;
    loop {
        match attempt() {
            Err(f) if f.transient && number < ATTEMPTS => {
                thread::sleep(WAIT * 4u32.pow(number - 1));
                number += 1;
            }
            Err(mut f) if f.transient => {
                f.fault.cause = format!("{} (tried {ATTEMPTS} times)", f.fault.cause);
                return Err(f);
            }
            other => return other,
        }
    }
}

/// The texts as they were asked for, before anything is known of them.
fn listed(entry: &Entry) -> Vec<TextRecord> {
    let record = |s: &super::entry::Side| TextRecord {
        path: s.input.path().to_string_lossy().into_owned(),
        language: s.language.as_ref().map(|l| l.as_str().to_owned()).unwrap_or_default(),
        ..TextRecord::default()
    };
    entry.sides.iter().map(record).collect()
}

/// What tells that a file was not written to in the meantime.
type Stamp = (u64, Option<SystemTime>);

fn attempt(
    entry: &Entry,
    settings: &Settings,
    encoder: Option<&Loaded>,
    records: &mut [TextRecord],
) -> Result<Record, Failure> {
    let before = look(entry)?;
    for (side, record) in entry.sides.iter().zip(records.iter_mut()) {
        let path = side.input.path();
        let hashed = match &side.input {
            Input::Path(path) => hash::of_file(path),
            Input::Text { text, .. } => Ok((hash::of_bytes(text.as_bytes()), text.len() as u64)),
        };
        let unreadable = |source| Error::File(hexapla_formats::Error::Read { path: path.to_owned(), source });
        (record.sha256, record.bytes) = hashed.map_err(unreadable)?;
    }
    let aligned = aligned(entry, settings, encoder, records);
    // A file that was written to in between explains any failure, too.
    if stamps(entry)? != before {
        let cause = "a text was written to while it was read";
        return Err(Fault::new(Reason::Changed, cause, "run again with --resume when it is finished").into());
    }
    let aligned = aligned?;
    let mut record = told(entry, records, &aligned);
    if let Some(root) = settings.output.as_ref().filter(|_| !aligned.alignments.is_empty()) {
        record.outputs = write(entry, settings, root, record.status, &aligned.texts, &aligned.alignments)?;
    }
    Ok(record)
}

/// The record of a document that was aligned, or judged before.
fn told(entry: &Entry, texts: &[TextRecord], aligned: &Aligned) -> Record {
    let status = if aligned.fault.is_some() { Status::Rejected } else { Status::Aligned };
    let pairs = aligned.alignments.iter().zip(&aligned.texts[1..]);
    let alignments: Vec<_> = pairs.map(|(a, t)| AlignmentRecord::new(&aligned.texts[0], t, a)).collect();
    Record {
        id: entry.id.clone(),
        status,
        fault: aligned.fault.clone(),
        quality: alignments.iter().map(|a| a.quality).reduce(f64::min),
        texts: texts.to_vec(),
        alignments,
        outputs: Vec::new(),
        warnings: aligned.texts.iter().flat_map(|t| &t.warnings).map(|w| w.text.clone()).collect(),
    }
}

/// Texts that were read, cut, judged and aligned.
pub(crate) struct Aligned {
    pub(crate) texts: Vec<Version>,
    /// Empty where the texts were judged to be wrong before.
    pub(crate) alignments: Vec<Alignment>,
    pub(crate) fault: Option<Fault>,
}

/// Reads, judges and aligns the texts of `entry`; what is learned of them goes into `records`.
pub(crate) fn aligned(
    entry: &Entry,
    settings: &Settings,
    encoder: Option<&Loaded>,
    records: &mut [TextRecord],
) -> Result<Aligned, Failure> {
    let cutting = settings.cutting.or(entry.own.segmentation.as_ref())?;
    let mut texts = Vec::new();
    for side in &entry.sides {
        let given = side.language.as_ref();
        texts.push(match &side.input {
            Input::Path(path) => texts::load(path, given, &cutting)?,
            Input::Text { name, text } => {
                let read = Text { text: text.clone(), encoding: "UTF-8", found: EncodingFound::Valid, undecodable: 0 };
                texts::cut(Path::new(name), read, given, &cutting)?
            }
        });
    }
    for (record, text) in records.iter_mut().zip(&texts) {
        record.language = text.document.language().as_str().to_owned();
        record.segments = text.document.len();
        record.encoding = text.encoding.to_owned();
        if let Some(detected) = &text.detected {
            record.looks_like = detected.language.as_str().to_owned();
            record.sure = (detected.confidence * 100.0).round() / 100.0;
        }
    }
    if let Some(t) = texts.iter().find(|t| t.document.language().is_und()).filter(|_| settings.needs_language()) {
        return Err(Error::NoLanguage { path: t.path.clone() }.into());
    }
    if let Some(fault) = judge::texts(&texts) {
        return Ok(Aligned { texts, alignments: Vec::new(), fault: Some(fault) });
    }
    let job = job(entry, settings, Vec::new());
    let known = Known::with(&job, Arc::clone(&settings.dictionary))?;
    let alignments = alignments::align(&job, &known, &texts, encoder, &Progress::new(0, true))?;
    let least = entry.own.min_quality.or(settings.min_quality);
    let fault = judge::alignments(&texts, &alignments, least, encoder.map(Loaded::encoder));
    Ok(Aligned { texts, alignments, fault })
}

/// Looks at the files without opening them: a pipe would wait for ever.
fn stamps(entry: &Entry) -> Result<Vec<Stamp>, Failure> {
    let mut stamps = Vec::new();
    for path in files(entry) {
        let unreadable = |source| Error::File(hexapla_formats::Error::Read { path: path.to_owned(), source });
        let meta = fs::metadata(path).map_err(unreadable)?;
        if !meta.is_file() {
            let what = if meta.is_dir() { "a folder" } else { "a pipe or a device" };
            let cause = format!("{} is {what}, not a file", path.display());
            return Err(Fault::new(Reason::NotAFile, cause, "name the text file").into());
        }
        stamps.push((meta.len(), meta.modified().ok()));
    }
    Ok(stamps)
}

/// Whether the files are such as can be read, and each another.
fn look(entry: &Entry) -> Result<Vec<Stamp>, Failure> {
    if let Some(cause) = files(entry).find_map(|path| sound_path(path).err()) {
        return Err(Fault::new(Reason::BadPath, cause, "rename the file").into());
    }
    let stamps = stamps(entry)?;
    let mut real: Vec<PathBuf> = Vec::new();
    for path in files(entry) {
        let here = output::real(path);
        if real.contains(&here) {
            let cause = format!("{} is both source and version, or two versions", path.display());
            return Err(Fault::new(Reason::SameFile, cause, "name the translation's file").into());
        }
        real.push(here);
    }
    Ok(stamps)
}

/// The texts that are files.
fn files(entry: &Entry) -> impl Iterator<Item = &Path> {
    entry.sides.iter().filter_map(|side| match &side.input {
        Input::Path(path) => Some(path.as_path()),
        Input::Text { .. } => None,
    })
}

/// Whether a path can be passed on in lists, reports and scripts.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn sound_path(path: &Path) -> Result<(), String> {
    let Some(text) = path.to_str() else {
        return Err(format!("the path {} is not Unicode", path.display()));
    };
    match text.chars().find(|c| c.is_control()) {
        Some('\n' | '\r') => Err(format!("the path {text:?} has a line break in it, on which lists of files break")),
        Some(_) => Err(format!("the path {text:?} has a control character in it")),
        None => Ok(()),
    }
}

/// Writes the outputs, and tells what they are.
fn write(
    entry: &Entry,
    settings: &Settings,
    root: &Path,
    status: Status,
    texts: &[Version],
    alignments: &[Alignment],
) -> Result<Vec<OutputRecord>, Failure> {
    let stem = settings.folder(status).join(path_of(&entry.id));
    let base = root.join(&stem);
    let failed = |path: &Path, source| Error::File(hexapla_formats::Error::Write { path: path.to_owned(), source });
    if let Some(parent) = base.parent() {
        fs::create_dir_all(parent).map_err(|e| failed(parent, e))?;
    }
    let target = |format: &Format| {
        let mut name = base.clone().into_os_string();
        name.push(".");
        name.push(format.extension());
        Target { path: name.into(), format: *format }
    };
    let job = job(entry, settings, settings.formats(status).iter().map(target).collect());
    // They are written right now; trying it before would double the work of the file system.
    let planned = outputs::plan(&job, texts, output::check_place)?;
    let written = outputs::write(&job, &planned, texts, alignments)?;
    let mut out = Vec::new();
    for Written { paths, report, .. } in written {
        for path in paths {
            let (sha256, bytes) = hash::of_file(&path).map_err(|e| failed(&path, e))?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
            out.push(OutputRecord { path: parts.join("/"), written: report.written, bytes, sha256 });
        }
    }
    Ok(out)
}

/// The job that `align` would have for this document.
pub(crate) fn job(entry: &Entry, settings: &Settings, targets: Vec<Target>) -> Job {
    let own: &Own = &entry.own;
    let mut tmx = settings.tmx.clone();
    tmx.rows.min_confidence = own.min_confidence.unwrap_or(tmx.rows.min_confidence);
    tmx.rows.keep_unaligned = own.keep_unaligned.unwrap_or(tmx.rows.keep_unaligned);
    tmx.segtype = own.tmx_segtype.map_or(tmx.segtype, Into::into);
    tmx.beads = own.tmx_beads.map_or(tmx.beads, Into::into);
    tmx.split = own.tmx_split.or(tmx.split);
    tmx.duplicates = own.tmx_duplicates.map_or(tmx.duplicates, Into::into);
    Job {
        inputs: entry.sides.iter().map(|s| s.input.path().to_owned()).collect(),
        languages: None,
        moved: own.moved.unwrap_or(settings.moved),
        dictionaries: Vec::new(),
        anchors: (1..entry.sides.len()).map(|k| own.anchors.get(k - 1).cloned()).collect(),
        cutting: settings.cutting.clone(),
        encoder: settings.encoder.clone(),
        jobs: 0,
        targets,
        multi: own.multi.unwrap_or(settings.multi),
        min_quality: None,
        tmx,
        talk: settings.talk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again() {
        let fault = |reason| Failure::from(Fault::new(reason, "x", ""));
        let mut calls = 0;
        let third = tried(|| {
            calls += 1;
            if calls < 3 { Err(fault(Reason::Changed)) } else { Ok(calls) }
        });
        assert_eq!(third.unwrap(), 3);
        let mut calls = 0;
        let never = tried::<()>(|| {
            calls += 1;
            Err(fault(Reason::Changed))
        });
        assert_eq!((never.unwrap_err().fault.cause.as_str(), calls), ("x (tried 3 times)", 3));
        let mut calls = 0;
        let at_once = tried::<()>(|| {
            calls += 1;
            Err(fault(Reason::Missing))
        });
        assert_eq!((at_once.unwrap_err().fault.reason, calls), (Reason::Missing, 1));
    }
}
