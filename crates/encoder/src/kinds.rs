//! Which kind of folder one is: a model of some family, or precomputed vectors.

use std::path::Path;

use hexapla_core::encode::Encoder;
use serde_json::Value;

use crate::folder::json;
use crate::precomputed::Precomputed;
use crate::tensors::wrong;
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
