//! The journal: one JSON line a document, appended and brought to the disk before the next is begun. What stands in it
//! is done; a line that a crash cut off is not in it.
//!
//! | line | says |
//! | --- | --- |
//! | `{"run":{"version","options","created","documents"}}` | a run began; `created` is the date in all memories |
//! | `{"done":{"key","seconds","record"}}` | a document is done: options' hash, and its [`Record`] with hashes |
//! | `{"end":{"complete"}}` | the run closed the journal itself |
//!
//! One batch at a time works in a folder: a lock, which the operating system lets go of when the process ends, however
//! it ends.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use fs4::TryLockError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::Record;
use crate::error::Error;

/// Its name in the output folder.
pub(crate) const NAME: &str = "journal.jsonl";

/// The name of the file that is locked.
const LOCK: &str = ".hexapla.lock";

/// What a run began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// Version of the program.
    pub(crate) version: String,
    /// Options that shape the outputs.
    pub(crate) options: Value,
    /// Date of creation in memories.
    pub(crate) created: String,
    /// Documents in the batch.
    pub(crate) documents: usize,
}

/// A document that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entered {
    /// Hash of all that shaped the outputs, besides the texts.
    pub(crate) key: String,
    /// How long it took.
    pub(crate) seconds: f64,
    pub(crate) record: Record,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Run(Run),
    Done(Box<Entered>),
    End { complete: bool },
}

/// What an earlier run left.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// How the first run began, and the last.
    pub(crate) first: Option<Run>,
    pub(crate) last: Option<Run>,
    /// The last line of every document, by id.
    pub(crate) done: HashMap<String, Entered>,
    /// Lines that say nothing that can be understood.
    pub(crate) damaged: usize,
}

/// A journal that is being written.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    /// Where the last whole line ends.
    end: u64,
    _lock: File,
}

impl Journal {
    /// Locks the folder `root`, and reads what an earlier run left; nothing is written yet.
    ///
    /// # Errors
    /// [`Error::Locked`] where another batch works in the folder; what the operating system says.
    pub(crate) fn open(root: &Path) -> Result<(Self, Earlier), Error> {
        let path = root.join(NAME);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::File(hexapla_formats::Error::Write { path, source })
        };
        let lock_path = root.join(LOCK);
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path).map_err(at(&lock_path))?;
        match fs4::FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked { path: root.to_owned() }),
            Err(TryLockError::Error(e)) => return Err(at(&lock_path)(e)),
        }
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).map_err(at(&path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(at(&path))?;
        let (earlier, end) = understood(&bytes);
        Ok((Self { file, path, end: end as u64, _lock: lock }, earlier))
    }

    /// Appends the beginning of a run.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn begin(&mut self, run: Run) -> Result<(), Error> {
        self.append(&[Line::Run(run)])
    }

    /// Appends documents, and brings them to the disk.
    ///
    /// # Errors
    /// What the operating system says; then none of them counts as done.
    pub(crate) fn enter(&mut self, done: Vec<Entered>) -> Result<(), Error> {
        let lines: Vec<Line> = done.into_iter().map(|d| Line::Done(Box::new(d))).collect();
        self.append(&lines)
    }

    /// Appends that the run ended by itself.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn close(mut self, complete: bool) -> Result<(), Error> {
        self.append(&[Line::End { complete }])
    }

    fn append(&mut self, lines: &[Line]) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line).map_err(|e| self.failed(e.into()))?;
            bytes.push(b'\n');
        }
        let written = self.write(&bytes);
        written.map_err(|e| {
            // Half a line must not stand before the next one.
            let _ = self.file.set_len(self.end);
            self.failed(e)
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // What stands behind the last whole line was cut off by a crash.
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::File(hexapla_formats::Error::Write { path: self.path.clone(), source })
    }
}

/// What the bytes of a journal say, and where its last whole line ends.
fn understood(bytes: &[u8]) -> (Earlier, usize) {
    let mut earlier = Earlier::default();
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |k| k + 1);
    for line in bytes[..end].split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Line::Run(run)) => {
                earlier.first.get_or_insert_with(|| run.clone());
                earlier.last = Some(run);
            }
            Ok(Line::Done(done)) => {
                earlier.done.insert(done.record.id.clone(), *done);
            }
            Ok(Line::End { .. }) => {}
            Err(_) => earlier.damaged += 1,
        }
    }
    (earlier, end)
}

/// Removes what a run that was killed left half-written in `folder` and below it.
pub(crate) fn sweep(folder: &Path) -> io::Result<usize> {
    let mut swept = 0;
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            swept += sweep(&entry.path())?;
        } else if name.starts_with(".hexapla-") && name.ends_with(".part") {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::super::reason::{Fault, Reason};
    use super::*;

    fn entered(id: &str) -> Entered {
        let record = Record::failed(id.into(), vec![], Fault::new(Reason::Missing, "x", "y"));
        Entered { key: "k".into(), seconds: 0.5, record }
    }

    fn run() -> Run {
        Run { version: "1".into(), options: Value::Null, created: "2025".into(), documents: 2 }
    }

    #[test]
    fn what_was_entered_is_found_again_and_half_lines_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, earlier) = Journal::open(folder.path()).unwrap();
        assert!(earlier.first.is_none());
        journal.begin(run()).unwrap();
        journal.enter(vec![entered("a"), entered("b")]).unwrap();
        drop(journal);
        let path = folder.path().join(NAME);
        let whole = fs::read(&path).unwrap();
        let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
        assert_eq!(lines.len(), 3);
        // Cut off at every byte of the last line: the first document stays, the second is not done.
        for cut in 0..lines[2].len() {
            fs::write(&path, &whole[..whole.len() - lines[2].len() + cut]).unwrap();
            let (mut journal, earlier) = Journal::open(folder.path()).unwrap();
            assert_eq!(earlier.done.len(), 1, "{cut}");
            assert_eq!((earlier.first, earlier.damaged), (Some(run()), 0));
            journal.enter(vec![entered("c")]).unwrap();
            drop(journal);
            let (_, earlier) = Journal::open(folder.path()).unwrap();
            assert_eq!((earlier.done.len(), earlier.damaged), (2, 0), "{cut}");
        }
    }

    #[test]
    fn damage_is_counted_and_the_last_word_counts() {
        let mut bytes = Vec::new();
        for line in [Line::Run(run()), Line::Done(Box::new(entered("a")))] {
            serde_json::to_writer(&mut bytes, &line).unwrap();
            bytes.extend(b"\n\0\0garbage\n");
        }
        let mut later = entered("a");
        later.key = "new".into();
        serde_json::to_writer(&mut bytes, &Line::Done(Box::new(later))).unwrap();
        bytes.push(b'\n');
        let (earlier, end) = understood(&bytes);
        assert_eq!((earlier.damaged, end), (2, bytes.len()));
        assert_eq!(earlier.done["a"].key, "new");
    }

    #[test]
    fn a_folder_has_one_batch_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Journal::open(folder.path()).unwrap();
        assert!(matches!(Journal::open(folder.path()), Err(Error::Locked { .. })));
        drop(first);
        assert!(Journal::open(folder.path()).is_ok());
    }

    #[test]
    fn half_written_files_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("aligned/x");
        fs::create_dir_all(&below).unwrap();
        for name in [".hexapla-1.part", "a.tmx", ".hexapla.lock", "my.part"] {
            fs::write(below.join(name), "").unwrap();
        }
        assert_eq!(sweep(folder.path()).unwrap(), 1);
        assert_eq!(fs::read_dir(&below).unwrap().count(), 3);
        assert_eq!(sweep(&folder.path().join("no")).unwrap(), 0);
    }
}
