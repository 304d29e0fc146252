//! `--encoder FOLDER` with precomputed vectors, and `--cache`: what is read, what is kept, what is said.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn hexapla(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hexapla")).current_dir(folder).args(args).output().expect("the binary runs")
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// A `.npy` file with a row for each of `axes`: 1 on that axis, 0 on the other seven.
fn npy(axes: &[usize]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 8), }}\n", axes.len());
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    file.extend(axes.iter().flat_map(|a| (0..8).flat_map(|k| if k == *a { 1.0f32 } else { 0.0 }.to_le_bytes())));
    file
}

/// Eight sentences of one length in words that nothing else tells apart; the version lacks the second and the fifth.
fn texts(folder: &Path) {
    let source = "Abba dune. Cobi fela. Gura hime. Jako lupi. Mode naru. Opis quta. Rima sevo. Tulu wexa.\n";
    let version = "Zyka xobe. Wudi vage. Tura sope. Rilo qemu. Pano ofet. Nibe muda.\n";
    fs::create_dir_all(folder.join("en")).unwrap();
    fs::create_dir_all(folder.join("de")).unwrap();
    fs::write(folder.join("en/story.txt"), source).unwrap();
    fs::write(folder.join("de/story.txt"), version).unwrap();
}

const ALIGN: [&str; 7] = ["align", "en/story.txt", "de/story.txt", "-o", "out.beads", "--encoder", "vectors"];

fn write(folder: &Path, name: &str, data: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, data).unwrap();
}

#[test]
fn vectors_made_elsewhere_align() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    texts(f);
    write(f, "vectors/en/story.txt.npy", &npy(&[0, 1, 2, 3, 4, 5, 6, 7]));
    write(f, "vectors/de/story.txt.npy", &npy(&[0, 2, 3, 5, 6, 7]));
    let out = hexapla(f, &ALIGN);
    assert!(out.status.success(), "{}", said(&out));
    let beads = fs::read_to_string(f.join("out.beads")).unwrap();
    let pairs: Vec<&str> = beads.lines().map(|l| l.rsplit_once(':').map_or(l, |(b, _)| b)).collect();
    let want = ["[0]:[0]", "[1]:[]", "[2]:[1]", "[3]:[2]", "[4]:[]", "[5]:[3]", "[6]:[4]", "[7]:[5]"];
    assert_eq!(pairs, want, "{}", said(&out));

    // Rows are those of `hexapla segment`.
    let lines = hexapla(f, &["segment", "en/story.txt"]);
    assert_eq!(String::from_utf8_lossy(&lines.stdout).lines().count(), 8);
}

#[test]
fn a_gold_set_is_aligned_by_vectors_that_lie_as_its_documents() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    write(f, "small.en-de/1/src.txt", b"Abba dune.\nCobi fela.\nGura hime.\nJako lupi.\n");
    write(f, "small.en-de/1/tgt.txt", b"Zyka xobe.\nWudi vage.\nTura sope.\n");
    write(f, "small.en-de/1/gold.txt", b"[0]:[0]\n[1]:[]\n[2]:[1]\n[3]:[2]\n");
    write(f, "vectors/1/src.txt.npy", &npy(&[0, 1, 2, 3]));
    write(f, "vectors/1/tgt.txt.npy", &npy(&[0, 2, 3]));
    let out = hexapla(f, &["eval", "small.en-de", "--encoder", "vectors", "--min-f1", "1"]);
    assert_eq!(out.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&out.stdout), said(&out));
    fs::remove_file(f.join("vectors/1/tgt.txt.npy")).unwrap();
    let out = hexapla(f, &["eval", "small.en-de", "--encoder", "vectors"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(said(&out).contains("no vectors for small.en-de/1/tgt.txt"), "{}", said(&out));
}

#[test]
fn vectors_that_do_not_fit_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    texts(f);
    let refused = |what: &str, parts: &[&str]| {
        let out = hexapla(f, &ALIGN);
        assert_eq!(out.status.code(), Some(2), "{what}: {}", said(&out));
        parts.iter().for_each(|p| assert!(said(&out).contains(p), "{what}: no {p:?} in {}", said(&out)));
        assert!(!f.join("out.beads").exists(), "{what}");
    };
    refused("no folder", &["--encoder vectors: ", "there is no such folder"]);
    fs::create_dir(f.join("vectors")).unwrap();
    refused("nothing in it", &["neither a model (config.json, …) nor does it hold vectors"]);
    write(f, "vectors/en/story.txt.npy", &npy(&[0, 1, 2, 3, 4, 5, 6, 7]));
    refused("one is missing", &["no vectors for de/story.txt: write them to vectors/story.txt.npy"]);
    write(f, "vectors/de/story.txt.npy", &npy(&[0, 2, 3, 5, 6]));
    refused("too few rows", &["de/story.txt.npy: 5 rows of vectors for a text of 6 segments", "hexapla segment"]);
    let wide = String::from_utf8_lossy(&npy(&[0])).replace("(1, 8)", "(6, 2)").into_bytes();
    write(f, "vectors/de/story.txt.npy", &wide);
    refused("its shape lies", &["de/story.txt.npy: "]);
    let mut whole = npy(&[0, 2, 3, 5, 6, 7]);
    whole.truncate(whole.len() - 2);
    write(f, "vectors/de/story.txt.npy", &whole);
    refused("cut off", &["de/story.txt.npy: it has 47 values, its shape says 6 × 8"]);
    fs::remove_dir_all(f.join("vectors/de")).unwrap();
    fs::rename(f.join("vectors/en/story.txt.npy"), f.join("vectors/story.txt.npy")).unwrap();
    refused("one for both", &["would serve both en/story.txt and de/story.txt"]);
    write(f, "vectors/config.json", b"{\"model_type\": \"gpt2\"}");
    refused("another architecture", &["config.json: it has the model_type gpt2; supported are"]);
}

#[cfg(feature = "builtin-model")]
#[test]
fn a_cache_changes_nothing_but_time() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    texts(f);
    let run = |cache: &[&str]| {
        let out = hexapla(f, &[&["align", "en/story.txt", "de/story.txt", "-o", "out.beads"], cache].concat());
        (out.status.code(), said(&out), fs::read_to_string(f.join("out.beads")).unwrap_or_default())
    };
    let plain = run(&[]);
    assert_eq!(plain.0, Some(0), "{}", plain.1);
    let cached = || run(&["--cache", "kept/here"]);
    assert_eq!((cached(), cached()), (plain.clone(), plain.clone()));
    let files: Vec<_> = fs::read_dir(f.join("kept/here/use-multilingual-v3")).unwrap().flatten().collect();
    assert_eq!(files.len(), 4, "a file for each text, and for the words of each");
    for file in files {
        fs::write(file.path(), "rubbish").unwrap();
    }
    assert_eq!((cached(), cached()), (plain.clone(), plain), "rubbish is made anew");

    fs::remove_file(f.join("out.beads")).unwrap();
    fs::write(f.join("file"), "").unwrap();
    let (code, said, written) = run(&["--cache", "file"]);
    assert_eq!((code, &*written), (Some(2), ""));
    assert!(
        said.contains("--cache: vectors cannot be kept in file: ") && said.contains("name another folder"),
        "{said}"
    );
}

#[cfg(not(feature = "builtin-model"))]
#[test]
fn a_build_without_the_model_says_so() {
    let folder = tempfile::tempdir().unwrap();
    texts(folder.path());
    let out = hexapla(folder.path(), &["align", "en/story.txt", "de/story.txt", "-o", "out.beads"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(said(&out).contains("this build has no built-in encoder"), "{}", said(&out));
    assert!(said(&out).contains("--encoder none"), "{}", said(&out));
}

#[test]
fn a_batch_takes_vectors_and_notices_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let f = folder.path();
    texts(f);
    write(f, "vectors/en/story.txt.npy", &npy(&[0, 1, 2, 3, 4, 5, 6, 7]));
    write(f, "vectors/de/story.txt.npy", &npy(&[0, 2, 3, 5, 6, 7]));
    write(f, "m.tsv", b"id\tsource\tversion\nstory\ten/story.txt\tde/story.txt\n");
    let batch = |more: &[&str]| {
        let arguments = ["batch", "m.tsv", "-o", "out", "--to", "beads", "--encoder", "vectors", "--min-quality", "0"];
        let out = hexapla(f, &[&arguments[..], more].concat());
        assert!(out.status.success(), "{}", said(&out));
        said(&out)
    };
    batch(&[]);
    assert!(hexapla(f, &ALIGN).status.success());
    let beads = |name: &str| fs::read(f.join(name)).unwrap();
    assert_eq!(beads("out/aligned/story.beads"), beads("out.beads"));
    assert!(batch(&["--resume"]).contains("going on: 1 of 1"));
    write(f, "vectors/de/story.txt.npy", &npy(&[0, 1, 3, 5, 6, 7]));
    assert!(batch(&["--resume"]).contains("going on: 0 of 1"));
    assert!(hexapla(f, &ALIGN).status.success());
    assert_eq!(beads("out/aligned/story.beads"), beads("out.beads"));
}
