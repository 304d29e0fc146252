//! The built-in encoder against the reference package, whose figures tools/make_parity.py wrote.
#![cfg(feature = "builtin-model")]

use std::path::PathBuf;

use hexapla_core::encode::Encoder;
use hexapla_encoder::{BUILTIN_MODEL, Builtin};

fn data(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Cosine 0.999 is asked for where nothing is quantised further, 0.99 as shipped. What is shipped is the reference's
/// own precision, so that one bound, far closer, serves for both: a wrong weight, pad or order shows at once.
#[test]
fn vectors_are_the_references() {
    let text = String::from_utf8(data("sentences.tsv")).unwrap();
    let sentences: Vec<(&str, &str)> = text.lines().map(|l| l.split_once('\t').unwrap()).collect();
    assert_eq!(sentences.len(), 200);
    let encoder = Builtin::new(BUILTIN_MODEL).unwrap();
    let texts: Vec<&str> = sentences.iter().map(|s| s.1).collect();
    let mut features = vec![0.0; texts.len() * encoder.feature_dim()];
    encoder.features(&texts, &mut features).unwrap();
    let mut vectors = vec![0.0; texts.len() * encoder.dim()];
    encoder.project(&features, &mut vectors).unwrap();

    let reference = data("parity.i16");
    let reference: Vec<f64> =
        reference.as_chunks().0.iter().map(|b| f64::from(i16::from_le_bytes(*b)) / 32767.0).collect();
    assert_eq!(reference.len(), vectors.len());
    let mut worst = 1.0f64;
    for (i, (language, text)) in sentences.iter().enumerate() {
        let (ours, theirs) = (&vectors[i * 512..][..512], &reference[i * 512..][..512]);
        let dot: f64 = ours.iter().zip(theirs).map(|(a, b)| f64::from(*a) * b).sum();
        let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|v| v * v).sum::<f64>().sqrt();
        let cosine = dot / norm(&mut ours.iter().map(|v| f64::from(*v))) / norm(&mut theirs.iter().copied());
        assert!(cosine > 0.999_999, "{language}: {cosine}: {text}");
        worst = worst.min(cosine);
    }
    println!("worst cosine of 200: {worst:.9}");
}

#[test]
fn tokens_are_the_references() {
    let text = String::from_utf8(data("tokens.jsonl")).unwrap();
    let encoder = Builtin::new(BUILTIN_MODEL).unwrap();
    let mut compared = 0;
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = line["text"].as_str().unwrap();
        let want: Vec<u64> = line["ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
        let got: Vec<u64> = encoder.token_ids(text).into_iter().map(u64::from).collect();
        assert_eq!(got, want, "{text:?}");
        compared += 1;
    }
    assert!(compared > 400, "{compared} texts");
}
