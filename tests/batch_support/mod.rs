//! What the tests of `hexapla batch` share: small corpora of our own words, and a look at what a batch left.

// Every test binary uses a part of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{Ran, Room, talks};

/// The sample's texts, cut into paragraphs.
fn paragraphs(name: &str) -> Vec<String> {
    let text = fs::read_to_string(talks(name)).unwrap();
    text.split("\n\n").map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

/// A text in English and Russian: the sample's paragraphs, `times` over, each round told apart by its number.
pub(crate) fn pair(number: usize, times: usize) -> (String, String) {
    let (en, ru) = (paragraphs("talks.en.txt"), paragraphs("talks.ru.txt"));
    let text = |parts: &[String], word: &str| {
        let mut out = String::new();
        for round in 0..times {
            out.push_str(&format!("{word} {}.{}.\n\n", number + 1, round + 1));
            for part in parts {
                out.push_str(part);
                out.push_str("\n\n");
            }
        }
        out
    };
    (text(&en, "Talk"), text(&ru, "Беседа"))
}

/// Writes `count` good pairs of growing size to `corpus/`, as `doc1.en.txt`, `doc1.ru.txt`, …
pub(crate) fn good(room: &Room, count: usize) {
    for k in 0..count {
        let (en, ru) = pair(k, 1 + k % 3);
        room.write(format!("corpus/part{}/doc{}.en.txt", k % 2, k + 1), en);
        room.write(format!("corpus/part{}/doc{}.ru.txt", k % 2, k + 1), ru);
    }
}

/// `hexapla batch`, without an encoder: what is tested here does not depend on it, and it takes most of the time.
pub(crate) fn command(room: &Room) -> Command {
    let mut command = room.hexapla();
    command.args(["batch", "--encoder", "none"]);
    command
}

/// Runs `hexapla batch`.
pub(crate) fn batch(room: &Room, arguments: &[&str]) -> Ran {
    Ran::of(command(room).args(arguments))
}

/// All files below a folder but the journal and the lock, with their bytes; hidden ones as well.
pub(crate) fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                walk(root, &path, out);
            } else if name != "journal.jsonl" && name != ".hexapla.lock" {
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    if root.exists() {
        walk(root, root, &mut out);
    }
    out
}

/// Asserts that two batches left the same, file by file.
#[track_caller]
pub(crate) fn assert_same(a: &Path, b: &Path, what: &str) {
    let (a, b) = (tree(a), tree(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in &a {
        assert!(*bytes == b[name], "{what}: {name} differs");
    }
}

/// `report.json`.
pub(crate) fn report(room: &Room, folder: &str) -> serde_json::Value {
    serde_json::from_str(&room.read(format!("{folder}/report.json"))).unwrap()
}

/// Status and reason of every document in `report.json`.
pub(crate) fn reasons(room: &Room, folder: &str) -> BTreeMap<String, String> {
    let report = report(room, folder);
    let reason = |d: &serde_json::Value| d["fault"]["reason"].as_str().unwrap_or("aligned").to_owned();
    let documents = report["documents"].as_array().unwrap();
    documents.iter().map(|d| (d["id"].as_str().unwrap().to_owned(), reason(d))).collect()
}

/// Lines of the journal that say that a document is done.
pub(crate) fn entered(room: &Room, folder: &str) -> usize {
    let journal = fs::read_to_string(room.path(format!("{folder}/journal.jsonl"))).unwrap_or_default();
    journal.lines().filter(|l| l.starts_with("{\"done\"")).count()
}
