//! The run itself: documents are handed to the crew, what is done is brought to the disk and entered into the journal,
//! until all are done or the run is to stop.
//!
//! Only the calling thread writes to the journal. It gathers documents that are done, a few or for a moment, brings
//! their outputs to the disk (several files at a time, which a file system makes one piece of work of), then every
//! folder once, enters them, and brings the journal to the disk once for all of them: while the disk works, the crew
//! goes on with what was handed over before.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use hexapla_core::parallel;
use hexapla_encoder::Loaded;

use super::entry::Entry;
use super::journal::{Earlier, Entered, Journal};
use super::progress::BatchProgress;
use super::record::{OutputRecord, Record, Status};
use super::schedule::{Queue, Waiting};
use super::settings::Settings;
use super::signals::Stop;
use super::work::{self, Done};
use crate::error::Error;

/// How often the run looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// Documents in hand for every thread: enough small ones (2 ms each) to be busy while a slow disk brings the last ones
/// to rest (30 ms and more). With 8, documents of 3 kB waited half of the time.
const IN_HAND: usize = 64;

/// So many documents are entered together, or what is done after this time. Entered three by three, as they came back,
/// documents of 3 kB took an eighth longer.
const TOGETHER: usize = 32;
const GATHER: Duration = Duration::from_millis(50);

/// Files that are brought to the disk at the same time.
const AT_ONCE: usize = 16;

/// What a run needs.
pub(crate) struct Drive<'a> {
    pub(crate) entries: &'a [Entry],
    /// A hash of its options for every entry.
    pub(crate) keys: &'a [String],
    /// Bytes of every entry's texts.
    pub(crate) bytes: &'a [u64],
    pub(crate) settings: &'a Settings,
    pub(crate) encoder: Option<&'a Loaded>,
    pub(crate) root: &'a Path,
    pub(crate) earlier: &'a Earlier,
    pub(crate) jobs: usize,
    pub(crate) fail_fast: bool,
    pub(crate) stop: &'a Stop,
}

/// A document that came back from the crew; nothing where it was not begun, for the run is to stop.
struct Back {
    waiting: Waiting,
    done: Option<Done>,
    seconds: f64,
}

/// Documents that came back and are not entered yet.
struct Gathered {
    back: Vec<Back>,
    /// When the first of them came.
    since: Instant,
}

impl Gathered {
    fn add(&mut self, back: Back) {
        if self.back.is_empty() {
            self.since = Instant::now();
        }
        self.back.push(back);
    }

    /// How long to wait for another.
    fn wait(&self) -> Duration {
        if self.back.is_empty() { LOOK } else { GATHER.saturating_sub(self.since.elapsed()) }
    }

    /// Whether it is time to enter them.
    fn due(&self, fail_fast: bool) -> bool {
        let failed = |b: &Back| b.done.as_ref().is_some_and(|d| d.record.status != Status::Aligned);
        self.wait().is_zero() || self.back.len() >= TOGETHER || fail_fast && self.back.iter().any(failed)
    }
}

impl Drive<'_> {
    /// Runs the documents of `queue`; puts what is done into `records`, by number.
    ///
    /// # Errors
    /// What makes it useless to go on: a disk that is full or read-only, a journal that cannot be written. All that is
    /// in the journal is done, even then.
    pub(crate) fn run(
        &self,
        mut queue: Queue,
        journal: &mut Journal,
        progress: &mut BatchProgress,
        records: &mut [Option<Record>],
    ) -> Result<(), Error> {
        let most = IN_HAND * parallel::threads(self.jobs);
        let driven = parallel::with_crew(self.jobs, |crew| {
            let (sender, receiver) = channel::<Back>();
            let (mut running, mut used) = (0, 0);
            let mut trouble: Option<Error> = None;
            let mut told = false;
            let mut gathered = Gathered { back: Vec::new(), since: Instant::now() };
            loop {
                if running > 0 && self.stop.status().is_some() && !std::mem::replace(&mut told, true) {
                    progress.say("finishing the documents in hand; a second signal stops at once");
                }
                while running < most && !self.stop.asked() {
                    let Some(waiting) = queue.next(used) else { break };
                    running += 1;
                    used += waiting.memory;
                    let (sender, entry) = (sender.clone(), &self.entries[waiting.number]);
                    let (settings, encoder, stop) = (self.settings, self.encoder, self.stop.clone());
                    crew.hand(move || {
                        let began = Instant::now();
                        let done = (!stop.asked()).then(|| work::run(entry, settings, encoder));
                        // The receiver lives as long as documents run.
                        let _ = sender.send(Back { waiting, done, seconds: began.elapsed().as_secs_f64() });
                    });
                }
                if running == 0 {
                    break;
                }
                let first = receiver.recv_timeout(gathered.wait()).ok();
                for back in first.into_iter().chain(receiver.try_iter()) {
                    running -= 1;
                    used -= back.waiting.memory;
                    gathered.add(back);
                }
                if running > 0 && !gathered.due(self.fail_fast) {
                    continue;
                }
                let back = std::mem::take(&mut gathered.back);
                if trouble.is_none() {
                    trouble = self.commit(back, journal, progress, records).err();
                }
                if trouble.is_some() {
                    self.stop.ask();
                }
            }
            trouble.map_or(Ok(()), Err)
        });
        driven.map_err(|reason| Error::Threads { jobs: self.jobs, reason })?
    }

    /// Makes sure that what came back stays, and enters it.
    fn commit(
        &self,
        back: Vec<Back>,
        journal: &mut Journal,
        progress: &mut BatchProgress,
        records: &mut [Option<Record>],
    ) -> Result<(), Error> {
        let mut entered = Vec::new();
        let mut fatal = None;
        for Back { waiting, done, seconds } in back {
            let Some(Done { record, fatal: over }) = done else { continue };
            if over {
                fatal.get_or_insert(record);
                continue;
            }
            entered.push((waiting.number, Entered { key: self.keys[waiting.number].clone(), seconds, record }));
        }
        self.keep(entered.iter().flat_map(|(_, e)| &e.record.outputs))?;
        for (_, Entered { record, .. }) in &entered {
            self.tidy(record)?;
        }
        journal.enter(entered.iter().map(|(_, e)| e.clone()).collect())?;
        for (number, Entered { seconds, record, .. }) in entered {
            progress.done(&record, self.bytes[number], seconds);
            if self.fail_fast && record.status != Status::Aligned {
                self.stop.ask();
            }
            records[number] = Some(record);
        }
        match fatal.and_then(|r| r.fault) {
            Some(fault) => Err(Error::BatchOver { cause: fault.cause }),
            None => Ok(()),
        }
    }

    /// Brings outputs to the disk, and their names.
    fn keep<'r>(&self, outputs: impl Iterator<Item = &'r OutputRecord>) -> Result<(), Error> {
        let paths: Vec<PathBuf> = outputs.map(|o| self.root.join(&o.path)).collect();
        let sync = |path: &PathBuf| {
            let synced = File::open(path).and_then(|f| f.sync_data());
            synced.map_err(|source| Error::File(hexapla_formats::Error::Write { path: path.clone(), source }))
        };
        // Threads of their own: those of the crew are there to compute.
        let next = AtomicUsize::new(0);
        let some = || std::iter::from_fn(|| paths.get(next.fetch_add(1, Ordering::Relaxed))).try_for_each(sync);
        thread::scope(|scope| {
            let helpers: Vec<_> = (1..paths.len().min(AT_ONCE)).map(|_| scope.spawn(some)).collect();
            let own = some();
            // A helper that panicked has not done its part; none does.
            let others = helpers.into_iter().map(|h| h.join().unwrap_or_else(|panic| resume_unwind(panic)));
            others.fold(own, Result::and)
        })?;
        let folders: BTreeSet<&Path> = paths.iter().filter_map(|p| p.parent()).collect();
        folders.into_iter().for_each(sync_folder);
        Ok(())
    }

    /// Removes outputs of an earlier run that are none of the document any more.
    fn tidy(&self, record: &Record) -> Result<(), Error> {
        // What failed now leaves what an earlier run had: a text that is gone is no reason to lose its alignment.
        if record.status == Status::Failed {
            return Ok(());
        }
        let earlier = self.earlier.done.get(&record.id).map(|e| e.record.outputs.as_slice()).unwrap_or_default();
        for old in earlier.iter().filter(|o| !record.outputs.iter().any(|n| n.path == o.path)) {
            let path = self.root.join(&old.path);
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::File(hexapla_formats::Error::Write { path, source }));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Brings a folder's names to the disk, where the operating system can.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        // Some file systems cannot; then there is nothing more to be done.
        let _ = File::open(folder).and_then(|f| f.sync_all());
    }
}
