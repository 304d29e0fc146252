//! Time and memory at 100,000 × 100,000 segments: linear, within bounds, the same bytes for any number of threads.
//!
//! Release builds only, a minute or two: `cargo test --release -p hexapla --test scale -- --ignored --nocapture`.
//! Linux, whose unit of memory `getrusage` is read in.

#![cfg(target_os = "linux")]

mod common;
#[path = "../benches/synthetic.rs"]
mod synthetic;

use common::{Ran, Room};
use nix::sys::resource::{UsageWho, getrusage};

const SMALL: usize = 10_000;
const LARGE: usize = 100_000;

/// Largest ratio of user time between the two: linear with a little room, as asked of the aligner.
const MOST_GROWTH: f64 = 13.0;

/// Largest memory of any run, in kilobytes.
const MOST_MEMORY: i64 = 600_000;

/// Aligns the texts of `size` segments in `room`; gives user time in seconds and the beads.
fn run(room: &Room, size: usize, jobs: &str) -> (f64, String) {
    // All children up to now: this is the only test of its binary, and it runs one child after the other.
    let user = || {
        let time = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children").user_time();
        time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
    };
    let (source, target, out) = (format!("{size}.src.txt"), format!("{size}.tgt.txt"), format!("{size}.{jobs}.beads"));
    let before = user();
    let mut command = room.hexapla();
    command.args(["align", &source, &target, "-o", &out, "--langs", "en,de", "--jobs", jobs]);
    Ran::of(command.args(["--encoder", "none", "--segmentation", "line", "--quiet"])).done();
    (user() - before, room.read(out))
}

/// Share of the beads with both sides filled that were found.
fn found(gold: &[synthetic::Links], beads: &str) -> f64 {
    // `[0]:[1, 2]:0.97`: what comes before the last colon is the bead.
    let ours: std::collections::HashSet<&str> = beads.lines().filter_map(|l| Some(l.rsplit_once(':')?.0)).collect();
    let asked: Vec<String> =
        gold.iter().filter(|(s, t)| !s.is_empty() && !t.is_empty()).map(|(s, t)| format!("{s:?}:{t:?}")).collect();
    asked.iter().filter(|b| ours.contains(b.as_str())).count() as f64 / asked.len() as f64
}

#[test]
#[ignore = "a minute or two in a release build, far longer in a debug build; .ci/run runs it"]
fn time_is_linear_and_memory_bounded() {
    let room = Room::new();
    let mut times = Vec::new();
    for size in [SMALL, LARGE] {
        let pair = synthetic::pair(size);
        assert_eq!((pair.source.len(), pair.target.len()), (size, size));
        room.write(format!("{size}.src.txt"), pair.source.join("\n") + "\n");
        room.write(format!("{size}.tgt.txt"), pair.target.join("\n") + "\n");
        let (time, beads) = run(&room, size, "1");
        let found = found(&pair.beads, &beads);
        println!("{size} x {size}: {time:.2} s of user time, {:.1} % of beads found", 100.0 * found);
        // Speed is worth nothing where the path is lost.
        assert!(found > 0.9, "only {found:.3} of the beads at {size} were found");
        assert!(run(&room, size, "2").1 == beads, "other beads with two threads at {size}");
        times.push(time);
    }
    let growth = times[1] / times[0];
    let memory = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children").max_rss();
    println!("user time grows {growth:.1} times; most memory {:.0} MB", memory as f64 / 1000.0);
    assert!(growth <= MOST_GROWTH, "ten times the text took {growth:.1} times the time");
    assert!(memory < MOST_MEMORY, "{memory} kB");
}
