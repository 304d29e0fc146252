//! What the person knows, end to end: fixed beads and dictionaries; and passages that moved.

mod common;

use common::Room;

const FIXED: [&str; 6] = ["talks.en.txt", "talks.ru.txt", "--encoder", "none", "-o", "o.beads"];

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&FIXED, options].concat()
}

/// The lines of `o.beads` without confidences.
fn beads(room: &Room) -> Vec<String> {
    room.read("o.beads").lines().map(|l| l.rsplit_once(':').unwrap().0.to_owned()).collect()
}

#[test]
fn fixed_beads_stand_and_the_rest_is_aligned_around_them() {
    let room = Room::new().with_talks();
    // A crossing that is right with the beads that it crosses, a wrong merge that nobody would find, and a null.
    room.write("fixed.beads", "# confirmed\n[11]:[11]\n[12]:[12]\n[13]:[10]\n[20, 21, 22]:[20, 21, 22]\n[5]:[]\n");
    room.align(&with(&["--anchors", "fixed.beads", "-o", "o.jsonl"])).done();
    let found = beads(&room);
    for fixed in ["[13]:[10]", "[20, 21, 22]:[20, 21, 22]", "[5]:[]"] {
        assert!(found.contains(&fixed.to_owned()), "{fixed}: {found:?}");
        assert!(room.read("o.beads").contains(&format!("{fixed}:1.00\n")));
    }
    // Around the crossing, the path is found again.
    for right in ["[10]:[9]", "[11]:[11]", "[12]:[12]", "[14]:[13]", "[23]:[23]"] {
        assert!(found.contains(&right.to_owned()), "{right}: {found:?}");
    }
    // No bead reaches across a fixed one, and every segment is in one bead.
    for side in 0..2 {
        let numbers = found.iter().flat_map(|l| {
            let list: Vec<usize> = serde_json::from_str(l.split(':').nth(side).unwrap()).unwrap();
            list
        });
        let mut numbers: Vec<usize> = numbers.collect();
        numbers.sort_unstable();
        assert!(numbers.iter().enumerate().all(|(k, n)| k == *n), "{numbers:?}");
    }
    let fixed = room.read("o.jsonl").lines().filter(|l| l.contains("\"mark\":\"fixed\"")).count();
    assert_eq!(fixed, 4, "the null is not written");
}

#[test]
fn an_alignment_fixed_as_a_whole_comes_back() {
    let room = Room::new().with_talks();
    room.align(&with(&[])).done();
    let first = beads(&room);
    room.write("fixed.beads", room.read("o.beads"));
    room.align(&with(&["--anchors", "fixed.beads"])).done();
    assert_eq!(beads(&room), first);
    assert!(room.read("o.beads").lines().all(|l| l.ends_with(":1.00")));
}

#[test]
fn wrong_anchors_are_named() {
    let room = Room::new().with_talks();
    for (text, said) in [
        ("[0]:[0]\n\n[500]:[1]\n", "fixed.beads, line 3: source segment 500 does not exist; the last one is 65"),
        ("[0]:[0]\n[2, 0]:[1]\n", "fixed.beads, line 2: source segments 2 and 0 are not in ascending order"),
        ("[0]:[0]\n[1]:[0]\n", "fixed.beads, line 2: target segment 0 stands in another fixed bead, too"),
        ("[]:[]\n", "fixed.beads, line 1: both sides are empty"),
        ("0 = 0\n", "fixed.beads, line 1: '0 = 0' is no bead"),
    ] {
        room.write("fixed.beads", text);
        let ran = room.align(&with(&["--anchors", "fixed.beads"]));
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    let ran = room.align(&with(&["--anchors", "nowhere.beads"]));
    assert!(ran.code == Some(2) && ran.err.contains("nowhere.beads"), "{}", ran.err);
}

#[test]
fn several_versions_take_a_file_each() {
    let room = Room::new().with_talks();
    room.write("ru.beads", "[13]:[10]\n");
    let inputs = ["talks.en.txt", "talks.zh.txt", "talks.ru.txt", "-o", "o.beads", "--anchors"];
    let ran = room.align(&[&inputs[..], &["ru.beads"]].concat());
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--anchors is given 1 time for 2 versions"), "{}", ran.err);
    room.align(&[&inputs[..], &["-", "--anchors", "ru.beads"]].concat()).done();
    assert!(room.read("o.en-ru.beads").contains("[13]:[10]:1.00"));
}

#[test]
fn a_dictionary_decides_where_nothing_else_can() {
    // One sentence is left out, and all have the same length: only a dictionary tells which.
    let room = Room::new();
    let left = ["goat", "door", "wind", "bird", "road", "moon"];
    let right = ["kecske", "ajtó", "szél", "út", "hold"];
    let lines = |words: &[&str], rest: &str| words.iter().map(|w| format!("{w:7}{rest}\n")).collect::<String>();
    room.write("a.en.txt", lines(&left, "xa xo xe xu xy, qe qo qa qu qi; za zo ze zu zi."));
    room.write("a.hu.txt", lines(&right, "va vo ve vu vy, re ro ra ru ri; fa fo fe fu fi."));
    let inputs = ["a.en.txt", "a.hu.txt", "--langs", "en,hu", "--segmentation", "line", "--encoder", "none"];
    let inputs = [&inputs[..], &["-o", "o.beads"]].concat();
    let pairs =
        [("goat", "kecske"), ("door", "ajtó"), ("wind", "szél"), ("road", "út"), ("moon", "hold"), ("bird", "madár")];
    room.write("en-hu.tsv", pairs.map(|(s, t)| format!("{s}\t{t}\n")).concat());
    room.write("hunalign.dic", pairs.map(|(s, t)| format!("{t} @ {s}\n")).concat());
    for dictionary in ["en-hu.tsv", "hunalign.dic"] {
        room.align(&[&inputs[..], &["--dictionary", dictionary]].concat()).done();
        assert_eq!(beads(&room), ["[0]:[0]", "[1]:[1]", "[2]:[2]", "[3]:[]", "[4]:[3]", "[5]:[4]"], "{dictionary}");
    }
}

#[test]
fn lines_that_are_no_pairs_are_counted_and_an_empty_dictionary_is_refused() {
    let room = Room::new().with_talks();
    room.write("good.tsv", "talks\tпереговоры\nno pair\nalso none\n");
    let ran = room.align(&with(&["--dictionary", "good.tsv"])).done();
    assert!(
        ran.err.contains("good.tsv: lines that are not source, a tab and target (the first is line 2)"),
        "{}",
        ran.err
    );
    room.write("bad.tsv", "# note\nno pair\n");
    for (name, said) in
        [("bad.tsv", "bad.tsv, line 2: no line is a pair; write source, a tab"), ("none.index", "none.index")]
    {
        let ran = room.align(&with(&["--dictionary", name]));
        assert!(ran.code == Some(2) && ran.err.contains(said), "{}", ran.err);
    }
}

/// Twelve invented sentences a chapter, no two alike, and the same in an invented language.
fn chapters() -> Vec<Vec<(String, String)>> {
    let words = |k: usize, from: &[&str], ending: &str| -> String {
        let at = |i: usize| from[(k * 7 + i * i * 3 + i * k) % from.len()];
        (0..5 + k % 4).map(|i| format!("{}{}{ending}", at(i), at(i + k % 5 + 1))).collect::<Vec<_>>().join(" ")
    };
    let left = ["ka", "lo", "mi", "su", "te", "ra", "no", "vi", "pe", "du", "gol"];
    let right = ["bu", "ze", "tal", "ri", "so", "ma", "hik", "fo", "wen", "ja", "cu"];
    let sentence =
        |k: usize| (format!("{} {}.", words(k, &left, ""), 100 + k), format!("{} {}.", words(k, &right, "u"), 100 + k));
    (0..3).map(|c| (c * 12..c * 12 + 12).map(sentence).collect()).collect()
}

#[test]
fn chapters_in_another_order_are_found_and_marked_or_left() {
    let room = Room::new();
    let chapters = chapters();
    let text = |order: &[usize], side: fn(&(String, String)) -> &String| -> String {
        order.iter().flat_map(|&c| &chapters[c]).map(|s| format!("{}\n", side(s))).collect()
    };
    room.write("a.en.txt", text(&[0, 1, 2], |s| &s.0));
    room.write("a.hu.txt", text(&[1, 0, 2], |s| &s.1));
    let inputs = ["a.en.txt", "a.hu.txt", "--langs", "en,hu", "--segmentation", "line", "--encoder", "none"];
    let inputs = [&inputs[..], &["-o", "o.beads", "-o", "o.jsonl"]].concat();
    room.align(&inputs).done();
    let at = |i: usize| {
        if i < 12 {
            i + 12
        } else if i < 24 {
            i - 12
        } else {
            i
        }
    };
    let want: Vec<String> = (0..36).map(|i| format!("[{i}]:[{}]", at(i))).collect();
    assert_eq!(beads(&room), want);
    let moved = room.read("o.jsonl").lines().filter(|l| l.contains("\"mark\":\"moved\"")).count();
    assert_eq!(moved, 12);
    room.align(&[&inputs[..], &["--moved", "drop"]].concat()).done();
    assert!(!room.read("o.jsonl").contains("\"moved\""));
    assert_eq!(beads(&room).iter().filter(|b| b.contains("[]")).count(), 24, "a chapter without counterpart a side");
}
