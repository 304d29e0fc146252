//! `hexapla batch`: many documents, unattended.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hexapla_core::parallel;
use hexapla_encoder::Loaded;
use serde_json::json;

use crate::args::BatchArgs;
use crate::batch::drive::Drive;
use crate::batch::entry::Entry;
use crate::batch::hash;
use crate::batch::journal::{self, Earlier, Entered, Journal, Run};
use crate::batch::pairing::{self, Alone};
use crate::batch::progress::BatchProgress;
use crate::batch::reason::{Fault, Reason};
use crate::batch::record::{Record, Status, TextRecord};
use crate::batch::report::Report;
use crate::batch::schedule::{Queue, Waiting};
use crate::batch::settings::Settings;
use crate::batch::signals::Stop;
use crate::batch::stream::Stream;
use crate::batch::{clash, manifest, memory, merge, publish};
use crate::encoder;
use crate::error::{Error, Outcome};

/// Runs the command.
pub(crate) fn run(args: BatchArgs) -> Result<Outcome, Error> {
    if args.input == Path::new("-") {
        return stream(&args);
    }
    let (mut entries, alone) = documents(&args)?;
    clash::mark(&mut entries, &args.how);
    if args.dry_run {
        return plan(&args, &entries, &alone);
    }
    let root = args.output.clone().ok_or(Error::NoOutput)?;
    let mut settings = Settings::resolve(&args)?;
    let (mut journal, earlier) = open(&root, args.resume)?;
    let stop = Stop::listen()?;
    let encoder = encoder::load(&settings.encoder)?;
    let encoder = encoder.as_ref();
    // A batch that goes on keeps its date, so that all memories are alike.
    if let Some(first) = &earlier.first {
        settings.tmx.created = first.created.clone();
    }
    let run = Run {
        version: env!("CARGO_PKG_VERSION").into(),
        options: settings.options(encoder.map(|e| e.encoder().id())),
        created: settings.tmx.created.clone(),
        documents: entries.len(),
    };
    let keys: Vec<String> = entries.iter().map(|e| Settings::key(&run.options, e, encoder)).collect();
    let mut records = kept(&args, &root, &entries, &keys, &earlier)?;
    tell_resumed(&args, &earlier, &run, &records);
    journal.begin(run.clone())?;

    let bytes: Vec<u64> = entries.iter().map(|e| e.sides.iter().map(|s| s.input.bytes()).sum()).collect();
    let queue = queue(&args, &entries, &bytes, &records, encoder);
    let to_go = (0..entries.len()).filter(|&k| records[k].is_none()).map(|k| bytes[k]).sum();
    let done = records.iter().flatten().count();
    let mut progress = BatchProgress::new(args.progress, args.how.talk.quiet, entries.len(), done, to_go);
    let drive = Drive {
        entries: &queue.entries,
        keys: &keys,
        bytes: &bytes,
        settings: &settings,
        encoder,
        root: &root,
        earlier: &earlier,
        jobs: usize::from(args.how.text.jobs),
        fail_fast: args.fail_fast,
        stop: &stop,
    };
    let driven = drive.run(queue.queue, &mut journal, &mut progress, &mut records);
    let complete = driven.is_ok() && records.iter().all(Option::is_some);
    progress.end(complete);
    driven?;

    let memories = if settings.merge && complete { merge::write(&root, &settings, &records)? } else { Vec::new() };
    let report = Report::new(&run, &records, &alone, &memories);
    publish::write(&report, &root)?;
    journal.close(complete)?;
    tell(&args, &root, &report)?;
    Ok(match stop.status() {
        Some(status) if !complete => Outcome::Interrupted(status),
        _ if report.totals.aligned == report.totals.documents => Outcome::Done,
        _ => Outcome::GateFailed,
    })
}

fn stream(args: &BatchArgs) -> Result<Outcome, Error> {
    let only = args.output.is_none() && !args.merge && !args.resume && !args.dry_run;
    if !only || args.to != [hexapla_formats::write::Format::Jsonl] {
        return Err(Error::StreamFormat);
    }
    let settings = Settings::resolve(args)?;
    let stop = Stop::listen()?;
    let encoder = encoder::load(&settings.encoder)?;
    // Of streams there are often several on a machine, and none knows of the others.
    if let Some(given) = args.memory {
        let_keep(encoder.as_ref(), given, 0);
    }
    let stream = Stream {
        settings: &settings,
        encoder: encoder.as_ref(),
        jobs: usize::from(args.how.text.jobs),
        budget: budget(args, encoder.as_ref()),
        fail_fast: args.fail_fast,
        quiet: args.how.talk.quiet,
        stop: &stop,
    };
    stream.run()
}

/// The documents that the input names.
fn documents(args: &BatchArgs) -> Result<(Vec<Entry>, Vec<Alone>), Error> {
    if !fs::metadata(&args.input).is_ok_and(|m| m.is_dir()) {
        return Ok((manifest::read(&args.input)?, Vec::new()));
    }
    let pairs = pairing::find(&args.input, args.langs.as_deref(), args.output.as_deref())?;
    if pairs.entries.is_empty() && !args.dry_run {
        return Err(Error::NoPairs { path: args.input.clone(), alone: pairs.alone.len() });
    }
    Ok((pairs.entries, pairs.alone))
}

/// Prints what would be aligned; with `--json`, as a manifest.
fn plan(args: &BatchArgs, entries: &[Entry], alone: &[Alone]) -> Result<Outcome, Error> {
    let mut out = io::stdout().lock();
    for entry in entries {
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let sides = entry.sides.iter().map(|s| (s.input.path(), s.language.as_ref().map(|l| l.as_str())));
        if args.how.talk.json {
            let mut texts: Vec<_> = sides.map(|(path, lang)| json!({"path": real(path), "lang": lang})).collect();
            if texts.is_empty() || entry.fault.is_some() {
                continue;
            }
            let source = texts.remove(0);
            writeln!(out, "{}", json!({"id": entry.id, "source": source, "versions": texts}))?;
            continue;
        }
        let shown: Vec<String> =
            sides.map(|(path, lang)| format!("{} ({})", path.display(), lang.unwrap_or("detected"))).collect();
        let id = plain(&entry.id);
        match &entry.fault {
            None => writeln!(out, "{id}: {}", plain(&shown.join(" + ")))?,
            Some(fault) => writeln!(out, "{id}: cannot be aligned: {}; {}", fault.cause, fault.mend)?,
        }
        for side in entry.sides.iter().filter(|s| fs::metadata(s.input.path()).is_err() && entry.fault.is_none()) {
            writeln!(out, "  missing: {}", plain(&side.input.path().to_string_lossy()))?;
        }
    }
    if !args.how.talk.json {
        for a in alone {
            writeln!(out, "alone: {}: {}", plain(&a.path), a.why)?;
        }
        writeln!(out, "{} documents, {} files alone", entries.len(), alone.len())?;
    }
    Ok(Outcome::Done)
}

/// A name on one line: a line break, and what else a terminal would not show, is written as an escape.
fn plain(name: &str) -> String {
    name.chars().flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] }).collect()
}

/// Opens the output folder: nobody else works in it, and it is known what an earlier run left.
fn open(root: &Path, resume: bool) -> Result<(Journal, Earlier), Error> {
    let failed = |source| Error::File(hexapla_formats::Error::Write { path: root.to_owned(), source });
    fs::create_dir_all(root).map_err(failed)?;
    let (journal, earlier) = Journal::open(root)?;
    if earlier.first.is_some() && !resume {
        return Err(Error::NotResumed { path: root.to_owned(), done: earlier.done.len() });
    }
    journal::sweep(root).map_err(failed)?;
    Ok((journal, earlier))
}

/// What earlier runs did that is still good: same texts, same options, outputs untouched.
fn kept(
    args: &BatchArgs,
    root: &Path,
    entries: &[Entry],
    keys: &[String],
    earlier: &Earlier,
) -> Result<Vec<Option<Record>>, Error> {
    let jobs = usize::from(args.how.text.jobs);
    let checked = parallel::with_jobs(jobs, || {
        parallel::map(entries, |k, entry| {
            let entered = earlier.done.get(&entry.id)?;
            still_good(root, entry, &keys[k], entered)
        })
    });
    checked.map_err(|reason| Error::Threads { jobs, reason })
}

fn still_good(root: &Path, entry: &Entry, key: &str, entered: &Entered) -> Option<Record> {
    let mut record = entered.record.clone();
    if record.status == Status::Failed || entered.key != key || record.texts.len() != entry.sides.len() {
        return None;
    }
    let same_text = |text: &mut TextRecord, path: &Path| {
        // The file's name stands in memories; the folder does not.
        let same_name = Path::new(&text.path).file_name() == path.file_name();
        let same = same_name && hash::of_file(path).is_ok_and(|(sha256, _)| sha256 == text.sha256);
        text.path = path.to_string_lossy().into_owned();
        same
    };
    let same_output = |o: &crate::batch::record::OutputRecord| {
        hash::of_file(&root.join(&o.path)).is_ok_and(|(sha256, _)| sha256 == o.sha256)
    };
    let texts = record.texts.iter_mut().zip(&entry.sides).all(|(t, s)| same_text(t, s.input.path()));
    (texts && entry.fault.is_none() && record.outputs.iter().all(same_output)).then_some(record)
}

fn tell_resumed(args: &BatchArgs, earlier: &Earlier, run: &Run, records: &[Option<Record>]) {
    let Some(last) = earlier.last.as_ref().filter(|_| !args.how.talk.quiet) else { return };
    let kept = records.iter().flatten().count();
    let mut why = Vec::new();
    if last.version != run.version {
        why.push(format!("the version was {}", last.version));
    }
    if let (Some(old), Some(new)) = (last.options.as_object(), run.options.as_object()) {
        let changed = new.iter().filter(|(name, value)| old.get(*name) != Some(value));
        why.extend(changed.map(|(name, value)| format!("{name} is {value} now")));
    }
    if earlier.damaged > 0 {
        why.push(format!("{} lines of the journal are damaged", earlier.damaged));
    }
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
    // Where even standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "going on: {kept} of {} documents are done and unchanged{why}", records.len());
}

/// What is to be done, largest first; a document that cannot fit into the memory has a fault instead.
struct Planned {
    queue: Queue,
    entries: Vec<Entry>,
}

/// Memory of the run.
fn whole(args: &BatchArgs) -> u64 {
    args.memory.unwrap_or_else(memory::default_budget)
}

/// Lets the encoder keep a part of the `whole` memory between documents, and nothing that one of `largest` bytes needs.
fn let_keep(encoder: Option<&Loaded>, whole: u64, largest: u64) {
    if let Some(encoder) = encoder.map(Loaded::encoder) {
        let needed = memory::resident().saturating_add(memory::estimate(largest, true));
        encoder.keep(whole.saturating_sub(needed).min(whole / memory::KEPT));
    }
}

/// What is left for documents beside the process as it is, and what the encoder may come to keep.
fn budget(args: &BatchArgs, encoder: Option<&Loaded>) -> u64 {
    let taken = memory::resident() + encoder.map_or(0, |e| e.encoder().keeps());
    whole(args).saturating_sub(taken)
}

fn queue(
    args: &BatchArgs,
    entries: &[Entry],
    bytes: &[u64],
    records: &[Option<Record>],
    encoder: Option<&Loaded>,
) -> Planned {
    let to_do = bytes.iter().zip(records).filter(|(_, record)| record.is_none());
    let_keep(encoder, whole(args), to_do.map(|(bytes, _)| *bytes).max().unwrap_or(0));
    let budget = budget(args, encoder);
    let mut entries = entries.to_vec();
    let mut waiting = Vec::new();
    for (number, entry) in entries.iter_mut().enumerate().filter(|(k, _)| records[*k].is_none()) {
        let mut memory = memory::estimate(bytes[number], encoder.is_some());
        if memory > budget && entry.fault.is_none() {
            let (needs, has) = (memory::shown(memory), memory::shown(budget));
            let cause = format!("it needs about {needs} of memory, but there are {has} for documents");
            entry.fault = Some(Fault::new(
                Reason::Memory,
                cause,
                "give more (--memory) and go on with --resume, or divide the texts",
            ));
        }
        if entry.fault.is_some() {
            memory = 0;
        }
        waiting.push(Waiting { number, memory });
    }
    Planned { queue: Queue::new(waiting, budget), entries }
}

/// Says what came of it.
fn tell(args: &BatchArgs, root: &Path, report: &Report<'_>) -> io::Result<()> {
    if args.how.talk.json {
        let mut out = io::stdout().lock();
        let summary = json!({"totals": report.totals, "reasons": report.reasons, "confidence": report.confidence});
        serde_json::to_writer_pretty(&mut out, &summary)?;
        writeln!(out)?;
        return out.flush();
    }
    if !args.how.talk.quiet {
        let path: PathBuf = root.join("report.html");
        // Where even standard error is closed there is nobody to tell.
        let _ = writeln!(io::stderr(), "{report}report: {}", path.display());
    }
    Ok(())
}
