//! `hexapla segment` and `hexapla eval segmentation`, from outside.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn hexapla(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hexapla")).args(args).output().expect("the binary runs")
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn room() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn path(p: &Path) -> &str {
    p.to_str().unwrap()
}

#[test]
fn a_sentence_a_line_from_files_and_from_standard_input() {
    let room = room();
    let (en, ru) = (room.path().join("talk.en.txt"), room.path().join("talk.ru.txt"));
    fs::write(&en, "Dr. Hill came.  He left.\n\nLate\n").unwrap();
    fs::write(&ru, "Он живёт на ул. Мира. Там тихо.\n").unwrap();
    let both = out(&hexapla(&["segment", path(&en), path(&ru)]));
    assert_eq!(both, "Dr. Hill came.\nHe left.\nLate\nОн живёт на ул. Мира.\nТам тихо.\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hexapla"))
        .args(["segment", "--langs", "en", "--newlines", "wrapped"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"One\nsentence. Two.").unwrap();
    assert_eq!(out(&child.wait_with_output().unwrap()), "One sentence.\nTwo.\n");
}

#[test]
fn offsets_are_in_characters() {
    let room = room();
    let file = room.path().join("a.ru.txt");
    fs::write(&file, "Глава\n\nОн ушёл. Всё.\n").unwrap();
    let cut = out(&hexapla(&["segment", "--offsets", path(&file)]));
    assert_eq!(cut, "0\t5\t0\theading\tГлава\n7\t15\t1\tsentence\tОн ушёл.\n16\t20\t1\tsentence\tВсё.\n");
}

#[test]
fn json_lines_gain_starts_and_keep_what_they_had() {
    let room = room();
    let (file, made) = (room.path().join("p.jsonl"), room.path().join("cut.jsonl"));
    fs::write(
        &file,
        "{\"id\":7,\"text\":\"«Да!» Он ушёл.\",\"lang\":\"ru\"}\n{\"text\":\"他走了。她也走了。\",\"lang\":\"zh\"}\n",
    )
    .unwrap();
    out(&hexapla(&["segment", "--jsonl", path(&file), "-o", path(&made)]));
    let lines: Vec<serde_json::Value> =
        fs::read_to_string(&made).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[0]["starts"]), (&7.into(), &vec![0, 6].into()));
    assert_eq!(lines[1]["starts"], serde_json::json!([0, 4]));
    fs::write(&file, "{\"text\":\"A.\"}\n{\"texts\":1}\n").unwrap();
    let wrong = hexapla(&["segment", "--jsonl", path(&file)]);
    assert_eq!(wrong.status.code(), Some(2));
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(told.contains("p.jsonl:2: no \"text\" that is a string"), "{told}");
}

#[test]
fn our_rules_come_back_as_srx() {
    let room = room();
    let (srx, text) = (room.path().join("hexapla.srx"), room.path().join("t.de.txt"));
    fs::write(&text, "Am 3. Mai kam Prof. Klein. Er blieb. z. B. hier\n").unwrap();
    let made = hexapla(&["segment", "--export-srx", "de,en", "-o", path(&srx)]);
    assert!(String::from_utf8_lossy(&made.stderr).contains("not in the SRX: "));
    out(&made);
    let ours = out(&hexapla(&["segment", path(&text)]));
    for profile in ["languagetool", "okapi", "omegat"] {
        let theirs = out(&hexapla(&["segment", "--segmentation", path(&srx), "--srx-profile", profile, path(&text)]));
        assert_eq!(theirs, ours, "{profile}");
    }
    fs::write(&srx, fs::read_to_string(&srx).unwrap().replacen("<beforebreak>", "<beforebreak>(", 1)).unwrap();
    let wrong = hexapla(&["segment", "--segmentation", path(&srx), path(&text)]);
    let told = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(told.contains("hexapla.srx: line") && told.contains("beforebreak of rule 1 of 'de'"), "{told}");
}

/// The reference scorer beside the gold, or `None` with a word about it.
fn reference() -> Option<(PathBuf, PathBuf)> {
    let Some(gold) = std::env::var_os("HEXAPLA_GOLD").map(PathBuf::from) else {
        eprintln!("skipped: HEXAPLA_GOLD does not name the gold sets");
        return None;
    };
    let scorer = gold.parent()?.join("tools/score_segmentation.py");
    if !scorer.is_file() {
        eprintln!("skipped: no reference scorer beside the gold");
        return None;
    }
    Some((gold.join("segmentation"), scorer))
}

#[test]
fn eval_equals_the_reference_scorer_to_the_last_digit() {
    let Some((gold, scorer)) = reference() else { return };
    let room = room();
    let predicted = room.path().join("predicted.jsonl");
    for set in ["ud/en_gum", "ud/zh_gsdsimp", "ud/th_tud", "golden/golden_hy", "golden/goldenx_en"] {
        let file = gold.join(format!("{set}.jsonl"));
        out(&hexapla(&["segment", "--jsonl", path(&file), "-o", path(&predicted)]));
        let python = std::env::var("HEXAPLA_PYTHON").unwrap_or_else(|_| "python3".into());
        let theirs = Command::new(python).arg(&scorer).args([&file, &predicted]).output().unwrap();
        let theirs = out(&theirs).trim().to_owned();
        for extra in [&[][..], &["--predictions", path(&predicted)]] {
            let ours = out(&hexapla(&[&["eval", "segmentation", path(&file)], extra].concat()));
            assert_eq!(ours.trim().split_once("  ").unwrap().1, theirs, "{set}");
        }
    }
}

#[test]
fn the_development_sets_do_not_fall() {
    let Some((gold, _)) = reference() else { return };
    let mut files: Vec<String> =
        fs::read_dir(gold.join("ud")).unwrap().map(|e| path(&e.unwrap().path()).into()).collect();
    files.retain(|f| !f.contains("th_tud"));
    files.sort();
    let args: Vec<&str> =
        ["eval", "segmentation", "--json"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let scores: serde_json::Value = serde_json::from_str(&out(&hexapla(&args))).unwrap();
    let mean = scores["macro_f1"].as_f64().unwrap();
    eprintln!("macro F1 {mean:.4} over {} sets", files.len());
    assert!(mean >= 0.96, "{mean}");
}

#[test]
fn what_is_doubtful_is_told_and_nothing_is_done_in_silence() {
    let room = room();
    let file = |name: &str, bytes: &[u8]| {
        let at = room.path().join(name);
        fs::write(&at, bytes).unwrap();
        at
    };
    let told = |args: &[&str]| {
        let ran = hexapla(args);
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let text = file("a.en.txt", b"One. Two.\n");
    let (code, err) = told(&["segment", path(&text)]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    for (args, wanted) in [
        (vec!["segment", "--langs", "qqq", path(&text)], "no rules of our own for 'qqq'"),
        (vec!["segment", path(&file("empty.en.txt", b" \n"))], "there is no text in it"),
        (vec!["segment", path(&file("odd.en.txt", b"Caf\xe9 noir. Th\xe9 vert.\n"))], "encoding guessed"),
    ] {
        let (code, err) = told(&args);
        assert!(code == Some(0) && err.starts_with("warning: ") && err.contains(wanted), "{args:?}: {err}");
    }
    for (args, wanted) in [
        (vec!["segment", "--srx-profile", "omegat", path(&text)], "--segmentation FILE.srx"),
        (vec!["segment", "--langs", "en,ru", path(&text)], "there is 1 file"),
        (vec!["segment", "--segmentation", path(&file("broken.srx", b"<srx><oops")), path(&text)], "line 1"),
    ] {
        let (code, err) = told(&args);
        assert!(code == Some(2) && err.starts_with("error: ") && err.contains(wanted), "{args:?}: {code:?} {err}");
    }
}

#[test]
fn our_rules_for_omegat_are_the_same_rules_in_its_own_form() {
    let room = room();
    let (srx, conf) = (room.path().join("r.srx"), room.path().join("segmentation.conf"));
    for file in [&srx, &conf] {
        out(&hexapla(&["segment", "--export-srx", "en,ru", "-o", path(file)]));
    }
    let [srx, conf] = [srx, conf].map(|f| fs::read_to_string(f).unwrap());
    let between = |text: &str, a: &str, b: &str| -> Vec<String> {
        text.split(a).skip(1).map(|t| t.split(b).next().unwrap().to_owned()).collect()
    };
    let property = |name: &str| between(&conf, &format!("<void property=\"{name}\"><string>"), "</string>");
    assert_eq!(property("beforebreak"), between(&srx, "<beforebreak>", "</beforebreak>"));
    assert_eq!(property("afterbreak"), between(&srx, "<afterbreak>", "</afterbreak>"));
    assert_eq!(property("pattern"), between(&srx, "languagepattern=\"", "\""));
    let breaks = between(&srx, "<rule break=\"", "\"");
    let yes: Vec<bool> = breaks.iter().map(|b| b == "yes").collect();
    let theirs: Vec<bool> = between(&conf, "<boolean>", "</boolean>").iter().map(|b| b == "true").collect();
    assert_eq!(yes, theirs);
    // OmegaT adds its own rules to what is of an older version.
    assert_eq!(property("version"), ["0.2.2"]);
}
