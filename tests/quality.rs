//! Quality tells translations from unrelated texts: the area under the ROC curve of gold pieces against pieces that were
//! dealt out wrongly, within every pair of languages, by size.
//!
//! Development sets; skipped where `HEXAPLA_GOLD` does not name them.

use std::fs;
use std::path::{Path, PathBuf};

use hexapla_core::encode::{Encoder, Features, Meaning};
use hexapla_core::{AlignOptions, Document, Knowledge, Language, align, parallel};

/// Gold sets, near and far languages, with the least areas without encoder for every one of [`SIZES`]: what is reached,
/// less half a point (0: no pieces of that size). 0.999 is asked; where it is not reached, docs/accuracy.md says why.
const SETS: [(&str, &str, &str, [f64; 3]); 14] = [
    ("hand/parice.en-is", "en", "is", [0.994, 0.995, 0.0]),
    ("hand/porsimples-ori-nat.pt-pt", "pt", "pt", [0.995, 0.995, 0.0]),
    ("hand/textberg-dev.de-fr", "de", "fr", [0.995, 0.995, 0.995]),
    ("hand/transread.en-fr", "en", "fr", [0.993, 0.995, 0.995]),
    ("keyed/wmt24.en-cs", "en", "cs", [0.995, 0.995, 0.995]),
    ("keyed/wmt24.en-ja", "en", "ja", [0.995, 0.995, 0.995]),
    ("keyed/wmt24.en-zh", "en", "zh", [0.995, 0.995, 0.995]),
    ("keyed/mark.de-en", "de", "en", [0.995, 0.995, 0.995]),
    ("keyed/mark.ru-en", "ru", "en", [0.989, 0.995, 0.995]),
    ("keyed/mark.hu-en", "hu", "en", [0.987, 0.994, 0.995]),
    ("keyed/mark.he-en", "he", "en", [0.980, 0.982, 0.995]),
    ("keyed/mark.ja-en", "ja", "en", [0.955, 0.922, 0.995]),
    ("keyed/mark.th-en", "th", "en", [0.979, 0.989, 0.995]),
    ("keyed/mark.my-en", "my", "en", [0.933, 0.934, 0.847]),
];

/// Source segments of a piece.
const SIZES: [usize; 3] = [12, 24, 60];

/// Most pieces of a set and size, evenly spread, and with how many wrong counterparts each is aligned.
const PIECES: usize = 30;
const WRONG: usize = 2;

/// Least area of whole documents.
const LEAST_WHOLE: f64 = 0.999;

/// Wrong counterparts of a whole document, at most.
const OTHERS: usize = 12;

/// The sets and pieces for the encoder, which takes most of the time there; it knows their languages.
const BUILTIN: [&str; 2] = ["hand/textberg-dev.de-fr", "keyed/mark.ja-en"];
const BUILTIN_PIECES: usize = 6;

/// Least area with it.
#[cfg(feature = "builtin-model")]
const LEAST_BUILTIN: f64 = 0.999;

/// Lines with their features (none without an encoder).
#[derive(Default)]
struct Side {
    lines: Vec<String>,
    features: Features,
}

impl Side {
    fn read(path: &Path, encoder: Option<&dyn Encoder>) -> Self {
        let lines: Vec<String> = fs::read_to_string(path).expect("a gold text").lines().map(str::to_owned).collect();
        let texts: Vec<&str> = lines.iter().map(String::as_str).collect();
        let features = encoder.map(|e| Features::of_texts(&texts, e).expect("features"));
        Self { features: features.unwrap_or_default(), lines }
    }

    fn of(&self, mut rows: Vec<u32>) -> Self {
        rows.sort_unstable();
        // A gold file may name a line that is not there.
        rows.retain(|&i| (i as usize) < self.lines.len());
        let lines = rows.iter().map(|&i| self.lines[i as usize].clone()).collect();
        let dim = self.features.dim;
        let row = |i: &u32| if dim == 0 { &[] } else { self.features.row(*i as usize) };
        Self { lines, features: Features { dim, data: rows.iter().flat_map(row).copied().collect() } }
    }

    fn document(&self, language: &str) -> Document {
        Document::from_lines(&self.lines, Language::parse(language).unwrap()).expect("a document")
    }
}

/// Runs of gold beads with at least `size` source segments.
fn pieces(documents: &[(Side, Side, PathBuf)], size: usize) -> Vec<(Side, Side)> {
    let mut out = Vec::new();
    for (source, target, folder) in documents {
        let (mut s, mut t) = (Vec::new(), Vec::new());
        for bead in hexapla_formats::read::beads::read(&folder.join("gold.txt")).expect("gold beads") {
            s.extend(bead.0);
            t.extend(bead.1);
            if s.len() >= size {
                out.push((source.of(std::mem::take(&mut s)), target.of(std::mem::take(&mut t))));
            }
        }
    }
    // A bead of a hundred segments, or next to nothing on one side, is no piece of this size.
    out.retain(|p| p.0.lines.len() < 2 * size && p.1.lines.len() >= size / 3);
    out
}

/// Which pieces are aligned with which: (source's piece, target's piece). Wrong counterparts are about as long as the
/// right one.
fn deal(pieces: &[(Side, Side)], most: usize) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for i in (0..pieces.len()).step_by(pieces.len().div_ceil(most).max(1)) {
        let far = |j: usize| pieces[j].1.lines.len().abs_diff(pieces[i].1.lines.len()) / 3;
        let mut others: Vec<usize> = (0..pieces.len()).filter(|&j| j != i).collect();
        others.sort_by_key(|&j| (far(j), (j * 7919 + i * 104_729) % 1009));
        out.extend([i].into_iter().chain(others.into_iter().take(WRONG)).map(|j| (i, j)));
    }
    out
}

/// Share of pairs (a good one, a bad one) in which the good one is higher; equal ones count half.
fn area(good: &[f32], bad: &[f32]) -> f64 {
    let wins = good.iter().flat_map(|g| {
        bad.iter().map(move |b| {
            if g > b {
                1.0
            } else if g == b {
                0.5
            } else {
                0.0
            }
        })
    });
    wins.sum::<f64>() / (good.len() * bad.len()) as f64
}

/// Qualities of right and of wrong pairs.
fn qualities(
    pieces: &[(Side, Side)],
    pairs: &[(usize, usize)],
    languages: (&str, &str),
    encoder: Option<&dyn Encoder>,
) -> (Vec<f32>, Vec<f32>) {
    let quality = parallel::map(pairs, |_, &(i, j)| {
        let (source, target) = (&pieces[i].0, &pieces[j].1);
        let meaning = encoder.map(|e| Meaning { encoder: e, source: &source.features, target: &target.features });
        let (s, t) = (source.document(languages.0), target.document(languages.1));
        align(&s, &t, meaning, Knowledge::default(), &AlignOptions::default()).expect("aligned").quality
    });
    let of = |right: bool| pairs.iter().zip(&quality).filter(|(p, _)| (p.0 == p.1) == right).map(|(_, q)| *q).collect();
    (of(true), of(false))
}

/// Documents of a set, in the order of their names.
fn documents(root: &Path, set: &str, encoder: Option<&dyn Encoder>) -> Vec<(Side, Side, PathBuf)> {
    let mut folders: Vec<_> = fs::read_dir(root.join(set)).expect("a set").map(|e| e.unwrap().path()).collect();
    folders.sort();
    let side = |folder: &Path, name| Side::read(&folder.join(name), encoder);
    folders.into_iter().map(|f| (side(&f, "src.txt"), side(&f, "tgt.txt"), f)).collect()
}

/// Areas of every set and size, and of all together; prints them.
fn areas(root: &Path, encoder: Option<&dyn Encoder>) -> Vec<(&'static str, [Option<f64>; 3])> {
    let mut all = vec![(Vec::new(), Vec::new()); SIZES.len()];
    let mut out = Vec::new();
    for (set, a, b, _) in SETS {
        if encoder.is_some() && !BUILTIN.contains(&set) {
            continue;
        }
        let documents = documents(root, set, encoder);
        let mut row = [None; SIZES.len()];
        for ((size, all), cell) in SIZES.into_iter().zip(&mut all).zip(&mut row) {
            let pieces = pieces(&documents, size);
            let pairs = deal(&pieces, if encoder.is_some() { BUILTIN_PIECES } else { PIECES });
            let (good, bad) = qualities(&pieces, &pairs, (a, b), encoder);
            if good.len() < 4 {
                continue;
            }
            *cell = Some(area(&good, &bad));
            let under = good.iter().filter(|q| **q < 0.3).count();
            let over = bad.iter().filter(|q| **q >= 0.3).count();
            println!(
                "{set} {size}: area {:.4}, {under} of {} right ones under 0.3, {over} of {} wrong ones not",
                area(&good, &bad),
                good.len(),
                bad.len()
            );
            all.0.extend(good);
            all.1.extend(bad);
        }
        out.push((set, row));
    }
    for (size, (good, bad)) in SIZES.iter().zip(&all) {
        println!("all {size}: area {:.4} of {} against {}", area(good, bad), good.len(), bad.len());
    }
    let (good, bad): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let (good, bad) = (good.concat(), bad.concat());
    println!("all: area {:.4} of {} against {}", area(&good, &bad), good.len(), bad.len());
    out
}

fn gold() -> Option<PathBuf> {
    let found = std::env::var_os("HEXAPLA_GOLD").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: HEXAPLA_GOLD does not name the gold sets");
    }
    found
}

#[cfg_attr(debug_assertions, ignore = "slow unoptimised; CI runs it with --release")]
#[test]
fn without_encoder() {
    let Some(root) = gold() else { return };
    for ((set, areas), (_, _, _, least)) in areas(&root, None).iter().zip(SETS) {
        for ((area, least), size) in areas.iter().zip(least).zip(SIZES) {
            assert!(area.is_none_or(|a| a >= least), "{set}, {size} segments: {area:?}, wanted {least}");
        }
    }
}

/// Documents as they are, each with its counterpart and with [`OTHERS`] of its set.
#[cfg_attr(debug_assertions, ignore = "slow unoptimised; CI runs it with --release")]
#[test]
fn whole_documents_without_encoder() {
    let Some(root) = gold() else { return };
    let mut all = (Vec::new(), Vec::new());
    for (set, a, b, _) in SETS {
        let pairs: Vec<_> = documents(&root, set, None).into_iter().map(|(s, t, _)| (s, t)).collect();
        let count = pairs.len();
        let others = (OTHERS + 1).min(count);
        let dealt: Vec<_> = (0..count).flat_map(|i| (i..i + others).map(move |j| (i, j % count))).collect();
        let (good, bad) = qualities(&pairs, &dealt, (a, b), None);
        if !bad.is_empty() {
            println!("{set}: area {:.4} of {} documents against {}", area(&good, &bad), good.len(), bad.len());
            assert!(area(&good, &bad) >= LEAST_WHOLE, "{set}: {}", area(&good, &bad));
        }
        all.0.extend(good);
        all.1.extend(bad);
    }
    println!("all: area {:.4} of {} against {}", area(&all.0, &all.1), all.0.len(), all.1.len());
    assert!(all.1.len() > 900 && area(&all.0, &all.1) >= LEAST_WHOLE);
}

#[cfg(feature = "builtin-model")]
#[cfg_attr(debug_assertions, ignore = "slow unoptimised; CI runs it with --release")]
#[test]
fn with_the_builtin_encoder() {
    let Some(root) = gold() else { return };
    let encoder = hexapla_encoder::load(&hexapla_encoder::EncoderChoice::Builtin, None).expect("the built-in model");
    for (set, areas) in areas(&root, encoder.as_ref().map(hexapla_encoder::Loaded::encoder)) {
        for (area, size) in areas.iter().zip(SIZES) {
            assert!(area.is_none_or(|a| a >= LEAST_BUILTIN), "{set}, {size} segments: {area:?}");
        }
    }
}
