//! Proofs in real tools: what hexapla writes is valid by the schemas of TMX, loads and matches in OmegaT, and is read
//! back verbatim by four libraries that others wrote.
//!
//! Needed: `xmllint` (libxml2-utils), OmegaT (`/usr/share/omegat/OmegaT.jar`, or `HEXAPLA_OMEGAT`) with `java`, a
//! Python with translate-toolkit, lokit-python, tmxutil and hypomnema (`HEXAPLA_PYTHON`, else `python3`), and the
//! schemas `tmx14.dtd` and `tmx14.xsd` in the folder `tmx` of `HEXAPLA_SHARED`. What is missing makes its test say that
//! it skips; with `HEXAPLA_REQUIRE_TOOLS=1` it makes the test fail.

mod common;
mod tools_support;

use std::path::Path;
use std::process::Command;

use common::{Ran, Room, hostile, segs};
use tools_support::{omegat, require, shared};

const EN_RU: [&str; 2] = ["talks.en.txt", "talks.ru.txt"];
const ALL: [&str; 4] = ["talks.en.txt", "talks.ru.txt", "talks.zh.txt", "talks.retranslated.en.txt"];

/// A room with one of every kind of memory: bilingual, multilingual, one language, split, dated, hostile.
fn memories() -> (Room, Vec<String>) {
    let room = Room::new().with_talks();
    let file: Vec<u8> = hostile().iter().flat_map(|(bytes, _)| [bytes.as_slice(), b"\n"].concat()).collect();
    room.write("hostile & <odd>.en.txt", &file);
    room.write("hostile & <odd>.de.txt", &file);
    let hostile = ["hostile & <odd>.en.txt", "hostile & <odd>.de.txt", "--langs", "en,de", "--segmentation", "line"];
    room.align(&[EN_RU.as_slice(), &["-o", "one.tmx"]].concat()).done();
    room.align(&[ALL.as_slice(), &["-o", "each.tmx"]].concat()).done();
    room.align(&[ALL.as_slice(), &["-o", "multi.tmx", "--multi", "--keep-unaligned"]].concat()).done();
    room.align(&[EN_RU.as_slice(), &["-o", "split.tmx", "--tmx-split", "8K"]].concat()).done();
    room.align(&[EN_RU.as_slice(), &["-o", "plain.tmx", "--tmx-segtype", "sentence"]].concat()).done();
    room.align(&[EN_RU.as_slice(), &["-o", "none.tmx", "--min-confidence", "1"]].concat()).done();
    room.align(
        &[hostile.as_slice(), &["-o", "hostile.tmx", "-o", "hostile.jsonl", "--tmx-duplicates", "keep"]].concat(),
    )
    .done();
    let names = room.files().into_iter().filter(|f| f.ends_with(".tmx")).collect();
    (room, names)
}

#[test]
fn xmllint_accepts_every_memory() {
    let found = Command::new("xmllint").arg("--version").output().is_ok();
    let Some(schemas) = require(found, "xmllint").then(|| shared("tmx")).flatten() else { return };
    let (room, names) = memories();
    assert!(names.len() > 8, "{names:?}");
    for name in &names {
        let dtd = ["--noout", "--nonet", "--dtdvalid"];
        let ran = Ran::of(Command::new("xmllint").args(dtd).arg(schemas.join("tmx14.dtd")).arg(room.path(name)));
        assert_eq!(ran.code, Some(0), "{name} against the DTD: {}", ran.err);
        let xsd = ["--noout", "--nonet", "--stream", "--schema"];
        let ran = Ran::of(Command::new("xmllint").args(xsd).arg(schemas.join("tmx14.xsd")).arg(room.path(name)));
        assert_eq!(ran.code, Some(0), "{name} against the XSD: {}", ran.err);
    }
    println!("{} memories are valid by DTD and XSD", names.len());
}

/// Whether OmegaT's own rules would cut the text: a full stop, question or exclamation mark and a space inside.
fn is_cut_by_omegat(text: &str) -> bool {
    text.char_indices().any(|(i, c)| ".?!…".contains(c) && text[i + c.len_utf8()..].starts_with(char::is_whitespace))
}

#[test]
fn omegat_loads_the_memory_and_translates_the_source_with_it() {
    if !require(omegat::is_there(), "OmegaT") {
        return;
    }
    let room = Room::new().with_talks();
    room.align(&[EN_RU.as_slice(), &["-o", "o.tmx"]].concat()).done();
    let memory = segs(&room.read("o.tmx"));
    // A paragraph a unit. Left out: what OmegaT cuts where we did not, for it asks the memory for the halves.
    let kept: Vec<_> = memory.iter().filter(|u| !is_cut_by_omegat(&u[0])).collect();
    assert!(kept.len() * 10 >= memory.len() * 8, "{} of {}", kept.len(), memory.len());
    let text = |side: usize| kept.iter().map(|u| u[side].clone() + "\n\n").collect::<String>();
    room.write("source.txt", text(0));
    room.write("wanted.txt", text(1));
    let project = omegat::translate(&room.path("o.tmx"), &room.path("source.txt"), "EN", "RU");
    assert_eq!(project.translated, text(1));
    assert_eq!(project.remaining, 0);
    println!("OmegaT translated all {} segments", project.total);
    // The project's own script, where it stands beside the repository.
    if let Some(script) = shared("tools/omegat-roundtrip") {
        let files = ["o.tmx", "source.txt", "wanted.txt"].map(|f| room.path(f));
        let ran = Ran::of(Command::new(script).args(files).args(["EN", "RU"]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[test]
fn omegat_loads_hostile_segments() {
    if !require(omegat::is_there(), "OmegaT") {
        return;
    }
    let (room, _) = memories();
    let units = segs(&room.read("hostile.tmx"));
    let plain = units.iter().find(|u| u[0].contains("Tom & Jerry")).expect("the unit is there");
    room.write("source.txt", plain[0].clone() + "\n");
    let project = omegat::translate(&room.path("hostile.tmx"), &room.path("source.txt"), "EN", "DE");
    assert_eq!(project.translated, plain[1].clone() + "\n");
}

/// The share of the sample's segments that may stay without a translation in OmegaT.
const MOST_REMAINING: f64 = 0.15;

/// Writes a memory with `arguments`, and returns what share of the sample OmegaT leaves untranslated with it.
fn leverage(room: &Room, arguments: &[&str]) -> f64 {
    room.align(&[arguments, &["-o", "o.tmx"]].concat()).done();
    let project = omegat::translate(&room.path("o.tmx"), &room.path(EN_RU[0]), "EN", "RU");
    let share = project.remaining as f64 / project.total as f64;
    let options: Vec<&str> = arguments.iter().copied().filter(|a| !a.contains('/')).collect();
    let (remaining, total, percent) = (project.remaining, project.total, 100.0 * share);
    println!("leverage: {remaining} of {total} segments remain ({percent:.1} %): {}", options.join(" "));
    assert!(project.total > 50);
    share
}

#[test]
fn leverage_in_omegat() {
    if !require(omegat::is_there(), "OmegaT") {
        return;
    }
    let share = leverage(&Room::new().with_talks(), &EN_RU);
    assert!(share <= MOST_REMAINING, "{share}");
}

#[test]
fn the_default_memory_gives_the_most_matches() {
    if !require(omegat::is_there(), "OmegaT") {
        return;
    }
    // The alignment by hand, so that the aligner has no part in it.
    let gold = ["en.segments", "ru.segments", "en-ru.beads"].map(|n| common::talks("gold").join(n));
    let [en, ru, beads] = gold.each_ref().map(|p| p.to_str().unwrap());
    let room = Room::new().with_talks();
    let by_hand = [en, ru, "--langs", "en,ru", "--segmentation", "line", "--encoder", "none", "--anchors", beads];
    let with = |options: &[&str]| leverage(&room, &[by_hand.as_slice(), options].concat());
    let default = with(&[]);
    for others in [
        ["--tmx-segtype", "sentence", "--tmx-beads", "all"],
        ["--tmx-segtype", "paragraph", "--tmx-beads", "one-source"],
        ["--tmx-segtype", "paragraph", "--tmx-beads", "one-to-one"],
    ] {
        assert!(default <= with(&others), "{others:?}");
    }
}

/// What a memory must give back of a row of JSON Lines: XML's forbidden characters are spaces.
fn as_in_xml(text: &str) -> String {
    let forbidden =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    text.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[test]
fn libraries_read_every_segment_back_verbatim() {
    let python = std::env::var("HEXAPLA_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tools/readers.py");
    let run = |arguments: &[&str]| Ran::of(Command::new(&python).arg(&script).args(arguments));
    let there = run(&["--which"]).done().out;
    let room = memories().0;
    let rows = |name: &str| -> Vec<[String; 2]> {
        let rows = room.read(name);
        let texts = rows.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["texts"].clone());
        let pair = |t: serde_json::Value| {
            let mut columns =
                t.as_object().unwrap().values().map(|v| as_in_xml(v.as_str().unwrap())).collect::<Vec<_>>();
            // The order of an object's keys is not kept: `en` is the source.
            if t.get("en").map(|v| as_in_xml(v.as_str().unwrap())) != Some(columns[0].clone()) {
                columns.swap(0, 1);
            }
            [columns[0].clone(), columns[1].clone()]
        };
        texts.map(pair).collect()
    };
    room.align(&[EN_RU.as_slice(), &["-o", "sample.tmx", "-o", "sample.jsonl", "--tmx-duplicates", "keep"]].concat())
        .done();
    for reader in ["translate-toolkit", "lokit-python", "tmxutil", "hypomnema"] {
        if !require(there.lines().any(|l| l == reader), reader) {
            continue;
        }
        for (name, source, target) in [("sample", "en", "ru"), ("hostile", "en", "de")] {
            let memory = room.path(format!("{name}.tmx"));
            let ran = run(&[reader, memory.to_str().unwrap(), source, target]).done();
            let read: Vec<[String; 2]> = serde_json::from_str(&ran.out).unwrap();
            let want = rows(&format!("{name}.jsonl"));
            for (k, (read, want)) in read.iter().zip(&want).enumerate() {
                assert_eq!(read, want, "{reader}, {name}, unit {k}");
            }
            assert_eq!(read.len(), want.len(), "{reader}, {name}");
            println!("{reader}: {} units of {name}.tmx read back verbatim", read.len());
        }
    }
}
