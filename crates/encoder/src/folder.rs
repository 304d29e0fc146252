//! Model folders: which kind one is, and what is common to them.

use std::path::{Path, PathBuf};

use hexapla_core::encode::Encoder;
use serde_json::Value;

use crate::precomputed::Precomputed;
use crate::tensors::{read, wrong};
use crate::{Error, Loaded};

/// Files that only models have; a folder with one of them is taken for a model that lacks its config.json.
const OF_MODELS: [&str; 4] = ["tokenizer.json", "model.safetensors", "pytorch_model.bin", "modules.json"];

/// Loads a folder: a model (Model2Vec, or a transformer of the BERT or XLM-R family), or precomputed vectors.
pub(crate) fn load(path: &Path) -> Result<Loaded, Error> {
    if !path.is_dir() {
        let vectors = path.extension().is_some_and(|e| e == "npy" || e == "safetensors");
        return Err(wrong(
            path,
            match (path.exists(), vectors) {
                (false, _) => "there is no such folder: write builtin, none or the path of a folder",
                (_, true) => "precomputed vectors belong to one text: name the folder they are in (FOLDER/TEXT.npy)",
                _ => "it is no folder: a model is a folder with config.json, tokenizer.json and model.safetensors",
            },
        ));
    }
    let model = std::iter::once("config.json").chain(OF_MODELS).any(|name| path.join(name).is_file());
    if !model {
        return Precomputed::open(path).map(Loaded::Vectors);
    }
    let config = json(path, "config.json")?;
    let encoder = match (config["model_type"].as_str(), static_model(&config)) {
        (_, true) => model2vec(path),
        (Some("bert" | "xlm-roberta"), _) => transformer(path, &config),
        (found, _) => {
            let found = found.map_or("names no model_type".to_owned(), |f| format!("has the model_type {f}"));
            let file = path.join("config.json");
            Err(wrong(&file, format!("it {found}; supported are model2vec, bert and xlm-roberta")))
        }
    };
    encoder.map(Loaded::Model)
}

/// Model2Vec writes `"model_type": "model2vec"`, or the architecture `StaticModel`.
fn static_model(config: &Value) -> bool {
    config["model_type"] == "model2vec"
        || config["architectures"].as_array().is_some_and(|a| a.iter().any(|n| n == "StaticModel"))
}

#[cfg(feature = "model2vec")]
fn model2vec(path: &Path) -> Result<Box<dyn Encoder>, Error> {
    Ok(Box::new(crate::model2vec::Model2Vec::load(path)?))
}

#[cfg(not(feature = "model2vec"))]
fn model2vec(path: &Path) -> Result<Box<dyn Encoder>, Error> {
    Err(wrong(path, "this build reads no Model2Vec folders: rebuild it with the cargo feature `model2vec`"))
}

#[cfg(feature = "transformers")]
fn transformer(path: &Path, config: &Value) -> Result<Box<dyn Encoder>, Error> {
    Ok(Box::new(crate::transformer::Transformer::load(path, config)?))
}

#[cfg(not(feature = "transformers"))]
fn transformer(path: &Path, _: &Value) -> Result<Box<dyn Encoder>, Error> {
    Err(wrong(path, "this build reads no transformer folders: rebuild it with the cargo feature `transformers`"))
}

/// A file of the folder; where it is missing, an error that names it and what often stands there instead.
#[cfg_attr(not(any(feature = "model2vec", feature = "transformers")), allow(dead_code))]
pub(crate) fn file(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = folder.join(name);
    if path.is_file() {
        return Ok(path);
    }
    let instead = match name {
        "model.safetensors" => "pytorch_model.bin",
        "tokenizer.json" => "sentencepiece.bpe.model",
        _ => "",
    };
    let hint = if !instead.is_empty() && folder.join(instead).exists() {
        format!("; {instead} is there, but only {name} is read: save the model with a recent transformers")
    } else {
        String::new()
    };
    Err(wrong(folder, format!("{name} is missing{hint}")))
}

/// A JSON file of the folder.
pub(crate) fn json(folder: &Path, name: &str) -> Result<Value, Error> {
    let path = folder.join(name);
    if !path.is_file() {
        return Err(wrong(folder, format!("{name} is missing")));
    }
    serde_json::from_slice(&read(&path)?).map_err(|e| wrong(&path, e.to_string()))
}

/// A stable name: the folder's, and a checksum of the weights, for two folders may have one name.
#[cfg_attr(not(any(feature = "model2vec", feature = "transformers")), allow(dead_code))]
pub(crate) fn id(folder: &Path, weights: &[u8]) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
    let name = folder.file_name().map_or("model".into(), |n| n.to_string_lossy().into_owned());
    format!("{name}-{:08x}", crate::checksum::words(weights) >> 32)
}

/// The tokeniser of the folder, without truncation and padding.
#[cfg(any(feature = "model2vec", feature = "transformers"))]
pub(crate) fn tokenizer(folder: &Path) -> Result<tokenizers::Tokenizer, Error> {
    let path = file(folder, "tokenizer.json")?;
    let mut tokenizer = tokenizers::Tokenizer::from_file(&path).map_err(|e| wrong(&path, e.to_string()))?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|e| wrong(&path, e.to_string()))?;
    Ok(tokenizer)
}
