//! Model folders and precomputed vectors: what is read, and what is said of a folder that cannot be used.

use std::path::Path;

use hexapla_core::{Document, Language};
use hexapla_encoder::{EncoderChoice, Loaded, load, precomputed};

fn write(folder: &Path, name: &str, data: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, data).unwrap();
}

fn lines(lines: &[&str]) -> Document {
    Document::from_lines(lines, Language::und()).unwrap()
}

fn refusal(path: &Path) -> String {
    load(&EncoderChoice::Path(path.into()), None).map(|_| ()).unwrap_err().to_string()
}

/// A safetensors file of float32 tensors.
fn tensors(list: &[(&str, &[usize], Vec<f32>)]) -> Vec<u8> {
    let (mut header, mut body) = (serde_json::Map::new(), Vec::new());
    for (name, shape, values) in list {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let from = body.len();
        body.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        let entry = serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [from, body.len()]});
        header.insert((*name).to_owned(), entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, &body].concat()
}

/// A tokeniser that knows six words, [CLS] and [SEP] around them.
#[cfg(any(feature = "model2vec", feature = "transformers"))]
const TOKENIZER: &str = r#"{"version": "1.0", "added_tokens": [], "normalizer": null,
    "pre_tokenizer": {"type": "Whitespace"}, "decoder": null, "truncation": null, "padding": null,
    "post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]},
                           "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}},
    "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab":
        {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "red": 3, "green": 4, "blue": 5}}}"#;

#[cfg(any(feature = "model2vec", feature = "transformers"))]
fn model(path: &Path) -> Loaded {
    load(&EncoderChoice::Path(path.into()), None).unwrap().unwrap()
}

#[cfg(any(feature = "model2vec", feature = "transformers"))]
fn embed(loaded: &Loaded, texts: &[&str]) -> Vec<f32> {
    let encoder = loaded.encoder();
    let mut features = vec![0.0; texts.len() * encoder.feature_dim()];
    encoder.features(texts, &mut features).unwrap();
    let mut out = vec![0.0; texts.len() * encoder.dim()];
    encoder.project(&features, &mut out).unwrap();
    out
}

#[test]
fn choices() {
    assert!(load(&EncoderChoice::None, None).unwrap().is_none());
    assert_eq!(EncoderChoice::from("builtin"), EncoderChoice::Builtin);
    assert_eq!(EncoderChoice::from("none"), EncoderChoice::None);
    assert_eq!(EncoderChoice::from("a/b"), EncoderChoice::Path("a/b".into()));
    if cfg!(feature = "builtin-model") {
        assert_eq!(load(&EncoderChoice::Builtin, None).unwrap().unwrap().encoder().id(), "use-multilingual-v3");
    } else {
        let said = load(&EncoderChoice::Builtin, None).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains("no built-in encoder") && said.contains("--encoder none"), "{said}");
    }
}

#[test]
fn folders_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert!(refusal(&path.join("absent")).contains("there is no such folder"));
    assert!(refusal(path).contains("neither a model (config.json, …) nor does it hold vectors"), "{}", refusal(path));
    write(path, "vectors.npy", b"");
    assert!(refusal(&path.join("vectors.npy")).contains("name the folder they are in"));
    assert!(refusal(path).contains("vectors.npy: it is no .npy file"), "{}", refusal(path));
    write(path, "tokenizer.json", "{");
    assert!(refusal(path).ends_with("config.json is missing"), "{}", refusal(path));
    std::fs::remove_file(path.join("tokenizer.json")).unwrap();
    write(path, "config.json", "{");
    assert!(refusal(path).contains("config.json: EOF"), "{}", refusal(path));
    write(path, "config.json", r#"{"model_type": "gpt2"}"#);
    let said = refusal(path);
    assert!(said.contains("model_type gpt2") && said.contains("bert and xlm-roberta"), "{said}");
    for (kind, feature, built) in [
        ("model2vec", "model2vec", cfg!(feature = "model2vec")),
        ("bert", "transformers", cfg!(feature = "transformers")),
    ] {
        write(path, "config.json", format!(r#"{{"model_type": "{kind}"}}"#));
        let said = refusal(path);
        let want = if built { "tokenizer.json is missing" } else { "rebuild it with the cargo feature" };
        assert!(said.contains(want) && (built || said.contains(feature)), "{said}");
    }
}

#[cfg(feature = "model2vec")]
#[test]
fn model2vec_folders() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "config.json", r#"{"model_type": "model2vec", "architectures": ["StaticModel"], "normalize": true}"#);
    write(path, "tokenizer.json", TOKENIZER);
    let axis = |k: usize| (0..3).map(move |i| f32::from(u8::from(i == k)));
    let rows: Vec<f32> = [9.0; 9].into_iter().chain(axis(0)).chain(axis(1)).chain(axis(2)).collect();
    write(path, "model.safetensors", tensors(&[("embeddings", &[5, 3], rows[..15].to_vec())]));
    assert!(refusal(path).contains("embeddings has 5 rows; tokenizer.json needs 6"), "{}", refusal(path));
    write(path, "model.safetensors", tensors(&[("embeddings", &[6, 3], rows)]));
    let encoder = model(path);
    let v = embed(&encoder, &["red red blue", "green unheard", "", "unheard"]);
    let near = |i: usize, want: [f32; 3]| v[i * 3..][..3].iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(near(0, [2.0 / 5f32.sqrt(), 0.0, 1.0 / 5f32.sqrt()]) && near(1, [0.0, 1.0, 0.0]), "{v:?}");
    assert!(near(2, [0.0; 3]) && near(3, [0.0; 3]), "{v:?}");
}

/// One layer whose attention and feed-forward give nothing, so that a token's vector is its embedding's layer
/// normalisation, three times over, which is what is expected below.
#[cfg(feature = "transformers")]
fn bert(path: &Path, kind: &str) -> Vec<(String, Vec<usize>, Vec<f32>)> {
    let (width, inner, positions) = (4, 8, if kind == "bert" { 6 } else { 8 });
    let config = serde_json::json!({"model_type": kind, "hidden_size": width, "num_attention_heads": 2,
        "num_hidden_layers": 1, "intermediate_size": inner, "vocab_size": 6, "max_position_embeddings": positions,
        "type_vocab_size": 1, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
        "pad_token_id": if kind == "bert" { 0 } else { 1 }});
    write(path, "config.json", config.to_string());
    write(path, "tokenizer.json", TOKENIZER);
    let words: Vec<f32> = (0..24u8).map(|i| f32::from(i * i % 7) - 3.0).collect();
    let mut list = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![6, width], words),
        ("embeddings.position_embeddings.weight".into(), vec![positions, width], vec![0.0; positions * width]),
        ("embeddings.token_type_embeddings.weight".into(), vec![1, width], vec![0.0; width]),
    ];
    let layer = "encoder.layer.0.";
    for name in ["embeddings.".to_owned(), format!("{layer}attention.output."), format!("{layer}output.")] {
        list.push((format!("{name}LayerNorm.weight"), vec![width], vec![1.0; width]));
        list.push((format!("{name}LayerNorm.bias"), vec![width], vec![0.0; width]));
    }
    for (name, to, from) in [
        ("attention.self.query", width, width),
        ("attention.self.key", width, width),
        ("attention.self.value", width, width),
        ("attention.output.dense", width, width),
        ("intermediate.dense", inner, width),
        ("output.dense", width, inner),
    ] {
        list.push((format!("{layer}{name}.weight"), vec![to, from], vec![0.0; to * from]));
        list.push((format!("{layer}{name}.bias"), vec![to], vec![0.0; to]));
    }
    list
}

#[cfg(feature = "transformers")]
fn write_tensors(path: &Path, list: &[(String, Vec<usize>, Vec<f32>)]) {
    let list: Vec<(&str, &[usize], Vec<f32>)> = list.iter().map(|(n, s, v)| (&**n, &**s, v.clone())).collect();
    write(path, "model.safetensors", tensors(&list));
}

#[cfg(feature = "transformers")]
#[test]
fn transformer_folders() {
    for kind in ["bert", "xlm-roberta"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let list = bert(path, kind);
        write(path, "pytorch_model.bin", "");
        assert!(
            refusal(path).contains("model.safetensors is missing; pytorch_model.bin is there"),
            "{}",
            refusal(path)
        );
        write_tensors(path, &list[..list.len() - 1]);
        assert!(refusal(path).contains("encoder.layer.0.output.dense.bias"), "{}", refusal(path));
        let mut other = list.clone();
        other[0].1 = vec![4, 6];
        write_tensors(path, &other);
        assert!(refusal(path).contains("[4, 6]"), "{}", refusal(path));
        assert!(!refusal(path).contains('\n'), "no backtrace: {}", refusal(path));
        let whole = std::fs::read(path.join("model.safetensors")).unwrap();
        write(path, "model.safetensors", &whole[..whole.len() - 4]);
        assert!(refusal(path).contains("is it whole, or was a download cut off?"), "{}", refusal(path));
        write_tensors(path, &list);
        let encoder = model(path);

        // A token's vector: its embedding to mean 0 and deviation 1 (again and again changes nothing).
        let token = |id: usize| {
            let e = &list[0].2[id * 4..][..4];
            let mean = e.iter().sum::<f32>() / 4.0;
            let deviation = (e.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 4.0).sqrt();
            e.iter().map(|x| (x - mean) / deviation).collect::<Vec<f32>>()
        };
        let want = |ids: &[usize]| {
            let mut sum = [0.0f32; 4];
            ids.iter().for_each(|&id| sum.iter_mut().zip(token(id)).for_each(|(s, t)| *s += t));
            let norm = sum.iter().map(|x| x * x).sum::<f32>().sqrt();
            sum.map(|x| x / norm)
        };
        let texts = ["red blue", "green", "", "red green blue red"];
        // The window holds six tokens: the last text just fits.
        let ids: [&[usize]; 4] = [&[1, 3, 5, 2], &[1, 4, 2], &[], &[1, 3, 4, 5, 3, 2]];
        let v = embed(&encoder, &texts);
        for (i, ids) in ids.iter().enumerate() {
            let want = if ids.is_empty() { [0.0; 4] } else { want(ids) };
            assert!(v[i * 4..][..4].iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-4), "{kind} {i}: {v:?} {want:?}");
        }

        write(path, "1_Pooling/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#);
        let v = embed(&model(path), &["red blue"]);
        assert!(v.iter().zip(want(&[1])).all(|(a, b)| (a - b).abs() < 1e-4), "{v:?}");
        write(path, "1_Pooling/config.json", r#"{"pooling_mode_max_tokens": true}"#);
        assert!(refusal(path).contains("pooling_mode_max_tokens"), "{}", refusal(path));
    }
}

/// A `.npy` file of rows of two values.
fn npy(rows: &[f32]) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 2), }}\n", rows.len() / 2);
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes().chain(rows.iter().flat_map(|v| v.to_le_bytes())));
    file
}

#[test]
fn precomputed_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let document = lines(&["abcd", "", "ab"]);
    assert_eq!(document.len(), 3, "an empty line is a segment");
    let rows = vec![3.0, 4.0, 1.0, 1.0, 0.0, 2.0];
    write(path, "v.txt.safetensors", tensors(&[("x", &[3, 2], rows.clone())]));
    write(path, "w.txt.npy", npy(&rows));
    let loaded = load(&EncoderChoice::Path(path.into()), None).unwrap().unwrap();
    for name in ["v.txt", "w.txt"] {
        let vectors = precomputed::Precomputed::open(path).unwrap();
        let features = vectors.features(Path::new(name), &document).unwrap();
        let want = [2.4, 3.2, 0.0, 0.0, 0.0, 2.0];
        assert!(features.data.iter().zip(want).all(|(a, b): (&f32, f32)| (a - b).abs() < 1e-6), "{:?}", features.data);
        let mut out = vec![0.0; 2];
        loaded.encoder().project(&[2.4, 5.2], &mut out).unwrap();
        assert!((out[0].hypot(out[1]) - 1.0).abs() < 1e-6);
        assert!(loaded.encoder().features(&["x"], &mut out).unwrap_err().to_string().contains("whole documents only"));
    }
    let said = |name: &str, document: &Document| loaded.features(Path::new(name), document).unwrap_err().to_string();
    let short = said("w.txt", &lines(&["one"]));
    assert!(
        short.contains("w.txt.npy: 3 rows of vectors for a text of 1 segments: encode what `hexapla segment`"),
        "{short}"
    );
    write(path, "x.safetensors", tensors(&[("a", &[1, 1], vec![1.0]), ("b", &[1, 1], vec![1.0])]));
    assert!(said("x", &document).contains("none is named embeddings"), "{}", said("x", &document));
    write(path, "x.safetensors", tensors(&[("a", &[3, 1], vec![1.0; 3])]));
    let other = said("x", &document);
    assert!(
        other.contains("x.safetensors: its rows have 1 values, those of") && other.contains("v.txt.safe"),
        "{other}"
    );
    let whole = tensors(&[("a", &[3, 2], rows.clone())]);
    write(path, "x.safetensors", &whole[..whole.len() - 8]);
    assert!(said("x", &document).contains("is it whole, or was a download cut off?"), "{}", said("x", &document));
    write(path, "x.safetensors", tensors(&[("a", &[3, 2], vec![1.0, 1.0, 1.0, f32::NAN, 1.0, 1.0])]));
    assert!(
        said("x", &document).contains("row 1 (from 0) holds a value that is not finite"),
        "{}",
        said("x", &document)
    );
    // More than any vectors of three segments can be; written without its bytes.
    std::fs::File::create(path.join("x.safetensors")).unwrap().set_len(1 << 30).unwrap();
    assert!(said("x", &document).contains("too many for vectors of 3 segments"), "{}", said("x", &document));
    assert!(
        said("a/y.txt", &document).contains("no vectors for a/y.txt: write them to"),
        "{}",
        said("a/y.txt", &document)
    );
}

#[test]
fn vectors_lie_as_texts_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, "ru/talks.txt.npy", npy(&[1.0, 2.0]));
    write(path, "talks.txt.npy", npy(&[1.0, 2.0]));
    let vectors = precomputed::Precomputed::open(path).unwrap();
    for (text, want) in [
        ("/corpus/ru/talks.txt", "ru/talks.txt.npy"),
        ("ru/talks.txt", "ru/talks.txt.npy"),
        ("../ru/./talks.txt", "ru/talks.txt.npy"),
        ("ru/../talks.txt", "talks.txt.npy"),
        ("corpus/en/talks.txt", "talks.txt.npy"),
    ] {
        assert_eq!(vectors.find(Path::new(text)).unwrap(), path.join(want), "{text}");
    }
    let loaded = Loaded::Vectors(vectors);
    loaded.check(&[Path::new("en/talks.txt"), Path::new("ru/talks.txt")]).unwrap();
    let said = loaded.check(&[Path::new("en/talks.txt"), Path::new("de/talks.txt")]).unwrap_err().to_string();
    assert!(said.contains("would serve both en/talks.txt and de/talks.txt"), "{said}");
}
