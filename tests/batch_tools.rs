//! Proofs of `hexapla batch` in real tools: a Spark job gives the same lines as a single process, and the report works in
//! Chromium, whatever is in the texts.
//!
//! Needed: a Python with pyspark (`HEXAPLA_SPARK_PYTHON`, `HEXAPLA_PYTHON`, else `python3`) and Java; `chromium` and `chromedriver`; GNU parallel.
//! What is missing makes its test say that it skips; with `HEXAPLA_REQUIRE_TOOLS=1` it makes the test fail.
//! `HEXAPLA_SCREENSHOTS` names a folder in which pictures of the report are kept.

mod batch_support;
mod common;
mod tools_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use batch_support::{batch, command, pair};
use common::{Ran, Room};
use tools_support::require;

fn python() -> String {
    std::env::var("HEXAPLA_PYTHON").unwrap_or_else(|_| "python3".into())
}

fn there(program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    ran.is_ok_and(|s| s.success())
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Jobs of different sizes, some of them bad.
fn jobs(room: &Room, count: usize) -> PathBuf {
    let mut out = String::new();
    for k in 0..count {
        let (en, ru) = pair(k, 1 + k % 3);
        let (en, ru) = if k % 11 == 5 { (ru, en) } else { (en, ru) };
        let job = serde_json::json!({
            "id": format!("job-{k}"), "source": {"lang": "en", "text": en}, "versions": [{"lang": "ru", "text": ru}],
        });
        out.push_str(&format!("{job}\n"));
    }
    out.push_str("{\"id\":\"bad\"}\n");
    room.write("jobs.jsonl", out)
}

/// What a single process answers.
fn single(room: &Room, jobs: &Path) -> String {
    let ran = Ran::of(command(room).args(["-", "--to", "jsonl"]).stdin(fs::File::open(jobs).unwrap())).done();
    assert!(ran.out.lines().count() > 20);
    ran.out
}

#[test]
fn a_spark_job_gives_the_lines_of_a_single_process() {
    let python = std::env::var("HEXAPLA_SPARK_PYTHON").unwrap_or_else(|_| python());
    let found = there(&python, &["-c", "import pyspark"]);
    if !require(found, "pyspark") || !require(there("java", &["-version"]), "java") {
        return;
    }
    let room = Room::new();
    let jobs = jobs(&room, 40);
    let mut spark = Command::new(&python);
    spark.arg(here("tools/batch/spark_job.py")).arg(&jobs).arg(room.path("results"));
    spark.args(["--hexapla", env!("CARGO_BIN_EXE_hexapla"), "--master", "local[2]", "--partitions", "6"]);
    let ran = Ran::of(spark.args(["--options=--encoder none"]).env("SPARK_LOCAL_IP", "127.0.0.1"));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let mut parts: Vec<PathBuf> = fs::read_dir(room.path("results")).unwrap().map(|e| e.unwrap().path()).collect();
    parts.retain(|p| p.file_name().unwrap().to_string_lossy().starts_with("part-"));
    parts.sort();
    assert!(parts.len() >= 6, "{} partitions only", parts.len());
    let lines: String = parts.iter().map(|p| fs::read_to_string(p).unwrap()).collect();
    assert!(lines == single(&room, &jobs), "Spark's lines differ from those of a single process");
}

#[test]
fn gnu_parallel_gives_the_lines_of_a_single_process() {
    if !require(there("parallel", &["--version"]), "GNU parallel") {
        return;
    }
    let room = Room::new();
    let jobs = jobs(&room, 24);
    let mut parallel = Command::new("parallel");
    parallel.args(["--pipe", "--keep-order", "--block", "100K", "-j", "2", env!("CARGO_BIN_EXE_hexapla")]);
    parallel.args(["batch", "-", "--to", "jsonl", "--jobs", "1", "--quiet", "--encoder", "none"]);
    let ran = Ran::of(parallel.stdin(fs::File::open(&jobs).unwrap()));
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out == single(&room, &jobs), "the lines differ from those of a single process");
}

#[test]
fn the_report_works_in_chromium_and_reads_no_text_as_markup() {
    let found = there("chromedriver", &["--version"]) && there("chromium", &["--version"]);
    if !require(found, "chromium with chromedriver") {
        return;
    }
    let room = Room::new();
    let evil = [
        "</script><script>window.pwned = 1</script>",
        "<img src=x onerror=\"window.pwned = 1\">",
        "<!--",
        "]]>",
        "<svg onload=window.pwned=1>",
        "\u{2028}\u{2029}",
        "{{7*7}}",
        "javascript:window.pwned=1",
        "&lt;b&gt; <b>bold</b>",
    ];
    for k in 0..14 {
        let (en, ru) = pair(k, 1 + k % 2);
        // Whatever is in the texts may be shown: as a least certain link, in a warning, in a name.
        let mark = evil[k % evil.len()];
        room.write(format!("corpus/d{k} <i onclick=x>&amp;.en.txt"), en.replace(". ", &format!(" {mark}. ")));
        room.write(format!("corpus/d{k} <i onclick=x>&amp;.ru.txt"), ru.replace(". ", &format!(" {mark}. ")));
    }
    room.write("corpus/\"><script>window.pwned=1<%2fscript>.en.txt", pair(0, 1).0);
    room.write("corpus/\"><script>window.pwned=1<%2fscript>.ru.txt", "");
    room.write("corpus/swapped.en.txt", pair(0, 1).1);
    room.write("corpus/swapped.ru.txt", pair(0, 1).0);
    room.write("corpus/<b>alone<%2fb>.en.txt", "Alone.");
    let ran = batch(&room, &["corpus", "-o", "out", "--to", "tmx,tsv"]);
    assert_eq!(ran.code, Some(1), "{ran:#?}");
    let page = room.read("out/report.html");
    assert!(!page.contains("onerror=\"window") && !page.contains("http://") && !page.contains("https://"));
    let pictures = std::env::var_os("HEXAPLA_SCREENSHOTS").map_or(room.path("pictures"), PathBuf::from);
    let mut tried = Command::new(python());
    let ran = Ran::of(tried.arg(here("tests/tools/report_page.py")).arg(room.path("out/report.html")).arg(pictures));
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    println!("{}", ran.out);
}
