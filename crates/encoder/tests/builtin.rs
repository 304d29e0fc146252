//! The built-in encoder: additive features, determinism, hostile input.
#![cfg(feature = "builtin-model")]

use hexapla_core::encode::Encoder;
use hexapla_core::{Language, parallel};
use hexapla_encoder::{BUILTIN_MODEL, Builtin};

fn encoder() -> Builtin {
    Builtin::new(BUILTIN_MODEL).unwrap()
}

fn features(encoder: &Builtin, segments: &[&str]) -> Vec<f32> {
    let mut out = vec![0.0; segments.len() * encoder.feature_dim()];
    encoder.features(segments, &mut out).unwrap();
    out
}

fn project(encoder: &Builtin, features: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; features.len() / encoder.feature_dim() * encoder.dim()];
    encoder.project(features, &mut out).unwrap();
    out
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

const TEXTS: &[&str] = &[
    "The ferry leaves at half past six, weather permitting.",
    "Die Fähre fährt um halb sieben, wenn das Wetter es erlaubt.",
    "渡轮六点半开，如果天气允许的话。",
    "",
    "Nobody had told the baker that the bridge was closed.",
    "   \t ",
    "Personne n'avait dit au boulanger que le pont était fermé.",
    "3,14",
];

#[test]
fn translations_are_nearer_than_strangers() {
    let e = encoder();
    let v = project(&e, &features(&e, TEXTS));
    let row = |i: usize| &v[i * e.dim()..][..e.dim()];
    for (a, b) in [(0, 1), (0, 2), (1, 2), (4, 6)] {
        assert!(dot(row(a), row(b)) > 0.6, "{a} {b}: {}", dot(row(a), row(b)));
    }
    for (a, b) in [(0, 4), (1, 6), (2, 4), (0, 7)] {
        assert!(dot(row(a), row(b)) < 0.4, "{a} {b}: {}", dot(row(a), row(b)));
    }
}

#[test]
fn rows_are_unit_vectors_and_empty_segments_zero() {
    let e = encoder();
    let f = features(&e, TEXTS);
    let v = project(&e, &f);
    for (i, text) in TEXTS.iter().enumerate() {
        let (f, v) = (&f[i * e.feature_dim()..][..e.feature_dim()], &v[i * e.dim()..][..e.dim()]);
        if text.trim().is_empty() {
            assert!(f.iter().chain(v).all(|x| *x == 0.0), "{text:?}");
        } else {
            assert!((dot(v, v) - 1.0).abs() < 1e-5, "{text:?}");
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_neighbours() {
    let e = encoder();
    let together = features(&e, TEXTS);
    for (i, text) in TEXTS.iter().enumerate() {
        assert_eq!(features(&e, &[text]), together[i * e.feature_dim()..][..e.feature_dim()], "{text:?}");
    }
    let spans: Vec<f32> =
        (0..300).flat_map(|i| together[i % 7 * e.feature_dim()..][..e.feature_dim()].to_vec()).collect();
    let projected = project(&e, &spans);
    for i in 0..300 {
        let alone = project(&e, &spans[i * e.feature_dim()..][..e.feature_dim()]);
        assert_eq!(alone, projected[i * e.dim()..][..e.dim()], "span {i}");
    }
}

#[test]
fn words_are_what_their_features_project_to_whatever_is_kept() {
    let e = encoder();
    let all: Vec<String> = (0..40).map(|i| format!("{}{i}", ["ferry", "Fähre", "渡轮", ""][i % 4])).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let want = project(&e, &features(&e, &all));
    // Some that are kept by then and some that are not, in another order.
    for words in [0..10, 5..40, 0..40] {
        let mut out = vec![f32::NAN; words.len() * e.dim()];
        e.words(&all[words.clone()], &mut out).unwrap();
        assert!(out == want[words.start * e.dim()..words.end * e.dim()], "{words:?}");
    }
    assert!(e.keeps() > 0);
}

#[test]
fn what_is_kept_follows_the_memory_that_is_given() {
    let e = encoder();
    let least = e.keeps();
    for (given, keeps) in [(0, least..least + 1), (200 << 20, 190 << 20..200 << 20), (u64::MAX, 500 << 20..700 << 20)] {
        e.keep(given);
        assert!(keeps.contains(&e.keeps()), "{given}: {}", e.keeps());
    }
}

#[test]
fn summed_features_stand_for_the_joined_text() {
    let e = encoder();
    let f = features(
        &e,
        &[
            TEXTS[0],
            TEXTS[4],
            "The ferry leaves at half past six, weather permitting. Nobody had told the baker that the bridge was closed.",
        ],
    );
    let n = e.feature_dim();
    let sum: Vec<f32> = f[..n].iter().zip(&f[n..2 * n]).map(|(a, b)| a + b).collect();
    let (joined, summed) = (project(&e, &f[2 * n..]), project(&e, &sum));
    assert!(dot(&joined, &summed) > 0.85, "{}", dot(&joined, &summed));
}

#[test]
fn threads_never_show() {
    let e = encoder();
    // Enough for several blocks, with one segment that is longer than a block.
    let mut texts: Vec<String> = (0..600).map(|i| format!("{} {i} {}", TEXTS[i % 8], TEXTS[(i * 5 + 1) % 8])).collect();
    texts.insert(300, (0..1200).map(|i| format!("{i} sheep, ")).collect());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let run = |jobs| {
        parallel::with_jobs(jobs, || {
            let f = features(&e, &texts);
            let v = project(&e, &f);
            (f, v)
        })
        .unwrap()
    };
    let one = run(1);
    assert!(one == run(2), "2 threads");
    assert!(one == run(8), "8 threads");
}

#[test]
fn languages() {
    let e = encoder();
    for (tag, known) in
        [("de", Some(true)), ("zh-Hant-TW", Some(true)), ("pt-BR", Some(true)), ("fi", Some(false)), ("und", None)]
    {
        assert_eq!(e.knows(&Language::parse(tag).unwrap()), known, "{tag}");
    }
}

#[test]
fn a_file_without_line_ends_is_encoded_by_its_beginning() {
    let e = encoder();
    let endless = "я".repeat(20_000_000);
    let start = std::time::Instant::now();
    let f = features(&e, &[&endless, TEXTS[0]]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    assert!(f.iter().all(|x| x.is_finite()));
    assert!(f[e.feature_dim() - 1] > 100_000.0, "it keeps its weight: {} tokens", f[e.feature_dim() - 1]);
}
