//! JSON lines in, JSON lines out: the form that Spark's `pipe`, Hadoop streaming, GNU parallel and Slurm arrays want.
//!
//! A job a line, `{"id","source":{"lang","text"},"versions":[{"lang","text"}],"options":{}}`; a result a line, in the
//! order of the jobs, written and flushed as soon as it and all before it are done. What is read ahead is bounded by the
//! number of threads and the memory budget; a job that fails is answered like any other.
//!
//! ```text
//! reader ─ gate: so many jobs, so many bytes ─→ crew ─→ results by number ─→ writer ─→ opens the gate
//! ```

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use hexapla_core::parallel;
use hexapla_encoder::Loaded;
use serde::Serialize;
use serde_json::Value;

use super::entry::Entry;
use super::manifest::{self, From, Line};
use super::memory;
use super::reason::{Fault, Reason};
use super::record::{AlignmentRecord, Record, Status};
use super::settings::Settings;
use super::signals::Stop;
use super::work;
use crate::error::{Error, Outcome};

/// How a stream is run.
pub(crate) struct Stream<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) encoder: Option<&'a Loaded>,
    pub(crate) jobs: usize,
    /// Memory for all jobs in hand, in bytes.
    pub(crate) budget: u64,
    pub(crate) fail_fast: bool,
    pub(crate) quiet: bool,
    pub(crate) stop: &'a Stop,
}

/// What is known of a line when it was read.
enum Read {
    Job(Vec<u8>),
    /// A line of so many bytes, too many to be held.
    TooLong(u64),
}

enum Message {
    Job {
        memory: u64,
        read: Read,
    },
    Result {
        number: u64,
        memory: u64,
        line: Vec<u8>,
        status: Status,
    },
    /// No more jobs; an error where the input broke off.
    End(io::Result<()>),
}

/// How many jobs, and how much memory, are in hand.
#[derive(Default)]
struct Gate {
    in_hand: Mutex<(usize, u64)>,
    opened: Condvar,
}

impl Gate {
    fn enter(&self, memory: u64, most: usize, budget: u64) {
        let in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |now: &mut (usize, u64)| now.0 > 0 && (now.0 >= most || now.1.saturating_add(memory) > budget);
        let mut now = self.opened.wait_while(in_hand, full).unwrap_or_else(PoisonError::into_inner);
        *now = (now.0 + 1, now.1.saturating_add(memory));
    }

    fn leave(&self, memory: u64) {
        let mut now = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        *now = (now.0 - 1, now.1.saturating_sub(memory));
        self.opened.notify_all();
    }
}

impl Stream<'_> {
    /// Answers the jobs on standard input on standard output.
    ///
    /// # Errors
    /// Input that cannot be read, output that cannot be written; never a job.
    pub(crate) fn run(&self) -> Result<Outcome, Error> {
        let gate = Arc::new(Gate::default());
        let (sender, receiver) = channel();
        // Not joined: it may wait for a line that never comes when the run is to stop.
        let most = 2 * parallel::threads(self.jobs) + 2;
        let (budget, encoded) = (self.budget, self.encoder.is_some());
        let reader = (Arc::clone(&gate), sender.clone());
        thread::spawn(move || read(&reader.0, &reader.1, most, budget, encoded));
        let mut out = io::stdout().lock();
        let mut counts = [0usize; 3];
        let answered = parallel::with_crew(self.jobs, |crew| -> Result<(), Error> {
            let (mut asked, mut answered, mut over) = (0u64, 0u64, false);
            let mut waiting: BTreeMap<u64, (Vec<u8>, u64)> = BTreeMap::new();
            while !over || answered < asked {
                if self.stop.asked() && answered == asked {
                    break;
                }
                match receiver.recv_timeout(Duration::from_millis(100)) {
                    Ok(Message::Job { memory, .. }) if self.stop.asked() => gate.leave(memory),
                    Ok(Message::Job { memory, read }) => {
                        let (number, sender) = (asked, sender.clone());
                        asked += 1;
                        let (settings, encoder) = (self.settings, self.encoder);
                        let budget = self.budget;
                        crew.hand(move || {
                            let (line, status) = answer(read, settings, encoder, budget);
                            let _ = sender.send(Message::Result { number, memory, line, status });
                        });
                    }
                    Ok(Message::Result { number, memory, line, status }) => {
                        counts[status as usize] += 1;
                        if self.fail_fast && status != Status::Aligned {
                            self.stop.ask();
                        }
                        waiting.insert(number, (line, memory));
                        while let Some((line, memory)) = waiting.remove(&answered) {
                            out.write_all(&line)?;
                            out.flush()?;
                            gate.leave(memory);
                            answered += 1;
                        }
                    }
                    Ok(Message::End(read)) => {
                        read?;
                        over = true;
                    }
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
                }
            }
            Ok(())
        });
        answered.map_err(|reason| Error::Threads { jobs: self.jobs, reason })??;
        let [aligned, rejected, failed] = counts;
        if !self.quiet {
            let all = aligned + rejected + failed;
            // Where even standard error is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "{all} jobs: {aligned} aligned, {rejected} rejected, {failed} failed");
        }
        Ok(match self.stop.status() {
            Some(status) => Outcome::Interrupted(status),
            // Every job has its answer; an engine that sees another status would throw all answers away.
            None if self.fail_fast && rejected + failed > 0 => Outcome::GateFailed,
            None => Outcome::Done,
        })
    }
}

/// Reads jobs until there are no more.
fn read(gate: &Gate, sender: &Sender<Message>, most: usize, budget: u64, encoded: bool) {
    let mut input = io::stdin().lock();
    loop {
        let line = line(&mut input, memory::largest(budget, encoded));
        let message = match line {
            Ok(None) => Message::End(Ok(())),
            Err(e) => Message::End(Err(e)),
            Ok(Some(Read::Job(bytes))) if bytes.iter().all(u8::is_ascii_whitespace) => continue,
            Ok(Some(read)) => {
                let memory = match &read {
                    Read::Job(bytes) => memory::estimate(bytes.len() as u64, encoded),
                    Read::TooLong(_) => 0,
                };
                gate.enter(memory, most, budget);
                Message::Job { memory, read }
            }
        };
        let end = matches!(message, Message::End(_));
        if sender.send(message).is_err() || end {
            return;
        }
    }
}

/// The next line, without its end; `None` behind the last. Of one longer than `limit` only the length is kept.
fn line(input: &mut impl BufRead, limit: u64) -> io::Result<Option<Read>> {
    let (mut bytes, mut length) = (Vec::new(), 0u64);
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let end = buffer.iter().position(|b| *b == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        length += part.len() as u64;
        if length <= limit {
            bytes.extend_from_slice(part);
        } else {
            bytes = Vec::new();
        }
        let (used, last) = (part.len() + usize::from(end.is_some()), buffer.is_empty());
        input.consume(used);
        if last && length == 0 {
            return Ok(None);
        }
        if last || end.is_some() {
            return Ok(Some(if length <= limit { Read::Job(bytes) } else { Read::TooLong(length) }));
        }
    }
}

/// The answer to a job, as a line.
fn answer(read: Read, settings: &Settings, encoder: Option<&Loaded>, budget: u64) -> (Vec<u8>, Status) {
    let (id, entry) = match read {
        Read::TooLong(bytes) => {
            let (job, all) = (memory::shown(bytes), memory::shown(budget));
            let cause = format!("a job of {job} needs more memory than the {all} of the run");
            (Value::Null, Err(Fault::new(Reason::Memory, cause, "give more (--memory), or divide the texts")))
        }
        Read::Job(bytes) => job(&bytes),
    };
    let (record, rows) = match entry {
        Ok(entry) => work::in_memory(&entry, settings, encoder),
        Err(fault) => (Record::failed(String::new(), Vec::new(), fault), Vec::new()),
    };
    let fault = record.fault.as_ref();
    let result = Answer {
        id,
        status: record.status,
        reason: fault.map(|f| f.reason),
        cause: fault.map(|f| f.cause.as_str()),
        mend: fault.map(|f| f.mend.as_str()).filter(|m| !m.is_empty()),
        quality: record.quality,
        alignments: record.alignments.iter().map(Figures::of).collect(),
        warnings: &record.warnings,
    };
    // Strings, numbers and maps of strings: there is nothing that JSON could refuse.
    let mut line = serde_json::to_vec(&result).unwrap_or_default();
    if !record.alignments.is_empty() {
        line.pop();
        line.extend_from_slice(b",\"rows\":[");
        for (k, row) in rows.split(|b| *b == b'\n').filter(|r| !r.is_empty()).enumerate() {
            if k > 0 {
                line.push(b',');
            }
            line.extend_from_slice(row);
        }
        line.extend_from_slice(b"]}");
    }
    line.push(b'\n');
    (line, record.status)
}

/// An answer, but for its rows.
#[derive(Serialize)]
struct Answer<'a> {
    id: Value,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alignments: Vec<Figures<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
}

/// The figures of an alignment that an engine may want to filter by.
#[derive(Serialize)]
struct Figures<'a> {
    languages: &'a str,
    quality: f64,
    coverage: [f64; 2],
    beads: usize,
    types: &'a BTreeMap<String, usize>,
    doubtful: usize,
    moved: usize,
}

impl<'a> Figures<'a> {
    fn of(a: &'a AlignmentRecord) -> Self {
        let AlignmentRecord { languages, quality, coverage, beads, types, doubtful, moved, .. } = a;
        let (quality, coverage, beads, doubtful, moved) = (*quality, *coverage, *beads, *doubtful, *moved);
        Self { languages, quality, coverage, beads, types, doubtful, moved }
    }
}

/// The id of a job as it was given, and its entry.
fn job(bytes: &[u8]) -> (Value, Result<Entry, Fault>) {
    let fault = |what: String| Fault::new(Reason::BadEntry, what, "docs/scaling.md shows what a job looks like");
    match serde_json::from_slice::<Line>(bytes) {
        Ok(line) => {
            let id = line.id.clone();
            (id, line.entry(From::Inline).map_err(fault))
        }
        Err(e) => {
            // The id may be readable all the same.
            let id = serde_json::from_slice::<Value>(bytes).ok().and_then(|v| v.get("id").cloned());
            let id = id.filter(|id| manifest::id_of(id).is_ok()).unwrap_or(Value::Null);
            (id, Err(fault(format!("the job cannot be read: {e}"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_bounded() {
        let mut input = io::BufReader::with_capacity(4, &b"short\n\nmuch too long a line\nlast"[..]);
        let mut lines = Vec::new();
        while let Some(read) = line(&mut input, 8).unwrap() {
            lines.push(match read {
                Read::Job(bytes) => String::from_utf8(bytes).unwrap(),
                Read::TooLong(n) => format!("<{n}>"),
            });
        }
        assert_eq!(lines, ["short", "", "<20>", "last"]);
    }

    #[test]
    fn a_job_that_is_wrong_keeps_its_id() {
        let (id, entry) = job(br#"{"id":7,"source":{"text":"A."},"version":[]}"#);
        assert_eq!((id, entry.unwrap_err().reason), (json!(7), Reason::BadEntry));
        assert_eq!(job(b"nonsense").0, Value::Null);
        assert!(job(br#"{"source":{"path":"/etc/passwd"},"versions":[{"text":"B."}]}"#).1.is_err());
    }
}
