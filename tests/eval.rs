//! `hexapla eval`: its numbers are the reference scorer's, to the last digit; its gate and its errors.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn hexapla(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hexapla")).args(args).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Gold of the development sets, or `None` with a word about it.
fn gold() -> Option<PathBuf> {
    let found = std::env::var_os("HEXAPLA_GOLD").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: HEXAPLA_GOLD does not name the gold sets");
    }
    found
}

/// A folder `small.en-de` with one document of our own, and predictions beside it.
fn small(beads: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("small.en-de/1");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("src.txt"), "The river rose.\nNobody had warned the 300 people of Altdorf.\nThey left.\n")
        .unwrap();
    fs::write(folder.join("tgt.txt"), "Der Fluss stieg.\nNiemand hatte sie gewarnt.\nIn Altdorf wohnten 300 Leute.\n")
        .unwrap();
    fs::write(folder.join("gold.txt"), "[0]:[0]\n[1]:[1, 2]\n[2]:[]\n").unwrap();
    fs::write(root.path().join("given.beads"), beads).unwrap();
    root
}

fn path(p: &Path) -> &str {
    p.to_str().unwrap()
}

#[test]
fn predictions_are_scored_as_counted_by_hand() {
    let root = small("[0]:[0]:0.9\n[1]:[1]\n[2]:[2]\n");
    let given = root.path().join("given.beads");
    let out = hexapla(&["eval", path(root.path()), "--predictions", path(&given), "--json"]);
    assert!(out.status.success(), "{}", text(&out.stderr));
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    // One of three predicted beads is right; one of two gold beads with both sides is found; lax adds [1]:[1].
    assert_eq!(json["total"]["strict"], serde_json::json!({"right": 1, "predicted": 3, "found": 1, "gold": 2}));
    assert_eq!(json["total"]["lax"], serde_json::json!({"right": 2, "predicted": 3, "found": 2, "gold": 2}));
    assert!(json["total"]["keyed"].is_null());
}

#[test]
fn predictions_have_their_confidences_and_one_file_is_not_for_several_documents() {
    let root = small("");
    let set = root.path().join("small.en-de");
    let out = root.path().join("out");
    let written = |set: &Path, out: &Path| {
        hexapla(&["eval", path(set), "--encoder", "none", "--unexplained", "0.5", "--write-predictions", path(out)])
    };
    assert!(written(&set, &out).status.success());
    let beads = fs::read_to_string(out.join("1.beads")).unwrap();
    let confidences: Vec<f32> = beads.lines().map(|l| l.rsplit(':').next().unwrap().parse().unwrap()).collect();
    assert!(confidences.len() >= 2 && confidences.iter().all(|c| (0.0..=0.5).contains(c)), "{beads}");

    fs::create_dir(set.join("2")).unwrap();
    for name in ["src.txt", "tgt.txt", "gold.txt"] {
        fs::copy(set.join("1").join(name), set.join("2").join(name)).unwrap();
    }
    let given = root.path().join("given.beads");
    let refused = written(&set, &given);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("is one file, but there are 2 documents; name a folder"));
    assert_eq!(fs::read_to_string(&given).unwrap(), "", "nothing is written");
}

#[test]
fn the_gate_fails_with_one_and_names_the_set() {
    let root = small("[0]:[0]\n");
    let given = root.path().join("given.beads");
    let out = hexapla(&["eval", path(root.path()), "--predictions", path(&given), "--min-f1", "0.9"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out.stderr).contains("small.en-de: strict F1 0.6667 is under 0.9"), "{}", text(&out.stderr));
    let out = hexapla(&["eval", path(root.path()), "--predictions", path(&given), "--min-f1", "0.6"]);
    assert_eq!(out.status.code(), Some(0));
}

#[test]
fn bad_gold_is_named() {
    let root = small("[0]:[0]\n[1]:1\n");
    let given = root.path().join("given.beads");
    let out = hexapla(&["eval", path(root.path()), "--predictions", path(&given)]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("given.beads, line 2: '[1]:1' is no bead"), "{}", text(&out.stderr));

    let empty = tempfile::tempdir().unwrap();
    let out = hexapla(&["eval", path(empty.path())]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("holds no gold document"), "{}", text(&out.stderr));
}

#[test]
fn kinds_of_evidence_can_be_left_out() {
    let root = small("[0]:[0]\n");
    let out = hexapla(&["eval", path(root.path()), "--encoder", "none", "--without", "overrun,lexicon"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let out = hexapla(&["eval", path(root.path()), "--without", "luck"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("one of length, lexicon, anchors"), "{}", text(&out.stderr));
    let Some(gold) = gold() else { return };
    // Each of these is worth a point and more where there is no encoder (with all, 91.8).
    let set = gold.join("hand/textberg-dev.de-fr");
    for kind in ["length", "lexicon", "anchors"] {
        let out = hexapla(&["eval", path(&set), "--encoder", "none", "--without", kind, "--min-f1", "0.908"]);
        assert_eq!(out.status.code(), Some(1), "without {kind}: {}", text(&out.stdout));
    }
}

/// Every set of the development data: our counts against the reference scorer's print.
#[test]
fn numbers_equal_the_reference_scorer() {
    let Some(gold) = gold() else { return };
    let script = gold.join("../tools/score_align.py");
    if !script.is_file() {
        assert!(std::env::var_os("HEXAPLA_REQUIRE_TOOLS").is_none(), "{} is missing", script.display());
        eprintln!("skipped: no {}", script.display());
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for group in ["hand", "keyed", "retranslation"] {
        let root = gold.join(group);
        let answer =
            hexapla(&["eval", path(&root), "--encoder", "none", "--json", "--write-predictions", path(out.path())]);
        assert!(answer.status.success(), "{}", text(&answer.stderr));
        let json: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
        for set in json["sets"].as_array().unwrap() {
            let name = set["set"].as_str().unwrap();
            let mut python = Command::new("python3");
            python.arg(&script);
            for document in fs::read_dir(root.join(name)).unwrap() {
                let document = document.unwrap();
                let beads = format!("{name}/{}.beads", document.file_name().to_str().unwrap());
                python.arg(document.path()).arg(out.path().join(beads));
            }
            let theirs = text(&python.output().expect("python3 runs").stdout);
            let mut ours = String::new();
            for kind in ["strict", "lax", "keyed"] {
                if set[kind].is_null() {
                    continue;
                }
                let n = |key: &str| set[kind][key].as_u64().unwrap() as f64;
                let (p, r) = (n("right") / n("predicted"), n("found") / n("gold"));
                let f1 = 2.0 * p * r / (p + r);
                ours.push_str(&format!("{kind:6} P {p:.4} R {r:.4} F1 {f1:.4}\n"));
            }
            assert_eq!(ours, theirs, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 50, "only {compared} sets were compared");
}

/// Floors a set, under what is measured, so that a loss fails the build (docs/accuracy.md has the figures).
#[test]
fn accuracy_does_not_fall() {
    let Some(gold) = gold() else { return };
    for (set, floor) in [
        ("hand/textberg-dev.de-fr", "0.90"),
        ("hand/transread.en-fr", "0.91"),
        ("hand/parice.en-is", "0.90"),
        ("hand/porsimples-ori-nat.pt-pt", "0.97"),
        ("keyed/mark.zhs-en", "0.95"),
        ("keyed/mark.hy-en", "0.94"),
        ("keyed/mark.fr-en", "0.95"),
        ("retranslation/mark.en_Weymouth-Tyndale", "0.95"),
    ] {
        let out = hexapla(&["eval", path(&gold.join(set)), "--encoder", "none", "--min-f1", floor]);
        assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    }
    if cfg!(not(feature = "builtin-model")) {
        return;
    }
    // With meaning: better where the encoder knows the languages, and left alone where it does not.
    for (set, floor) in
        [("hand/textberg-dev.de-fr", "0.915"), ("hand/transread.en-fr", "0.925"), ("keyed/mark.hu-en", "0.95")]
    {
        let out = hexapla(&["eval", path(&gold.join(set)), "--encoder", "builtin", "--min-f1", floor]);
        assert_eq!(out.status.code(), Some(0), "{}{}", text(&out.stdout), text(&out.stderr));
    }
}
