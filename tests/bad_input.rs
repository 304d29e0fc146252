//! What cannot be aligned: every case ends with a message that names the file and the mend, with exit status 2, and
//! leaves no file behind.

mod common;

use common::{Ran, Room};

/// A room with a good source, `s.en.txt`, and whatever version is tried.
fn room() -> Room {
    let room = Room::new();
    room.write("s.en.txt", "One sentence. Another sentence.\n");
    room.write("v.ru.txt", "Одно предложение. Другое предложение.\n");
    room
}

/// Runs with the version `bytes`, and expects a refusal with `parts` that leaves nothing behind.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, parts: &[&str]) {
    let room = room();
    room.write("bad.ru.txt", bytes);
    let before = room.files();
    room.align(&["s.en.txt", "bad.ru.txt", "-o", "o.tmx", "-o", "o.tsv"]).refused(&[&["bad.ru.txt"], parts].concat());
    assert_eq!(room.files(), before);
}

/// Runs with `arguments` in the usual room, and expects a refusal with `parts` that leaves nothing behind.
#[track_caller]
fn refused_arguments(arguments: &[&str], parts: &[&str]) {
    let room = room();
    let before = room.files();
    room.align(arguments).refused(parts);
    assert_eq!(room.files(), before);
}

#[test]
fn an_empty_text() {
    refused("", &["has no text in it (the file is empty)"]);
    refused(" \r\n\t\n\u{a0}\n", &["has no text in it (white space only)"]);
    refused(b"\xEF\xBB\xBF", &["has no text in it"]);
    refused(b"\xFF\xFE", &["has no text in it"]);
}

#[test]
fn an_empty_text_of_lines() {
    let room = room();
    room.write("bad.ru.txt", "\n\n\n");
    room.align(&["s.en.txt", "bad.ru.txt", "--segmentation", "line", "-o", "o.tmx"]).refused(&["has no text in it"]);
}

#[test]
fn nul_bytes() {
    refused(vec![0; 100_000], &["100000 bytes that are all NUL, not plain text: give the text itself"]);
}

#[test]
fn a_binary_file() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_hexapla")).unwrap();
    refused(&program[..1 << 20], &["is a program, not plain text"]);
    refused(&program[64..1 << 20], &["is a binary file", "control codes"]);
    refused(
        b"PK\x03\x04\x14\0\x06\0..[Content_Types].xml..word/document.xml",
        &["a Word document", "save it as plain text"],
    );
    refused(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3", &["a PDF file", "pdftotext"]);
    refused(b"{\\rtf1\\ansi Text.}", &["Rich Text"]);
}

#[test]
fn a_memory_given_as_text() {
    let tmx = "<?xml version=\"1.0\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<tmx version=\"1.4\"></tmx>\n";
    refused(tmx, &["a translation memory (TMX)", "it is aligned already; give the plain texts"]);
    let utf16: Vec<u8> = tmx.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused([b"\xFF\xFE".to_vec(), utf16.clone()].concat(), &["a translation memory (TMX)"]);
    refused(utf16, &["a translation memory (TMX)"]);
    refused("<!DOCTYPE html>\n<html><body>Text.</body></html>", &["an HTML page"]);
}

#[test]
fn a_file_that_is_not_there() {
    refused_arguments(
        &["s.en.txt", "none.ru.txt", "-o", "o.tmx"],
        &["cannot read none.ru.txt", "no such file", "check"],
    );
    refused_arguments(&["no/s.en.txt", "v.ru.txt", "-o", "o.tmx"], &["cannot read no/s.en.txt"]);
}

#[test]
fn a_folder_given_for_a_file() {
    refused_arguments(&["s.en.txt", ".", "-o", "o.tmx"], &[". is a folder; name the text file in it"]);
}

#[test]
fn the_same_file_twice() {
    let parts = ["s.en.txt and ./s.en.txt are the same file", "different versions"];
    refused_arguments(&["s.en.txt", "./s.en.txt", "-o", "o.tmx"], &parts);
    refused_arguments(&["s.en.txt", "v.ru.txt", "v.ru.txt", "-o", "o.tmx"], &["v.ru.txt and v.ru.txt are the same"]);
}

#[test]
fn outputs_that_cannot_be_written() {
    let base = |out| ["s.en.txt", "v.ru.txt", "-o", out];
    refused_arguments(&base("no/where/o.tmx"), &["the folder no/where does not exist", "mkdir -p 'no/where'"]);
    refused_arguments(&base("."), &["-o .: the name has no extension"]);
    refused_arguments(&base("o.docx"), &["-o o.docx: '.docx' is no format", ".tmx, .tsv, .jsonl or .beads"]);
    refused_arguments(&base("s.en.txt/o.tmx"), &["cannot write s.en.txt/o.tmx", "not a folder"]);
    refused_arguments(&["s.en.txt", "v.ru.txt", "-o", "o.tmx", "-o", "o.tmx"], &["o.tmx would be written twice"]);
    let room = room();
    room.write("taken.tmx/file", "");
    room.align(&base("taken.tmx")).refused(&["cannot write taken.tmx: it is a folder"]);
    room.write("in.tsv", "Text of a source.\n");
    room.align(&["in.tsv", "v.ru.txt", "--langs", "en,ru", "-o", "in.tsv"]).refused(&["would overwrite an input file"]);
    assert_eq!(room.read("in.tsv"), "Text of a source.\n");
}

#[test]
fn outputs_that_run_into_each_other() {
    let room = room();
    room.write("w.zh.txt", "一句话。另一句话。\n");
    let before = room.files();
    room.align(&["s.en.txt", "v.ru.txt", "w.zh.txt", "-o", "o.tmx", "-o", "o.en-ru.beads", "-o", "./o.tmx"])
        .refused(&["would be written twice"]);
    assert_eq!(room.files(), before);
}

#[test]
fn languages_that_do_not_fit() {
    let base = ["s.en.txt", "v.ru.txt", "-o", "o.tmx", "--langs"];
    let with = |langs| [base.as_slice(), &[langs]].concat();
    refused_arguments(&with("en"), &["--langs names 1 language, but there are 2 files"]);
    refused_arguments(&with("en,ru,zh"), &["--langs names 3 languages, but there are 2 files"]);
    refused_arguments(&with("en,russian"), &["'russian' is not a language tag; write for instance en"]);
    let room = Room::new();
    room.write("a.txt", "12 34 56\n");
    room.write("b.txt", "12 34 56\n78\n");
    room.align(&["a.txt", "b.txt", "-o", "o.tmx"]).refused(&["the language of a.txt is not told", "--langs en,ru"]);
    // Numbers of segments need no language.
    room.align(&["a.txt", "b.txt", "-o", "o.beads"]).done();
}

#[test]
fn values_out_of_range() {
    let base = ["s.en.txt", "v.ru.txt", "-o", "o.tmx"];
    let with = |option, value| [base.as_slice(), &[option, value]].concat();
    for option in ["--min-confidence", "--min-quality"] {
        for value in ["1.5", "-0.1", "NaN", "high"] {
            let arguments = with(option, value);
            let ran = room().align(&arguments);
            assert_eq!(ran.code, Some(2), "{option} {value}: {ran:?}");
        }
    }
    refused_arguments(&with("--min-confidence", "1.5"), &["write a number from 0 to 1"]);
    refused_arguments(&with("--tmx-split", "much"), &["write a number of bytes"]);
    refused_arguments(&with("--segmentation", "word"), &["write default, line or the path of an SRX file"]);
    refused_arguments(&with("--jobs", "two"), &["--jobs"]);
    refused_arguments(&with("--jobs", "1000000"), &["--jobs"]);
    refused_arguments(&["s.en.txt", "-o", "o.tmx"], &["VERSIONS"]);
    refused_arguments(&["s.en.txt", "v.ru.txt"], &["--output <OUT>"]);
}

#[test]
fn a_date_that_is_none() {
    let room = room();
    for value in ["yesterday", "", "99999999999999999"] {
        let mut command = room.hexapla();
        command.args(["align", "s.en.txt", "v.ru.txt", "-o", "o.tmx"]).env("SOURCE_DATE_EPOCH", value);
        Ran::of(&mut command).refused(&[]);
    }
}

#[test]
fn an_encoder_that_is_not_there() {
    refused_arguments(&["s.en.txt", "v.ru.txt", "-o", "o.tmx", "--encoder", "no-model"], &["--encoder no-model"]);
}

#[test]
fn a_large_text_on_a_single_line() {
    // 50 MB without a line end or a full stop: one segment.
    let room = room();
    room.write("words.en.txt", "word and more ".repeat(50_000_000 / 14));
    room.align(&["words.en.txt", "v.ru.txt", "-o", "o.beads"]).done();
    assert!(room.read("o.beads").starts_with('['), "{}", room.read("o.beads"));
    // Without even a space, and all of it written.
    room.write("solid.en.txt", "a".repeat(10_000_000));
    room.write("solid.ru.txt", "я".repeat(5_000_000));
    room.align(&["solid.en.txt", "solid.ru.txt", "-o", "o.tmx", "-o", "o.tsv"]).done();
    assert!(room.read("o.tmx").len() > 20_000_000 && room.read("o.tsv").len() > 20_000_000);
}

#[test]
fn a_disk_that_is_full() {
    // The one device that is always full.
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let room = room();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/full", room.path("o.tsv")).unwrap();
    let before = room.files();
    let ran = room.align(&["s.en.txt", "v.ru.txt", "-o", "p.tmx", "-o", "o.tsv"]);
    ran.refused(&["cannot write o.tsv: the disk is full; make room"]);
    assert_eq!(room.files(), before);
}
