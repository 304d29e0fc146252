//! Segmentation, one thread: our rules on ten megabytes of generated English, Russian and Chinese, and SRX on one.
//!
//! Other segmenters on the same texts: `cargo bench --manifest-path tools/segcompare/Cargo.toml` (docs/segmentation.md).

mod sentences;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hexapla_core::Language;
use hexapla_core::segment::{SegmentOptions, Segmenter, srx};
use sentences::{SOURCES, generated};

fn segment(c: &mut Criterion) {
    let mut group = c.benchmark_group("segment");
    group.sample_size(10);
    for (tag, sentences, between) in SOURCES {
        let text = generated(sentences, between, 10_000_000);
        let segmenter = Segmenter::new(&Language::parse(tag).expect("a tag"), SegmentOptions::default());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(tag, |b| b.iter(|| segmenter.segment(black_box(&text))));
    }
    for (tag, sentences, between) in SOURCES {
        let language = Language::parse(tag).expect("a tag");
        let rules = srx::SrxRules::parse(&srx::export(std::slice::from_ref(&language), srx::Form::Srx).xml)
            .expect("our export");
        let text = generated(sentences, between, 1_000_000);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let segmenter = Segmenter::from_srx(&rules, None, &language, SegmentOptions::default()).expect("our export");
        group.bench_function(format!("srx-{tag}"), |b| b.iter(|| segmenter.segment(black_box(&text))));
    }
    group.finish();
}

criterion_group!(benches, segment);
criterion_main!(benches);
