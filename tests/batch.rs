//! `hexapla batch` end to end: what comes out is what `align` makes, bad documents are told with their reason, a batch
//! that was killed goes on, and nothing depends on the number of threads.

mod batch_support;
mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use batch_support::{assert_same, batch, command, entered, good, pair, reasons, report, tree};
use common::{Ran, Room};

#[test]
fn every_document_is_byte_identical_to_align() {
    let room = Room::new().with_talks();
    good(&room, 4);
    for name in ["talks.en.txt", "talks.ru.txt", "talks.zh.txt", "talks.retranslated.en.txt"] {
        fs::copy(room.path(name), room.path("corpus").join(name)).unwrap();
    }
    let ran = batch(&room, &["corpus", "-o", "out", "--to", "tmx,tsv,jsonl,beads", "--keep-unaligned"]).done();
    assert!(ran.err.contains("5 documents: 5 aligned, 0 rejected, 0 failed"), "{}", ran.err);
    fs::create_dir_all(room.path("single/part0")).unwrap();
    fs::create_dir_all(room.path("single/part1")).unwrap();
    let outputs = |stem: &str| -> Vec<String> {
        ["tmx", "tsv", "jsonl", "beads"].iter().flat_map(|f| ["-o".into(), format!("single/{stem}.{f}")]).collect()
    };
    for k in 1..=4 {
        let stem = format!("part{}/doc{k}", (k - 1) % 2);
        let texts = ["corpus/STEM.en.txt", "corpus/STEM.ru.txt", "--keep-unaligned", "--encoder", "none"];
        let texts = texts.map(|t| t.replace("STEM", &stem));
        room.align(&[texts.to_vec(), outputs(&stem)].concat()).done();
    }
    let texts =
        ["corpus/talks.en.txt", "corpus/talks.retranslated.en.txt", "corpus/talks.ru.txt", "corpus/talks.zh.txt"];
    let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
    let options = ["--keep-unaligned", "--encoder", "none"].map(str::to_owned).to_vec();
    room.align(&[texts, options, outputs("talks")].concat()).done();
    assert_same(&room.path("single"), &room.path("out/aligned"), "align and batch");
    assert!(tree(&room.path("out/aligned")).len() > 20);
    // Once with the encoder that comes with the program.
    let ran = Ran::of(
        room.hexapla().args(["batch", "corpus", "-o", "encoded", "--to", "tsv", "--jobs", "2"]).args(common::DEFAULT),
    );
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    room.align(&["corpus/part0/doc1.en.txt", "corpus/part0/doc1.ru.txt", "-o", "doc1.tsv"]).done();
    assert_eq!(room.read("doc1.tsv"), room.read("encoded/aligned/part0/doc1.tsv"));
}

#[test]
fn options_of_align_apply() {
    let room = Room::new().with_talks();
    let options = |command: &str| -> BTreeSet<String> {
        let help = Ran::of(room.hexapla().args([command, "--help"])).done().out;
        let words = help.lines().map(str::trim_start).filter(|l| l.starts_with('-')).flat_map(str::split_whitespace);
        words.filter(|w| w.starts_with("--")).map(|w| w.trim_end_matches([',', '.']).to_owned()).collect()
    };
    // Fixed beads belong to a document: its options in a manifest name them.
    let (align, batch_has) = (options("align"), options("batch"));
    let missing: Vec<&String> = align.difference(&batch_has).collect();
    assert_eq!(missing, ["--anchors"], "{align:?}");
    assert!(align.len() > 15, "{align:?}");
    // One of them, seen in what is written: for all documents, and for a single one.
    let mut parts: Vec<String> = room.read("talks.ru.txt").split("\n\n").map(str::to_owned).collect();
    let chapter: Vec<String> = parts.drain(10..14).collect();
    room.write("talks.ru.txt", [parts, chapter].concat().join("\n\n"));
    let texts = ["talks.en.txt", "talks.ru.txt", "--encoder", "none"];
    let moved = |path: &str| room.read(path).lines().filter(|l| l.ends_with("\tmoved")).count();
    room.align(&[&texts[..], &["-o", "keep.tsv"]].concat()).done();
    room.align(&[&texts[..], &["-o", "drop.tsv", "--moved", "drop"]].concat()).done();
    assert!(moved("keep.tsv") > 0 && moved("drop.tsv") == 0, "{}", room.read("keep.tsv"));
    room.write(
        "m.tsv",
        "id\tsource\tversion\toptions\n\
         kept\ttalks.en.txt\ttalks.ru.txt\tmoved=keep\n\
         dropped\ttalks.en.txt\ttalks.ru.txt\tmoved=drop\n\
         default\ttalks.en.txt\ttalks.ru.txt\t\n",
    );
    batch(&room, &["m.tsv", "-o", "out", "--to", "tsv", "--moved", "drop"]).done();
    for (id, like) in [("kept", "keep"), ("dropped", "drop"), ("default", "drop")] {
        assert_eq!(room.read(format!("out/aligned/{id}.tsv")), room.read(format!("{like}.tsv")), "{id}");
    }
    let ran = batch(&room, &["m.tsv", "-o", "out", "--to", "tsv", "--resume"]).done();
    assert!(ran.err.contains("going on: 0 of 3") && ran.err.contains("moved is \"keep\" now"), "{}", ran.err);
}

/// A corpus with a document for every reason; `(id, reason)`.
fn broken(room: &Room) -> Vec<(&'static str, &'static str)> {
    let (en, ru) = pair(0, 1);
    let write = |name: &str, text: &str| room.write(format!("texts/{name}"), text);
    for name in ["good", "missing", "empty", "binary", "unreadable", "folder", "twice", "word"] {
        write(&format!("{name}.en.txt"), &en);
        write(&format!("{name}.ru.txt"), &ru);
    }
    let zh = fs::read_to_string(common::talks("talks.zh.txt")).unwrap();
    write("language.en.txt", &en);
    write("language.ru.txt", &zh);
    write("swapped.en.txt", &ru);
    write("swapped.ru.txt", &en);
    write("same.en.txt", &en);
    write("same.ru.txt", &format!("\n{}", en.replace("\n\n", "\r\n\r\n")));
    write("line\nbreak.en.txt", &en);
    write("line\nbreak.ru.txt", &ru);
    let at = |name: &str| room.path(format!("texts/{name}"));
    fs::remove_file(at("missing.ru.txt")).unwrap();
    fs::write(at("empty.ru.txt"), " \n\t\r\n").unwrap();
    let noise: Vec<u8> = (0..9000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(at("binary.ru.txt"), noise).unwrap();
    fs::write(at("word.ru.txt"), b"PK\x03\x04....word/document.xml").unwrap();
    fs::remove_file(at("folder.ru.txt")).unwrap();
    fs::create_dir(at("folder.ru.txt")).unwrap();
    let mut expected = vec![
        ("good", "aligned"),
        ("missing", "missing"),
        ("empty", "empty"),
        ("binary", "not-text"),
        ("folder", "not-a-file"),
        ("word", "not-text"),
        ("language", "wrong-language"),
        ("swapped", "swapped"),
        ("same", "same-text"),
        ("line\nbreak", "bad-path"),
        ("twice", "same-file"),
    ];
    #[cfg(unix)]
    {
        fs::remove_file(at("unreadable.ru.txt")).unwrap();
        std::os::unix::fs::symlink("unreadable.ru.txt", at("unreadable.ru.txt")).unwrap();
        expected.push(("unreadable", "unreadable"));
        // A pipe that nobody writes to must not be waited for.
        let made = std::process::Command::new("mkfifo").arg(at("pipe.ru.txt")).status();
        if made.is_ok_and(|s| s.success()) {
            write("pipe.en.txt", &en);
            expected.push(("pipe", "not-a-file"));
        }
    }
    let mut manifest = String::new();
    for (id, _) in &expected {
        let version = if *id == "twice" { "twice.en.txt".to_owned() } else { format!("{id}.ru.txt") };
        let line = serde_json::json!({
            "id": id, "source": {"path": format!("texts/{id}.en.txt"), "lang": "en"},
            "versions": [{"path": format!("texts/{version}"), "lang": "ru"}],
        });
        manifest.push_str(&format!("{line}\n"));
    }
    manifest.push_str("{\"id\": \"line\", \"source\": 7}\n");
    manifest.push_str("{\"id\": \"good\", \"source\": \"texts/good.en.txt\", \"versions\": [\"texts/good.ru.txt\"]}\n");
    expected.extend([("document-14", "bad-entry"), ("good~2", "duplicate-id")]);
    room.write("manifest.jsonl", manifest);
    expected
}

#[test]
fn every_bad_document_is_told_with_its_reason_and_stops_no_other() {
    let room = Room::new();
    let expected = broken(&room);
    let ran = batch(&room, &["manifest.jsonl", "-o", "out"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let found = reasons(&room, "out");
    for (id, reason) in &expected {
        assert_eq!(found.get(*id).map(String::as_str), Some(*reason), "{id:?} in {found:#?}");
    }
    assert_eq!(found.len(), expected.len());
    let report = report(&room, "out");
    for d in report["documents"].as_array().unwrap().iter().filter(|d| d["fault"].is_object()) {
        let (cause, mend) = (d["fault"]["cause"].as_str().unwrap(), d["fault"]["mend"].as_str().unwrap_or_default());
        assert!(cause.len() > 20 && (mend.len() > 5 || cause.contains([':', ';'])), "no mend: {d:#}");
        assert!(!cause.contains("panicked"), "{cause}");
    }
    // A row a document, whatever is in its name.
    let rows = room.read("out/report.tsv");
    assert_eq!(rows.lines().count(), expected.len() + 1);
    assert!(rows.contains("line\\nbreak\tfailed\tbad-path"));
    assert_eq!(room.read("out/rejected/reasons.tsv").lines().count(), expected.len());
    let files: Vec<String> = tree(&room.path("out/aligned")).into_keys().collect();
    assert_eq!(files, ["good.tmx"]);
}

#[test]
fn the_number_of_threads_shows_nowhere() {
    let room = Room::new();
    good(&room, 9);
    broken(&room);
    for jobs in ["1", "2", "8"] {
        batch(&room, &["corpus", "-o", &format!("good{jobs}"), "--jobs", jobs, "--to", "tmx,tsv"]).done();
        let memory = if jobs == "8" { "300M" } else { "4G" };
        batch(&room, &["manifest.jsonl", "-o", &format!("bad{jobs}"), "--jobs", jobs, "--memory", memory]);
    }
    for jobs in ["2", "8"] {
        for kind in ["good", "bad"] {
            let folder = |jobs: &str| room.path(format!("{kind}{jobs}"));
            assert_same(&folder("1"), &folder(jobs), &format!("{kind} with {jobs} threads"));
        }
    }
}

#[test]
fn folders_are_paired_and_the_rest_is_told() {
    let room = Room::new();
    good(&room, 2);
    room.write("corpus/en/x.txt", pair(5, 1).0);
    room.write("corpus/ru/x.txt", pair(5, 1).1);
    room.write("corpus/lonely.en.txt", "Nobody answers.");
    room.write("corpus/README", "About the corpus.");
    let ran = batch(&room, &["corpus", "--dry-run"]).done();
    for part in [
        "part0/doc1: corpus/part0/doc1.en.txt (en) + corpus/part0/doc1.ru.txt (ru)",
        "x: corpus/en/x.txt (en) + corpus/ru/x.txt (ru)",
        "alone: lonely.en.txt: there is no file of this name in another language than en",
        "alone: README: neither its name nor a folder tells its language",
        "3 documents, 2 files alone",
    ] {
        assert!(ran.out.contains(part), "no {part:?} in {}", ran.out);
    }
    assert!(!room.path("out").exists());
    // As a manifest, the plan gives the same batch.
    let plan = batch(&room, &["corpus", "--dry-run", "--json"]).done().out;
    room.write("elsewhere/plan.jsonl", plan);
    batch(&room, &["corpus", "-o", "a"]).done();
    batch(&room, &["elsewhere/plan.jsonl", "-o", "b"]).done();
    assert_same(&room.path("a/aligned"), &room.path("b/aligned"), "folder and manifest");
    assert_eq!(report(&room, "a")["alone"].as_array().unwrap().len(), 2);
    // The other way round, by --langs.
    batch(&room, &["corpus", "-o", "c", "--langs", "ru,en", "--to", "tsv"]).done();
    assert!(room.read("c/aligned/x.tsv").starts_with("ru\ten\t"));
    batch(&room, &["corpus/en", "-o", "d"]).refused(&["no two files belong together"]);
}

#[test]
fn a_batch_goes_on_where_it_was_and_notices_what_changed() {
    let room = Room::new();
    good(&room, 5);
    batch(&room, &["corpus", "-o", "out"]).done();
    batch(&room, &["corpus", "-o", "out"]).refused(&["holds a batch already (5 documents are done)", "--resume"]);
    let resumed = |arguments: &[&str], kept: usize| {
        let before = entered(&room, "out");
        let ran = batch(&room, &[&["corpus", "-o", "out", "--resume"], arguments].concat()).done();
        assert!(ran.err.contains(&format!("going on: {kept} of 5 documents are done")), "{}", ran.err);
        assert_eq!(entered(&room, "out") - before, 5 - kept, "{arguments:?}");
        ran
    };
    resumed(&[], 5);
    // An input with other words, an output that was lost, one that was damaged.
    let (en, _) = pair(7, 1);
    room.write("corpus/part0/doc1.en.txt", en);
    resumed(&[], 4);
    fs::remove_file(room.path("out/aligned/part1/doc2.tmx")).unwrap();
    room.write("out/aligned/part0/doc3.tmx", "<tmx>");
    resumed(&[], 3);
    // Options that shape the outputs; those that do not are no reason.
    let ran = resumed(&["--min-confidence", "0.5"], 0);
    assert!(ran.err.contains("min-confidence is 0.5 now"), "{}", ran.err);
    resumed(&["--min-confidence", "0.5", "--jobs", "1", "--memory", "2G"], 5);
    resumed(&["--min-confidence", "0.5", "--to", "tsv"], 0);
    // Outputs of before that are none any more are gone.
    let files: Vec<String> = tree(&room.path("out/aligned")).into_keys().collect();
    assert!(files.len() == 5 && files.iter().all(|f| f.ends_with(".tsv")), "{files:?}");
    batch(&room, &["corpus", "-o", "fresh", "--min-confidence", "0.5", "--to", "tsv"]).done();
    assert_same(&room.path("out"), &room.path("fresh"), "resumed and fresh");
}

#[test]
fn a_batch_that_was_killed_ends_like_one_that_was_not() {
    let room = Room::new();
    good(&room, 24);
    broken(&room);
    let lines: String = (1..=24)
        .map(|k| {
            let stem = format!("corpus/part{}/doc{k}", (k - 1) % 2);
            format!("{{\"id\":\"doc{k}\",\"source\":\"{stem}.en.txt\",\"versions\":[\"{stem}.ru.txt\"]}}\n")
        })
        .collect();
    let manifest = room.read("manifest.jsonl") + &lines;
    room.write("manifest.jsonl", manifest);
    let whole = Instant::now();
    batch(&room, &["manifest.jsonl", "-o", "whole", "--to", "tmx,tsv"]);
    let whole = whole.elapsed();
    let mut kills = 0;
    for k in 0..8u32 {
        // From the first moments to the end; an odd stride, so that other moments are hit than those of a clock.
        let mut child = command(&room);
        child.args(["manifest.jsonl", "-o", "killed", "--to", "tmx,tsv", "--resume", "--quiet"]);
        let mut child = child.stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(whole * (k * 37 % 29) / 100);
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        // Whatever stands under its name is whole.
        for (name, bytes) in tree(&room.path("killed")) {
            let whole = name.ends_with(".part") || !name.ends_with(".tmx") || bytes.ends_with(b"</tmx>\n");
            assert!(whole, "{name} is half-written");
        }
    }
    assert!(kills > 3, "the runs were too short to be killed");
    let ran = batch(&room, &["manifest.jsonl", "-o", "killed", "--to", "tmx,tsv", "--resume"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert_same(&room.path("whole"), &room.path("killed"), "whole and killed");
}

#[cfg(unix)]
#[test]
fn a_signal_lets_documents_be_finished() {
    let room = Room::new();
    for k in 0..12 {
        let (en, ru) = pair(k, 12);
        room.write(format!("corpus/d{k}.en.txt"), en);
        room.write(format!("corpus/d{k}.ru.txt"), ru);
    }
    for (signal, status) in [("-TERM", 143), ("-INT", 130)] {
        let out = format!("out{signal}");
        let mut command = command(&room);
        command.args(["corpus", "-o", &out, "--to", "tsv", "--jobs", "1"]);
        let child = command.stderr(Stdio::piped()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while entered(&room, &out) == 0 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        let id = child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(status), "{told}");
        let waiting = report(&room, &out)["totals"]["waiting"].as_u64().unwrap();
        assert!(waiting > 0 && waiting < 12, "{waiting} of 12 are waiting");
        assert!(told.contains(&format!("{waiting} not begun")), "{told}");
        assert!(room.read(format!("{out}/journal.jsonl")).ends_with("{\"end\":{\"complete\":false}}\n"));
        assert!(tree(&room.path(&out)).keys().all(|f| !f.ends_with(".part")));
        batch(&room, &["corpus", "-o", &out, "--to", "tsv", "--resume"]).done();
    }
    batch(&room, &["corpus", "-o", "whole", "--to", "tsv"]).done();
    assert_same(&room.path("whole"), &room.path("out-TERM"), "whole and interrupted");
    assert_same(&room.path("whole"), &room.path("out-INT"), "whole and interrupted");
}

#[test]
fn one_batch_at_a_time_works_in_a_folder() {
    let room = Room::new();
    for k in 0..6 {
        let (en, ru) = pair(k, 12);
        room.write(format!("corpus/d{k}.en.txt"), en);
        room.write(format!("corpus/d{k}.ru.txt"), ru);
    }
    let mut first = command(&room);
    let mut first = first.args(["corpus", "-o", "out", "--jobs", "1", "--quiet"]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while entered(&room, "out") == 0 && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(2));
    }
    batch(&room, &["corpus", "-o", "out", "--resume"]).refused(&["another batch is at work in out"]);
    assert!(first.wait().unwrap().success());
    batch(&room, &["corpus", "-o", "alone"]).done();
    assert_same(&room.path("alone"), &room.path("out"), "alone and disturbed");
}

#[test]
fn a_disk_that_is_full_ends_the_batch_and_it_goes_on_when_there_is_room() {
    let room = Room::new();
    good(&room, 12);
    fs::create_dir(room.path("disk")).unwrap();
    let disk = room.path("disk");
    let mount = |arguments: &[&str]| {
        std::process::Command::new("mount").args(arguments).arg(&disk).output().is_ok_and(|o| o.status.success())
    };
    if !mount(&["-t", "tmpfs", "-o", "size=160k", "tmpfs"]) {
        println!("SKIPPED: this user cannot mount a small disk");
        return;
    }
    let full = batch(&room, &["corpus", "-o", "disk/out", "--to", "tmx,tsv"]);
    let (files, done) = (tree(&room.path("disk/out")), entered(&room, "disk/out"));
    let grown = mount(&["-o", "remount,size=8m"]);
    let resumed = batch(&room, &["corpus", "-o", "disk/out", "--to", "tmx,tsv", "--resume"]);
    batch(&room, &["corpus", "-o", "whole", "--to", "tmx,tsv"]).done();
    let same = tree(&room.path("whole")) == tree(&room.path("disk/out"));
    let read_only = mount(&["-o", "remount,ro"]);
    let refused = batch(&room, &["corpus", "-o", "disk/other"]);
    let unmounted = std::process::Command::new("umount").arg(&disk).status().unwrap().success();
    assert!(grown && read_only && unmounted);
    let full = full.refused(&["the disk is full", "--resume"]);
    assert!(done > 0 && done < 12, "{done} done: {}", full.err);
    assert!(files.iter().all(|(n, b)| !n.ends_with(".tmx") || b.ends_with(b"</tmx>\n")), "a memory is half-written");
    resumed.done();
    assert!(same, "the batch that went on differs");
    refused.refused(&["cannot write disk/other", "ead-only"]);
}

#[test]
fn a_source_that_is_deleted_fails_alone() {
    let room = Room::new();
    for k in 0..8 {
        let (en, ru) = pair(k, 10 - k);
        room.write(format!("corpus/d{k}.en.txt"), en);
        room.write(format!("corpus/d{k}.ru.txt"), ru);
    }
    let mut child = command(&room);
    let mut child = child.args(["corpus", "-o", "out", "--jobs", "1", "--quiet"]).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while entered(&room, "out") == 0 && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
    // The smallest is done last.
    fs::remove_file(room.path("corpus/d7.ru.txt")).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let found = reasons(&room, "out");
    assert_eq!(found["d7"], "missing");
    assert_eq!(found.values().filter(|r| *r == "aligned").count(), 7);
    // An alignment is not lost because its text is gone.
    fs::remove_file(room.path("corpus/d0.en.txt")).unwrap();
    room.write("corpus/d7.ru.txt", pair(7, 3).1);
    let manifest: String = (0..8)
        .map(|k| format!("{{\"id\":\"d{k}\",\"source\":{{\"path\":\"corpus/d{k}.en.txt\",\"lang\":\"en\"}},\"versions\":[{{\"path\":\"corpus/d{k}.ru.txt\",\"lang\":\"ru\"}}]}}\n"))
        .collect();
    room.write("manifest.jsonl", manifest);
    batch(&room, &["manifest.jsonl", "-o", "out", "--resume"]);
    let found = reasons(&room, "out");
    assert_eq!((found["d0"].as_str(), found["d7"].as_str()), ("missing", "aligned"));
    assert!(room.path("out/aligned/d0.tmx").exists());
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let room = Room::new();
    good(&room, 10);
    room.write("corpus/zz.en.txt", "x");
    room.write("corpus/zz.ru.txt", "");
    // What cannot be aligned costs nothing, and comes last.
    room.write("corpus/aa.en.txt", pair(0, 20).0);
    room.write("corpus/aa.ru.txt", pair(0, 20).0);
    let ran = batch(&room, &["corpus", "-o", "out", "--fail-fast", "--jobs", "1"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let totals = &report(&room, "out")["totals"];
    assert_eq!((totals["rejected"].as_u64(), totals["waiting"].as_u64() > Some(5)), (Some(1), true), "{totals}");
}

#[test]
fn a_document_that_does_not_fit_into_the_memory_is_refused_and_the_rest_done() {
    let room = Room::new();
    good(&room, 2);
    room.write("corpus/huge.en.txt", pair(0, 400).0);
    room.write("corpus/huge.ru.txt", pair(0, 400).1);
    let ran = batch(&room, &["corpus", "-o", "out", "--memory", "150M"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert_eq!(reasons(&room, "out")["huge"], "memory");
    assert!(ran.err.contains("--memory") || room.read("out/report.tsv").contains("give more (--memory)"), "{ran:#?}");
    assert_eq!(report(&room, "out")["totals"]["aligned"], 2);
}

#[test]
fn memories_are_merged_and_resumed() {
    let room = Room::new().with_talks();
    good(&room, 3);
    for name in ["talks.en.txt", "talks.ru.txt", "talks.zh.txt"] {
        fs::copy(room.path(name), room.path("corpus").join(name)).unwrap();
    }
    batch(&room, &["corpus", "-o", "out", "--merge"]).done();
    let names: Vec<String> = tree(&room.path("out/memories")).into_keys().collect();
    assert_eq!(names, ["en-ru.tmx", "en-zh.tmx"]);
    let merged = room.read("out/memories/en-ru.tmx");
    // The documents repeat each other: every unit stands once, in the order of the first.
    room.align(&["corpus/talks.en.txt", "corpus/talks.ru.txt", "-o", "one.tmx", "--encoder", "none"]).done();
    let (all, one) = (common::segs(&merged), common::segs(&room.read("one.tmx")));
    assert!(one.iter().all(|unit| all.contains(unit)), "the units of a document are missing");
    let mut distinct = all.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), all.len(), "a unit stands twice");
    assert!(merged.contains("<prop type=\"x-document\">part0/doc1</prop>"));
    assert!(!room.read("out/report.html").contains(".parts/"));
    fs::remove_dir_all(room.path("out/memories")).unwrap();
    let ran = batch(&room, &["corpus", "-o", "out", "--merge", "--resume"]).done();
    assert!(ran.err.contains("4 of 4 documents are done"), "{}", ran.err);
    assert_eq!(room.read("out/memories/en-ru.tmx"), merged);
    batch(&room, &["corpus", "-o", "x", "--merge", "--to", "tsv"])
        .refused(&["--merge makes translation memories only"]);
}

#[test]
fn progress_is_told_to_machines() {
    let room = Room::new();
    good(&room, 3);
    let ran = batch(&room, &["corpus", "-o", "out", "--progress", "json", "--quiet"]).done();
    let events: Vec<serde_json::Value> = ran.err.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|e| e["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["start", "document", "document", "document", "end"]);
    assert_eq!((events[3]["done"].as_u64(), events[4]["complete"].as_bool()), (Some(3), Some(true)));
    assert!(events[2]["segments_per_second"].as_f64().unwrap() > 0.0);
    // Nothing is said where nobody looks on.
    let ran = batch(&room, &["corpus", "-o", "out2", "--quiet"]).done();
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    let ran = batch(&room, &["corpus", "-o", "out3", "--json"]).done();
    let summary: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(summary["totals"]["aligned"], 3);
}

#[test]
fn options_of_single_documents_count() {
    let room = Room::new();
    room.write("a.en.txt", "One. Two.\nThree.\n");
    room.write("a.de.txt", "Eins. Zwei.\nDrei.\n");
    room.write(
        "m.tsv",
        "id\tsource\tversion\tlangs\toptions\n\
         lines\ta.en.txt\ta.de.txt\ten,de\tsegmentation=line min-quality=0\n\
         sentences\ta.en.txt\ta.de.txt\ten,de\tmin-quality=0\n\
         wrong\ta.en.txt\ta.de.txt\ten,de\tspeed=9\n",
    );
    let ran = batch(&room, &["m.tsv", "-o", "out", "--to", "beads"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    assert_eq!(room.read("out/aligned/lines.beads").lines().count(), 2);
    assert_eq!(room.read("out/aligned/sentences.beads").lines().count(), 3);
    assert_eq!(reasons(&room, "out")["wrong"], "bad-entry");
    for (name, text, part) in [
        ("x.tsv", "a\tb\n", "no column 'source'"),
        ("x.csv", "", "end its name in .tsv or .jsonl"),
        ("x.jsonl", "\n", "no document in it"),
    ] {
        room.write(name, text);
        batch(&room, &[name, "-o", "x"]).refused(&[name, part]);
    }
    batch(&room, &["nowhere.tsv", "-o", "x"]).refused(&["cannot read nowhere.tsv", "no such file"]);
    batch(&room, &["m.tsv"]).refused(&["-o FOLDER"]);
    batch(&room, &["m.tsv", "-o", "a.en.txt"]).refused(&["cannot write a.en.txt"]);
}

#[test]
fn dictionaries_and_anchors_count_and_are_remembered() {
    let room = Room::new();
    good(&room, 2);
    let texts = ["corpus/part0/doc1.en.txt", "corpus/part0/doc1.ru.txt"];
    room.write("lists/doc1.beads", "[0]:[1]\n");
    room.write("words.tsv", "table\tстол\nheart\tсердце\n");
    let manifest = "source\tversion\toptions\n../SOURCE\t../VERSION\tanchors=doc1.beads\n";
    room.write("lists/m.tsv", manifest.replace("SOURCE", texts[0]).replace("VERSION", texts[1]));
    let options = ["lists/m.tsv", "-o", "out", "--to", "tsv", "--dictionary", "words.tsv"];
    batch(&room, &options).done();
    let known = ["--anchors", "lists/doc1.beads", "--dictionary", "words.tsv", "--encoder", "none", "-o", "one.tsv"];
    room.align(&[&texts[..], &known].concat()).done();
    assert_eq!(room.read("out/aligned/doc1.tsv"), room.read("one.tsv"));
    assert!(room.read("one.tsv").contains("\tfixed\n"));
    let resume = |kept: usize| {
        let ran = batch(&room, &[&options[..], &["--resume"]].concat()).done();
        assert!(ran.err.contains(&format!("going on: {kept} of 1")), "{}", ran.err);
    };
    resume(1);
    room.write("lists/doc1.beads", "[1]:[1]\n");
    resume(0);
    room.write("words.tsv", "table\tстол\n");
    resume(0);
    resume(1);
    room.write("lists/doc1.beads", "[99999]:[1]\n");
    let ran = batch(&room, &[&options[..], &["--resume"]].concat());
    assert_eq!((ran.code, reasons(&room, "out")["doc1"].as_str()), (Some(1), "refused"), "{ran:#?}");
}

fn job(id: impl Into<serde_json::Value>, en: &str, ru: &str) -> String {
    let job = serde_json::json!({
        "id": id.into(), "source": {"lang": "en", "text": en}, "versions": [{"lang": "ru", "text": ru}],
    });
    format!("{job}\n")
}

fn stream(room: &Room, input: &[u8], arguments: &[&str]) -> Ran {
    let path = room.write("jobs.jsonl", input);
    let mut command = command(room);
    command.args(["-", "--to", "jsonl"]).args(arguments).stdin(fs::File::open(path).unwrap());
    Ran::of(&mut command)
}

#[test]
fn a_stream_answers_every_line_in_order() {
    let room = Room::new();
    let mut input = String::new();
    for k in 0..40 {
        // Large and small in turn: what is done first is not answered first.
        let (en, ru) = pair(k, if k % 5 == 0 { 6 } else { 1 });
        input.push_str(&job(k, &en, &ru));
    }
    let (en, ru) = pair(0, 1);
    input.push_str(&job("empty", "", &ru));
    input.push_str("\n{\"id\":\"no\",\"source\":{\"path\":\"/etc/hostname\"},\"versions\":[{\"text\":\"x\"}]}\n");
    input.push_str("not json\n");
    input.push_str(&job("swapped", &ru, &en));
    let ran = stream(&room, input.as_bytes(), &[]).done();
    let answers: Vec<serde_json::Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let ids: Vec<String> = answers.iter().map(|a| a["id"].to_string()).collect();
    let numbers = (0..40).map(|k| k.to_string());
    let wanted: Vec<String> =
        numbers.chain(["\"empty\"", "\"no\"", "null", "\"swapped\""].map(str::to_owned)).collect();
    assert_eq!(ids, wanted);
    assert!(answers[..40].iter().all(|a| a["status"] == "aligned" && a["rows"].as_array().unwrap().len() > 50));
    let reasons: Vec<&str> = answers[40..].iter().map(|a| a["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["empty", "bad-entry", "bad-entry", "swapped"]);
    // Threads and memory change nothing.
    for arguments in [["--jobs", "1"], ["--jobs", "8"], ["--memory", "200M"]] {
        assert_eq!(stream(&room, input.as_bytes(), &arguments).done().out, ran.out, "{arguments:?}");
    }
    // The rows are those of the file that a batch writes.
    room.write("one/a.en.txt", pair(1, 1).0);
    room.write("one/a.ru.txt", pair(1, 1).1);
    batch(&room, &["one", "-o", "out", "--to", "jsonl"]).done();
    let rows: Vec<serde_json::Value> =
        room.read("out/aligned/a.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(answers[1]["rows"], serde_json::Value::Array(rows));
}

#[test]
fn a_stream_answers_at_once_and_refuses_what_is_too_long() {
    use std::io::{BufRead, BufReader, Write};
    let room = Room::new();
    let mut command = command(&room);
    command.args(["-", "--to", "jsonl", "--quiet"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut to, mut from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let (en, ru) = pair(0, 1);
    for k in 0..3 {
        to.write_all(job(k, &en, &ru).as_bytes()).unwrap();
        to.flush().unwrap();
        // The answer comes while the input stays open.
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("{{\"id\":{k},\"status\":\"aligned\"")), "{line}");
    }
    drop(to);
    assert!(child.wait().unwrap().success());
    let long = job("long", &"word ".repeat(2_000_000), "x") + &job("short", &en, &ru);
    let ran = stream(&room, long.as_bytes(), &["--memory", "150M"]).done();
    let answers: Vec<serde_json::Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((answers[0]["reason"].as_str(), answers[1]["status"].as_str()), (Some("memory"), Some("aligned")));
    batch(&room, &["-"]).refused(&["--to jsonl"]);
}
