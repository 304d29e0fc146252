//! Reading plain text in several encodings, and writing rows in every format: bytes a second, by size.

use std::hint::black_box;
use std::io;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hexapla_core::{Alignment, Bead, Document, Language, Mark, Multitext};
use hexapla_formats::read::text;
use hexapla_formats::write::{Column, Options, Table, beads, jsonl, tmx, tsv};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Lines of Cyrillic words from a seeded generator; every tenth repeats one before it.
fn lines(count: usize) -> Vec<String> {
    let mut state = 1u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut out: Vec<String> = Vec::with_capacity(count);
    for k in 0..count {
        if k % 10 == 9 {
            out.push(out[next(k as u64) as usize].clone());
            continue;
        }
        let mut word = || -> String {
            let length = 2 + next(8);
            (0..length).filter_map(|_| char::from_u32(0x430 + next(32) as u32)).collect()
        };
        let words: Vec<String> = (0..8).map(|_| word()).collect();
        out.push(words.join(" ") + ".");
    }
    out
}

fn reading(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut group = c.benchmark_group("read");
    for size in SIZES {
        let text = lines(size).join("\n");
        let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let legacy = encoding_rs::WINDOWS_1251.encode(&text).0.into_owned();
        for (name, bytes) in [("utf-8", text.into_bytes()), ("utf-16", utf16), ("windows-1251", legacy)] {
            let path = folder.path().join(format!("{name}.{size}.txt"));
            std::fs::write(&path, &bytes).expect("a file");
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_with_input(BenchmarkId::new(name, size), &path, |b, path| {
                b.iter(|| black_box(text::read(path).expect("a text")));
            });
        }
    }
    group.finish();
}

fn writing(c: &mut Criterion) {
    let mut group = c.benchmark_group("write");
    for size in SIZES {
        let lines = lines(size);
        let language = |tag| Language::parse(tag).expect("a tag");
        let document = |tag| Document::from_lines(&lines, language(tag)).expect("a document");
        let (source, target) = (document("uk"), document("ru"));
        let bead = |k: u32| Bead { source: vec![k], target: vec![k], confidence: 0.9, mark: Mark::Path };
        let alignment = Alignment { beads: (0..size as u32).map(bead).collect(), quality: 1.0 };
        let multitext = Multitext::from_bitext(&source, &target, &alignment);
        let column = |tag: &str| Column { label: tag.into(), code: tag.into(), file: String::new() };
        let columns = [column("uk"), column("ru")];
        let table = Table { multitext: &multitext, columns: &columns };
        let rows = Options::default();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("tmx", size), |b| {
            b.iter(|| tmx::write::<_, io::Error>(table, &tmx::TmxOptions::default(), |_| Ok(io::sink())));
        });
        group.bench_function(BenchmarkId::new("tsv", size), |b| b.iter(|| tsv::write(table, &rows, io::sink())));
        group.bench_function(BenchmarkId::new("jsonl", size), |b| b.iter(|| jsonl::write(table, &rows, io::sink())));
        group.bench_function(BenchmarkId::new("beads", size), |b| b.iter(|| beads::write(table, &rows, io::sink())));
    }
    group.finish();
}

criterion_group! {
    name = formats;
    config = Criterion::default().sample_size(10);
    targets = reading, writing
}
criterion_main!(formats);
