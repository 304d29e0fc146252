//! The built-in encoder, stage by stage: tokens, features, span vectors. One thread.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use hexapla_core::encode::Encoder;
use hexapla_core::parallel;
use hexapla_encoder::{BUILTIN_MODEL, Builtin};

/// The sentences of the parity test, eight times over: 16 languages, 1 to 60 words.
fn sentences() -> Vec<&'static str> {
    let lines = include_str!("../crates/encoder/tests/data/sentences.tsv").lines();
    let once: Vec<&str> = lines.filter_map(|l| l.split_once('\t')).map(|(_, text)| text).collect();
    once.repeat(8)
}

fn stages(c: &mut Criterion) {
    let encoder = Builtin::new(BUILTIN_MODEL).expect("the built-in model is whole");
    let texts = sentences();
    let mut features = vec![0.0; texts.len() * encoder.feature_dim()];
    encoder.features(&texts, &mut features).expect("it encodes");
    let mut group = c.benchmark_group("encoder");
    group.throughput(Throughput::Elements(texts.len() as u64)).sample_size(10);
    group.bench_function("load", |b| b.iter(|| black_box(Builtin::new(BUILTIN_MODEL))));
    group.bench_function("tokens", |b| {
        b.iter(|| texts.iter().map(|t| black_box(encoder.token_ids(t)).len()).sum::<usize>());
    });
    let alone = |f: &mut (dyn FnMut() + Send)| parallel::with_jobs(1, f).expect("a thread");
    group.bench_function("features", |b| {
        b.iter_batched_ref(
            || vec![0.0; features.len()],
            |out| alone(&mut || encoder.features(&texts, out).expect("it encodes")),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("project", |b| {
        b.iter_batched_ref(
            || vec![0.0; texts.len() * encoder.dim()],
            |out| alone(&mut || encoder.project(&features, out).expect("it projects")),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
