//! Our rules in a CAT tool: OmegaT cuts the sample by the rules that we export, and finds its segments in the memory
//! that we write.
//!
//! Needed: OmegaT 3.6 with `java`, as `tools.rs` says.

mod common;
mod tools_support;

use std::path::Path;

use common::{Ran, Room};
use tools_support::{omegat, require};

/// The share of OmegaT's segments that must be found in the memory, of those that can be: a bead of several source
/// segments is one unit there, and what has no translation is none.
const LEAST_FOUND: f64 = 0.97;

#[test]
fn leverage_in_omegat_with_our_exported_rules() {
    if !require(omegat::is_there(), "OmegaT") {
        return;
    }
    let room = Room::new().with_talks();
    let export = ["segment", "--export-srx", "en,ru,zh", "-o", "segmentation.conf"];
    Ran::of(room.hexapla().args(export)).done();
    let rules = room.path("segmentation.conf");
    for (from, to) in [("en", "ru"), ("ru", "en"), ("zh", "en")] {
        let [source, target] = [from, to].map(|l| format!("talks.{l}.txt"));
        room.align(&[source.as_str(), target.as_str(), "-o", "m.tmx", "-o", "m.jsonl", "--keep-unaligned"]).done();
        let (memory, text) = (room.path("m.tmx"), room.path(&source));
        let cut =
            |rules: Option<&Path>| omegat::matches(&memory, &text, &from.to_uppercase(), &to.to_uppercase(), rules);
        let apart = apart(&room.read("m.jsonl"), from);
        let ours = shares(&cut(Some(rules.as_path())), &apart);
        let theirs = shares(&cut(None), &apart);
        println!("{from}-{to}: {ours}; with OmegaT's own rules {theirs}");
        for (text, found) in &ours.left {
            println!("  {} {text}", if *found { "found, and yet apart:" } else { "not found:" });
        }
        assert!(ours.segments > 50 && ours.share() >= LEAST_FOUND, "{from}-{to}: {ours}");
        assert!(ours.share() >= theirs.share(), "{from}-{to}: {ours} against {theirs}");
    }
}

/// Source texts of the rows that no segment alone can find: several source segments in one bead, or no translation.
fn apart(rows: &str, from: &str) -> Vec<String> {
    let rows = rows.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let apart = rows.filter(|row| {
        let sides = row["segments"].as_object().unwrap();
        let counts: Vec<usize> = sides.values().map(|s| s.as_array().unwrap().len()).collect();
        row["segments"][from].as_array().unwrap().len() > 1 || counts.contains(&0) || counts.len() < 2
    });
    let text = |row: serde_json::Value| row["texts"][from].as_str().unwrap_or_default().to_owned();
    apart.map(text).filter(|t| !t.is_empty()).map(|t| t.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// How many segments of a source were found.
struct Shares {
    segments: usize,
    found: usize,
    apart: usize,
    /// Those not found, and not apart.
    left: Vec<(String, bool)>,
}

impl Shares {
    fn share(&self) -> f64 {
        self.found as f64 / self.segments as f64
    }
}

impl std::fmt::Display for Shares {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = 100.0 * self.share();
        write!(f, "{} of {} found ({percent:.1} %), {} apart", self.found, self.segments, self.apart)
    }
}

fn shares(cut: &[(String, bool)], apart: &[String]) -> Shares {
    let (out, kept): (Vec<_>, Vec<_>) =
        cut.iter().cloned().partition(|(s, _)| apart.iter().any(|a| a.contains(s.as_str())));
    let found = kept.iter().filter(|(_, f)| *f).count();
    let left = kept.iter().filter(|(_, f)| !f).cloned().collect();
    Shares { segments: kept.len(), found, apart: out.len(), left }
}
