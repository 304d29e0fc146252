//! Segmenting, evidence, the dynamic program, and all of it from text to beads: segments a second, by size.
//!
//! `cargo bench -p hexapla-core` measures at every size; `-- --test` runs all but the largest once.
//! `RAYON_NUM_THREADS=1` measures one thread.

mod synthetic;

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hexapla_core::bench_support::{Base, Stage};
use hexapla_core::segment::{SegmentOptions, Segmenter};
use hexapla_core::{AlignOptions, Document, Knowledge, Language, align};

/// Segments a side. Criterion measures only where cargo says `--bench`, and not where `--test` takes that back; once is
/// enough for smaller texts then.
fn sizes() -> &'static [usize] {
    let given = |flag: &str| std::env::args().any(|a| a == flag);
    if given("--bench") && !given("--test") { &[1_000, 10_000, 100_000] } else { &[1_000, 10_000] }
}

/// A group that counts segments, and takes few samples of what lasts long.
fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(500));
    group
}

/// The invented language has no tag.
fn document(lines: &[String]) -> Document {
    Document::from_lines(lines, Language::und()).expect("lines make a document")
}

/// By English rules, so that the scanner has something to look up.
fn cut(text: &str) -> Document {
    let english = Language::parse("en").expect("a tag");
    let segments = Segmenter::new(&english, SegmentOptions::default()).segment(text);
    Document::new(text.to_owned(), english, segments).expect("segments fit their text")
}

fn segmenting(c: &mut Criterion) {
    let mut group = group(c, "segment");
    for &size in sizes() {
        let text = synthetic::text(&synthetic::pair(size).source);
        let found = cut(&text).len();
        assert!(found.abs_diff(size) <= size / 100, "{found} sentences found of {size} that were made");
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |b| b.iter(|| black_box(cut(&text))));
    }
    group.finish();
}

fn evidence(c: &mut Criterion) {
    let mut group = group(c, "evidence");
    for &size in sizes() {
        let pair = synthetic::pair(size);
        let (source, target) = (document(&pair.source), document(&pair.target));
        let base = Base::of(&source, &target);
        let first = Stage::first(&base);
        let passed = first.pass();
        let last = first.learned(&passed);
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("tokens", size), |b| b.iter(|| black_box(Base::of(&source, &target))));
        group.bench_function(BenchmarkId::new("coarse", size), |b| b.iter(|| black_box(Stage::first(&base))));
        group.bench_function(BenchmarkId::new("lexicon", size), |b| b.iter(|| black_box(first.learned(&passed))));
        group.bench_function(BenchmarkId::new("score", size), |b| b.iter(|| black_box(last.score())));
    }
    group.finish();
}

fn dynamic_program(c: &mut Criterion) {
    let mut group = group(c, "dp");
    for &size in sizes() {
        let pair = synthetic::pair(size);
        let (source, target) = (document(&pair.source), document(&pair.target));
        let base = Base::of(&source, &target);
        let first = Stage::first(&base);
        let last = first.learned(&first.pass());
        let scored = last.score();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::new("path", size), |b| b.iter(|| black_box(last.path(&scored))));
        // Posteriors take the place of scores, so every run needs scores of its own.
        group.bench_function(BenchmarkId::new("posterior", size), |b| {
            b.iter_batched(|| scored.clone(), |s| black_box(last.posterior(s)), BatchSize::PerIteration);
        });
    }
    group.finish();
}

fn pipeline(c: &mut Criterion) {
    let mut group = group(c, "pipeline");
    for &size in sizes() {
        let pair = synthetic::pair(size);
        let (source, target) = (synthetic::text(&pair.source), synthetic::text(&pair.target));
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |b| {
            b.iter(|| {
                let (source, target) = (cut(&source), cut(&target));
                black_box(align(&source, &target, None, Knowledge::default(), &AlignOptions::default()))
            });
        });
    }
    group.finish();
}

criterion_group!(stages, segmenting, evidence, dynamic_program, pipeline);
criterion_main!(stages);
