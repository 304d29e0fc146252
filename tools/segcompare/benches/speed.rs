//! Segmentation beside others, one thread, one run: ten megabytes of English, Russian and Chinese.
//!
//! The development sets of `HEXAPLA_GOLD`, repeated, paragraphs apart by blank lines; generated text where that is not
//! set.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hexapla_core::Language;
use hexapla_core::segment::{SegmentOptions, Segmenter};

#[path = "../../../benches/sentences.rs"]
mod sentences;

const BYTES: usize = 10_000_000;

/// The paragraphs of a language's development sets, repeated up to [`BYTES`].
fn gold(tag: &str) -> Option<String> {
    let folder = PathBuf::from(std::env::var_os("HEXAPLA_GOLD")?).join("segmentation/ud");
    let mut files: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().map(|e| e.path()).collect();
    files.sort();
    files.retain(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&format!("{tag}_"))));
    let mut once = String::new();
    for file in files {
        for line in std::fs::read_to_string(file).ok()?.lines() {
            let value: serde_json::Value = serde_json::from_str(line).ok()?;
            once.push_str(value["text"].as_str()?);
            once.push_str("\n\n");
        }
    }
    (!once.is_empty()).then(|| once.repeat(BYTES.div_ceil(once.len())))
}

fn speed(c: &mut Criterion) {
    for (tag, sentences, between) in sentences::SOURCES {
        let text = gold(tag).unwrap_or_else(|| sentences::generated(sentences, between, BYTES));
        let mut group = c.benchmark_group(tag);
        group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
        let ours = Segmenter::new(&Language::parse(tag).expect("a tag"), SegmentOptions::default());
        group.bench_function("hexapla", |b| b.iter(|| ours.segment(black_box(&text)).len()));
        let icu = icu_segmenter::SentenceSegmenter::new(Default::default());
        group.bench_function("icu_segmenter", |b| b.iter(|| icu.segment_str(black_box(&text)).count()));
        group.bench_function("sentencex", |b| b.iter(|| sentencex::segment(tag, black_box(&text)).len()));
        group.finish();
    }
}

criterion_group!(benches, speed);
criterion_main!(benches);
