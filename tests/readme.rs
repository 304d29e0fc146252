//! README tells the truth: the output that it shows is what its command prints.
//!
//! Needs the built-in encoder: its output stands there.
//!
//! `BLESS=1 cargo test -p hexapla --test readme` writes what is printed now into README.
#![cfg(feature = "builtin-model")]

mod common;

use std::fs;
use std::path::Path;

use common::{Ran, Room};

#[test]
fn readme_shows_what_its_command_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let command = readme.lines().find_map(|l| l.strip_prefix("    cargo run --release -- ")).expect("the command");
    // In the root of the repository as README says, but for where the memory goes.
    let room = Room::new();
    let memory = room.path("talks.tmx").display().to_string();
    let words: Vec<&str> = command.split(' ').map(|w| if w == "talks.tmx" { &memory } else { w }).collect();
    let printed = Ran::of(room.hexapla().args(&words).current_dir(&root)).done().err.replace(&memory, "talks.tmx");
    let (before, rest) = readme.split_once("```text\n").expect("a block of output");
    let (shown, after) = rest.split_once("```\n").expect("its end");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}```text\n{printed}```\n{after}")).unwrap();
        return;
    }
    assert_eq!(shown, printed, "README.md shows an old output; BLESS=1 cargo test -p hexapla --test readme renews it");
}
